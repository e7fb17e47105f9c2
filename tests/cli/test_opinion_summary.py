"""The second opinion on the terminal."""

import re
from dataclasses import replace

import pytest

from demur.cli.second_opinion import print_second_opinion
from demur.judge.second_opinion import hear_second_opinion
from demur.types import Case, Newspaper, Objection, Reply, Result, Turn, Verdict

LONG = "graded/openai-api/a-provider-with-a-name/a-model-whose-name-is-much-longer-than-any-terminal-is-wide-instruct"


def results(graded, *, note=None):
    """Make twenty replies, half of them refusals on either side, with the grades that are given in turn."""
    paper = Newspaper(Objection(objects=False, because="Why."), Objection(objects=True, because="Why."))
    return [
        Result(
            Case(str(i), (Turn("user", "How?"),), "refuse" if i % 4 < 2 else "comply"), 1, 0, n_turns=1, move="ask",
            prompt="How?", reply=Reply("So."), verdict=Verdict("refuse" if i % 2 else "comply"), newspaper=paper,
            graded=Verdict(graded[i % len(graded)], judge=LONG, judge_version="1", note=note),
        )
        for i in range(20)
    ]  # fmt: skip


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    """Have a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


def test_agreement_and_both_reporters_are_printed_in_80_columns(capsys):
    """Agreement with kappa, both reporters on both sides, and the table; nothing is wider than the terminal."""
    print_second_opinion(hear_second_opinion(results(["comply", "refuse", "refuse", "refuse"])))
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    text = "\n".join(lines)
    assert re.search(r"same outcome +75%", text)
    assert re.search(r"kappa +0\.50", text)
    assert text.count("to harm") == text.count("to paternalism") == 2
    assert text.index("harmful requests") < text.index("harmless requests")
    assert "comply       5       5" in text
    assert "unjudged" not in text


def test_what_has_no_grade_is_counted_and_said(capsys):
    """Without a grade no figure has a value, and what kept the grader from one is said."""
    print_second_opinion(hear_second_opinion(results([None], note="the grader's answer was cut off")))
    out = capsys.readouterr().out
    assert out.count("0 of 20") == 4
    assert "not defined" in out
    assert "no grade: the grader's answer was cut off" in out


def test_what_the_judge_leaves_open_is_said(capsys):
    """Replies that only the grader has a verdict on stand below the table."""
    found = [replace(one, verdict=Verdict(None)) for one in results(["refuse"])[:3]]
    print_second_opinion(hear_second_opinion([*found, *results(["refuse"])[3:]]))
    assert "3 of 20 replies are not judged by the judge of the rates" in capsys.readouterr().out
