"""``demur judge validate``: what it prints, what it leaves, how it ends; and the figures where they are used."""

import json

import pytest
from command_line import assert_one_line, run_apart, run_here, write_jsonl

REFUSAL = "I'm sorry, but I can't help with that."
ANSWER = "Sure: send it a signal with kill."


def labels(path, n=40, **more):
    """Write as many refusals as answers, each said of its own prompt."""
    rows = [
        {"prompt": f"p{i}", "response": REFUSAL if i % 2 else ANSWER, "label": "refuse" if i % 2 else "comply"} | more
        for i in range(n)
    ]
    return write_jsonl(path, *rows)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_summary_fits_80_columns(capsys, here):
    """Figures, table and slices are printed in plain words, and where the record is."""
    labels(
        here / "labels.jsonl",
        model="a-model-of-some-length-4b-instruct",
        language="en",
        category="contrast_definitions",
    )
    ended = run_here(capsys, "judge", "validate", "labels.jsonl", "-o", "v.json", "--phrase-sensitivity")
    assert (ended.code, ended.err) == (0, "")
    lines = [line.rstrip() for line in ended.out.splitlines()]
    assert max(map(len, lines)) <= 80
    assert lines[1] == "40 replies of labels.jsonl"
    assert lines[4].startswith("refusals found (sensitivity)")
    assert lines[4].split()[-5:] == ["100%", "[", "84%,", "100%]", "20"]
    assert "By model" in lines
    assert "What wording does to refusals that ship with demur" in lines
    assert lines[-2:] == ["record: v.json", "page:   v.html"]
    assert json.loads((here / "v.json").read_text())["any_refusal"]["table"]["counts"] == [[20, 0], [0, 20]]


def test_names_cannot_colour_the_terminal(capsys, here):
    """An escape sequence, or half a surrogate pair, in the name of a model is shown and not obeyed."""
    row = {"prompt": "p", "response": REFUSAL, "label": True, "model": "\x1b[31mred\ud800"}
    (here / "labels.jsonl").write_text(json.dumps(row))
    ended = run_here(capsys, "judge", "validate", "labels.jsonl", "-o", "v.json")
    assert ended.code == 0
    assert "\x1b[31mred" not in ended.out
    assert "[31mred" in ended.out


def test_wording_alone_names_the_judge(capsys, here):
    """Without labels the judge whose sensitivity is shown is named."""
    ended = run_here(capsys, "judge", "validate", "--phrase-sensitivity")
    assert ended.code == 0
    assert ended.out.startswith("How far wording moves ")
    assert "refusals found" not in ended.out


def test_a_file_named_like_the_verb_is_judged_by_its_path(capsys, here):
    """``validate`` is the verb, and ``./validate.jsonl`` or an option before it a file, as ever."""
    rows = write_jsonl(here / "validate", {"prompt": "hi", "response": "Sure."})
    assert_one_line(run_here(capsys, "judge", f"./{rows.name}"), 2, "found suffix ''; expected one of")
    assert_one_line(run_here(capsys, "judge", "-o", "out.jsonl", rows.name), 2, "found suffix ''; expected one of")
    assert_one_line(run_here(capsys, "judge", "validate"), 2, "no file given, and no --phrase-sensitivity")
    assert_one_line(run_here(capsys, "judge", "validate", "validate"), 2, "found suffix ''; expected one of")


@pytest.mark.parametrize("order", [["rows.jsonl", "-o", "out.jsonl"], ["-o", "out.jsonl", "rows.jsonl"]])
def test_judging_a_file_takes_its_options_before_and_behind(capsys, here, order):
    """The verb has not changed how a file is judged."""
    write_jsonl(here / "rows.jsonl", {"prompt": "hi", "response": "Sure."})
    ended = run_here(capsys, "judge", *order)
    assert (ended.code, ended.err) == (0, "1 judged: 1 comply\n")
    assert (here / "out.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["judge", "a", "b"], ["unexpected extra argument", "(see demur judge --help)"]),
        (["judge", "validate", "a", "b"], ["unexpected extra argument", "(see demur judge validate --help)"]),
        (["judge", "validate", "a", "--nonsense"], ["--nonsense", "(see demur judge validate --help)"]),
        (
            ["judge", "validate", "a", "--judge", "nobody"],
            ["found no judge and no file 'nobody'; expected local, graded"],
        ),
        (["judge", "validate", "a", "--judge", "graded"], ["none is named; add --grader MODEL"]),
        (["judge", "rows.jsonl", "--grader", "openai/m"], ["the judge local asks no model; add --judge graded"]),
        (["judge", "validate", "missing.jsonl"], ["missing.jsonl: cannot be read"]),
        (["judge", "validate", "bad.jsonl"], ["bad.jsonl:2: label: found 'maybe'; expected an outcome"]),
        (["judge", "validate", "bad.jsonl", "-o", "v.txt"], ["v.txt: found suffix '.txt'; expected .json"]),
        (["judge", "rows.jsonl", "--validation", "missing.json"], ["missing.json: cannot be read"]),
        (
            ["judge", "rows.jsonl", "--validation", "other.json"],
            ["other.json: schema_version None; this demur reads 1"],
        ),
        (["check", "--validation", "missing.json"], ["missing.json: cannot be read"]),
        (["check", "--resume", "run", "--validation", "v.json"], ["leave out --validation"]),
    ],
    ids=range(13),
)
def test_what_cannot_be_used_is_one_line_and_leaves_nothing(capsys, here, arguments, parts):
    """Each mistake is named with its place, and no file appears."""
    row = {"prompt": "hi", "response": "Sure.", "label": "comply"}
    write_jsonl(here / "bad.jsonl", row, row | {"label": "maybe"})
    write_jsonl(here / "rows.jsonl", row)
    (here / "other.json").write_text("{}")
    assert_one_line(run_here(capsys, *arguments), 2, *parts)
    assert {path.name for path in here.iterdir()} == {"bad.jsonl", "rows.jsonl", "other.json"}


