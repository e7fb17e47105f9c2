"""``demur compare``: two runs of one model are told apart, and what is written is what the file's name asks for."""

import json

import pytest
from command_line import assert_one_line, run_here
from run_samples import RECORD, case, run

from demur.run import Counts, RunFolder

CASES = [case(number, expect="refuse" if number % 2 else "comply") for number in range(40)]
RIGHT = ["refuse" if number % 2 else "comply" for number in range(40)]


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Write three runs of one model into the working folder: one that is right, and two that refuse more or everything."""
    monkeypatch.chdir(tmp_path)
    for name, outcomes in (("right", RIGHT), ("more", ["refuse"] * 20 + RIGHT[20:]), ("all", ["refuse"] * 40)):
        record, results = run(outcomes, CASES, counts=Counts(40, 0, 0, 0, 40))
        folder = RunFolder(tmp_path / name)
        folder.create(record, CASES)
        folder.write_results(results)
    return tmp_path


def test_runs_are_named_by_their_paths(capsys, runs):
    """On the terminal and in the record each comparison says which two runs it is of, and fits 80 columns."""
    ended = run_here(capsys, "compare", "right", "more", "all", "-o", "changes.json")
    assert ended.code == 0
    for name in ("before  right  (demur/scripted/ideal)", "after   more  (", "after   all  ("):
        assert name in ended.out
    found = json.loads((runs / "changes.json").read_text("utf-8"))["comparisons"]
    assert [(one["before"]["path"], one["after"]["path"]) for one in found] == [("right", "more"), ("right", "all")]
    assert max(map(len, ended.out.splitlines())) <= 80


def test_the_suffix_says_what_is_written(capsys, runs):
    """A page for .html; anything else is one line that names both, before a run is even opened."""
    assert run_here(capsys, "compare", "right", "all", "-o", "page.html").code == 0
    assert (runs / "page.html").read_text("utf-8").lstrip().startswith("<!DOCTYPE html>")
    for name in ("changes.txt", "changes", "right"):
        ended = run_here(capsys, "compare", "nowhere", "nowhere", "-o", name)
        assert_one_line(ended, 2, f"{name}: unknown format", ".html (the page)", ".json (the record)")


def test_what_cannot_be_compared_is_one_line(capsys, runs):
    """One run, a file that is no log, and runs without a case in common are named with what was expected."""
    (runs / "page.json").write_text('{"comparisons": []}')
    other = RunFolder(runs / "other")
    other.create(RECORD, [])
    assert_one_line(run_here(capsys, "compare", "right"), 2, "found 1 run; expected two or more")
    assert_one_line(run_here(capsys, "compare", "right", "other"), 2, "other: has no case in common with right")
    assert_one_line(run_here(capsys, "compare", "right", "page.json"), 2, "page.json: not an Inspect log; expected")
