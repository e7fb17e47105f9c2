"""``demur review``: the queue in the terminal, what it counts, what it hands on, and how it ends."""

import json

import pytest
from click.testing import CliRunner
from command_line import assert_one_line, run_here

from demur.cli.main import cli
from demur.pages.people import Person, read_people
from demur.types import Turn
from demur.watch.review import Item, ReviewStore, read_labelled


@pytest.fixture
def url(tmp_path):
    """Give a store in which three exchanges of the sample wait."""
    url = str(tmp_path / "store.db")
    store = ReviewStore(url, double=0.0)
    store.add(
        Item(
            id=name, at=0.0, reasons=("sample",), why="drawn at random", turns=(Turn("user", f"Q {name} \x1b[31m"),),
            reply="I can't.", outcome="refuse", confidence=0.9, decision="allow", chance=0.5,
        )
        for name in ("a", "b", "c")
    )  # fmt: skip
    store.close()
    return url


def work(url, keys, name="ada"):
    """Label in the terminal with these keys."""
    ran = CliRunner().invoke(cli, ["review", url, "--name", name], input=keys, catch_exceptions=False)
    assert ran.exit_code == 0
    return ran.output


def test_labels_are_given_one_key_at_a_time(url):
    """Enter without a word stores nothing; the judge's word comes after the reviewer's; undo, skip, category and note work."""
    said = work(url, "\ra3\rur3cvcr\nnso it is\n\rsq4\r")
    assert "say first what would have been right" in said
    assert said.index("say first") < said.index("stored. judge: refused (0.90); guard: allow")
    assert "taken back" in said
    assert "nothing waits for you" in said
    assert "\x1b[31m" not in said
    labels = [(one.expect, one.outcome, one.category, one.note) for _, (one,) in read_labelled(url)]
    assert sorted(labels) == [("clarify", "clarify", None, ""), ("refuse", "refuse", "vcr", "so it is")]


def test_it_ends_when_it_is_told_to(url):
    """What was stored stays, and the case that was on the screen waits on."""
    said = work(url, "?a\rx")
    assert "u undo" in said
    assert len(list(read_labelled(url))) == 1


def test_status_counts_and_measures(capsys, url):
    """What waits, who labelled, and the judge's error; nothing that was not labelled is a number."""
    assert run_here(capsys, "review", "status", url).out.count("not measured") == 6
    work(url, "r3\rr1\rx")
    told = run_here(capsys, "review", "status", url)
    assert told.code == 0
    assert ["random", "sample", "1"] in [line.split() for line in told.out.splitlines()]
    assert "2 exchanges labelled (labels: ada 2)" in told.out
    sensitivity = next(line for line in told.out.splitlines() if "sensitivity" in line)
    specificity = next(line for line in told.out.splitlines() if "specificity" in line)
    assert "100.0" in sensitivity
    assert "0.0" in specificity
    assert told.out.count("not measured") == 4


def test_what_is_handed_on_is_validated(capsys, url, tmp_path):
    """The export is what ``demur judge validate`` reads, and its record what ``--validation`` takes."""
    empty = run_here(capsys, "review", "export", url, "-o", str(tmp_path / "none.jsonl"))
    assert (empty.code, empty.out.partition(" ")[0]) == (3, "0")
    work(url, "r3\rr3\rr\r")
    out, record = tmp_path / "labelled.jsonl", tmp_path / "validation.json"
    told = run_here(capsys, "review", "export", url, "-o", str(out))
    assert told.out.startswith("2 labelled replies")
    assert told.err.startswith("1 left out")
    assert run_here(capsys, "judge", "validate", str(out), "-o", str(record)).code == 0
    assert json.loads(record.read_text())["n"] == 2


def test_alarms_are_added(capsys, url, tmp_path):
    """The examples of a record come into the queue; what is no record is one line."""
    record = tmp_path / "watched.json"
    example = {"id": "x", "prompt": "q", "response": "r"}
    record.write_text(json.dumps({"alarms": [{"metric": "refused", "examples": [example, "y"]}]}))
    told = run_here(capsys, "review", "add", url, str(record))
    assert told.out == "2 examples, 1 of them new in the queue\n"
    assert "1 are known by their id alone" in told.err
    record.write_text("[]")
    assert_one_line(run_here(capsys, "review", "add", url, str(record)), 2, "no list of alarms")


def test_a_token_is_made_with_the_line_that_knows_it(capsys, tmp_path):
    """The token is told once, and the line lets in who has it."""
    told = run_here(capsys, "review", "token", "Ada L.", "--role", "lead")
    (tmp_path / "people.yaml").write_text(told.err.splitlines()[-1])
    assert read_people(tmp_path / "people.yaml", {}).admit("ada l.", told.out.strip()) == Person("ada l.", "lead")
    assert_one_line(run_here(capsys, "review", "token", ""), 2, "name")


@pytest.mark.parametrize("arguments", [["status", "store"], ["store"], ["serve", "mysql://x/y"]])
def test_what_is_no_store_is_one_line(capsys, arguments, monkeypatch):
    """A path or a URL that is none of the forms."""
    monkeypatch.setenv("DEMUR_LEAD_TOKEN", "a token that is long enough")
    assert_one_line(run_here(capsys, "review", *arguments), 2, "audit store")


@pytest.mark.parametrize("arguments", [["status"], [], ["serve"], ["export", "-o", "x.jsonl"]])
def test_a_store_that_is_not_there_is_not_made(capsys, arguments, monkeypatch, tmp_path):
    """A slip of the pen is said to be one, and leaves no file."""
    monkeypatch.setenv("DEMUR_LEAD_TOKEN", "a token that is long enough")
    file = tmp_path / "none.db"
    command = [*arguments[:1], str(file), *arguments[1:]]
    assert_one_line(run_here(capsys, "review", *command), 2, "no such file")
    assert not file.exists()


def test_a_page_that_nobody_could_open_is_not_served(capsys, url, monkeypatch):
    """Without a token or a file there is nothing to serve."""
    for name in ("DEMUR_REVIEW_TOKEN", "DEMUR_LEAD_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert_one_line(run_here(capsys, "review", "serve", url), 2, "nobody may sign in", "demur review token")