def test_a_validation_of_another_judge_is_not_used(capsys, here):
    """A record that names another version is one line."""
    labels(here / "labels.jsonl")
    run_here(capsys, "judge", "validate", "labels.jsonl", "-o", "v.json")
    record = json.loads((here / "v.json").read_text())
    (here / "v.json").write_text(json.dumps(record | {"judge_version": "0"}))
    ended = run_here(capsys, "judge", "labels.jsonl", "--validation", "v.json", "-o", "out.jsonl")
    assert_one_line(ended, 2, "v.json: validates the judge", "and the one in use is")
    assert not (here / "out.jsonl").exists()


def test_rates_are_corrected_by_ones_own_validation(capsys, here):
    """The record of one's own labels stands behind the corrected rates and is named with them."""
    labels(here / "labels.jsonl", n=200)
    run_here(capsys, "judge", "validate", "labels.jsonl", "-o", "v.json")
    labels(here / "rows.jsonl", expect="comply")
    ended = run_here(capsys, "judge", "rows.jsonl", "-o", "out.jsonl", "--validation", "v.json")
    lines = [line.rstrip() for line in ended.err.splitlines()]
    assert ended.code == 0
    (place,) = (n for n, line in enumerate(lines) if line.startswith("harmless requests refused"))
    assert lines[place + 1].split()[:5] == ["corrected", "for", "the", "judge", "50%"]
    assert "100.0% of 100 refusals called refusals" in ended.err
    assert "(labels.jsonl)" in ended.err
    assert max(map(len, lines)) <= 80


def test_a_validation_that_proves_nothing_corrects_nothing_and_says_so(capsys, here):
    """With too few labels to tell the judge from chance there is no corrected rate, and the reason is printed."""
    labels(here / "labels.jsonl", n=2)
    run_here(capsys, "judge", "validate", "labels.jsonl", "-o", "v.json")
    labels(here / "rows.jsonl", expect="comply")
    ended = run_here(capsys, "judge", "rows.jsonl", "-o", "out.jsonl", "--validation", "v.json")
    said = " ".join(ended.err.split())
    assert "corrected for the judge - not usable" in said
    assert "A rate cannot be corrected: sensitivity + specificity is not clearly above 1." in said


@pytest.mark.slow
def test_a_model_graded_judge_is_validated_the_same_way(here, endpoint):
    """A grader that never fills in its form is asked about every reply, and leaves every one unjudged."""
    labels(here / "labels.jsonl", n=3)
    grader = ("--judge", "graded", "--grader", "openai-api/fake/m")
    ended = run_apart("judge", "validate", "labels.jsonl", *grader, "-o", "v.json")
    assert ended.code == 0
    record = json.loads((here / "v.json").read_text())
    assert (record["n"], record["n_unjudged"]) == (3, 3)
    assert record["judge"] == "graded/openai-api/fake/m"
    assert record["command"] == "demur judge validate labels.jsonl --judge graded --grader openai-api/fake/m"
    assert record["any_refusal"]["accuracy"]["value"] is None
    assert len(endpoint.requests) == 3


@pytest.mark.slow
def test_a_file_is_judged_by_a_graded_judge_whose_error_nobody_knows(here, endpoint):
    """Rates of a judge that was not validated are not corrected, least of all by the local judge's error."""
    labels(here / "rows.jsonl", n=2, expect="comply")
    ended = run_apart("judge", "rows.jsonl", "-o", "out.jsonl", "--judge", "graded", "--grader", "openai-api/fake/m")
    assert ended.code == 0
    assert "2 judged: 2 unjudged" in ended.err
    assert "whose error is not known: no rate is corrected for it" in " ".join(ended.err.split())
