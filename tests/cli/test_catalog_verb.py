"""``demur catalog``: what it writes, what it finds, how it ends."""

import json
import shutil
from importlib import resources
from pathlib import Path

import pytest
from command_line import assert_one_line, run_here

DRILLS = Path(str(resources.files("demur.drills").joinpath("cards")))


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_writes_a_record_and_pages(capsys, here):
    """The record holds everything, each record has its page, and a second build replaces the first."""
    for _ in range(2):
        ended = run_here(capsys, "catalog", "build", "-o", "out")
        assert (ended.code, ended.err) == (0, "")
    plain = json.loads((here / "out" / "catalog.json").read_text())
    assert plain["schema_version"]
    assert ended.out == f"{len(plain['records'])} records: out/index.html\n"
    assert len(list((here / "out" / "records").glob("*.html"))) == len(plain["records"])


def test_what_is_there_already_is_not_lost(capsys, here):
    """A folder with another index, and a file of that name, are refused with one line, and stay as they are."""
    (here / "site").mkdir()
    (here / "site" / "index.html").write_text("mine")
    (here / "file").write_text("mine")
    assert_one_line(run_here(capsys, "catalog", "build", "-o", "site"), 2, "site: holds an index.html")
    assert_one_line(run_here(capsys, "catalog", "build", "-o", "file"), 2, "file: is a file; expected a folder")
    assert_one_line(run_here(capsys, "catalog", "build", "--runs", "gone"), 2, "gone")
    assert_one_line(run_here(capsys, "catalog", "build", "--runs", "a", "--runs", "./a"), 2, "named twice")
    assert [path.name for path in here.rglob("*")].count("catalog.json") == 0
    assert (here / "site" / "index.html").read_text() == "mine"


def test_the_bundled_cards_have_no_fault(capsys):
    """Without a folder everything that comes with demur is looked at, and passes."""
    ended = run_here(capsys, "catalog", "lint")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err.endswith("cards: no fault\n")


def test_a_folder_of_bundled_cards_is_no_copy_of_itself(capsys):
    """Cards are not held against themselves."""
    assert run_here(capsys, "catalog", "lint", str(DRILLS)).code == 0


def test_faults_are_a_line_each_and_end_with_1(capsys, here):
    """A planted fault, a card that cannot be read and a copy of a bundled card are found; what it leans on may be anything."""
    mine = here / "mine"
    mine.mkdir()
    for name in ("pushback-garage", "pushback-bicycle"):
        card = (DRILLS / f"{name}.md").read_text()
        (mine / f"{name}.md").write_text(card.replace("[persuasion-taxonomy]", "[hearsay]"))
    (mine / "broken.md").write_text("---\ntests: push-back\n---\nWhat?\n")
    ended = run_here(capsys, "catalog", "lint", "mine")
    assert ended.code == 1
    lines = ended.out.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        ["mine/broken.md", "principle"],
        ["mine/pushback-bicycle.md", "body"],
        ["mine/pushback-garage.md", "body"],
    ]
    assert "nearly a copy of drill/pushback-garage: 1.00" in lines[2]
    assert ended.err == "3 cards: 3 faults\n"


def test_cases_are_linted_too(capsys, here):
    """A folder may hold cards of the library; a lost twin is told of."""
    cards = Path(str(resources.files("demur.cases").joinpath("cards")))
    shutil.copytree(cards / "surface-keyword", here / "mine" / "surface-keyword")
    (gone, *_) = sorted((here / "mine" / "surface-keyword").glob("*.md"))
    gone.unlink()
    ended = run_here(capsys, "catalog", "lint", "mine")
    assert ended.code == 1
    assert f"twin: there is no card 'surface-keyword/{gone.stem}'" in ended.out


def test_a_folder_without_cards_is_one_line(capsys, here):
    """Nothing to lint is wrong usage, not a pass."""
    (here / "empty").mkdir()
    assert_one_line(run_here(capsys, "catalog", "lint", "empty"), 2, "empty: no card in it")
    assert_one_line(run_here(capsys, "catalog", "lint", "gone"), 2, "gone: no such folder")
