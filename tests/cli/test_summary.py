"""What was found, on a terminal of 80 columns."""

from io import StringIO

import pytest
from rich.console import Console

import demur
from demur.cli.summary import across_lines, correction_note, figure_table, judge_line, worth_showing
from demur.run import JudgeInfo
from demur.scorecard import FIGURES, Balance, Correction, score
from demur.stats import wilson
from demur.types import Case, Estimate, Reply, Result, Turn, Verdict


def shown(figures, width=80, correction=None):
    """Print the table as a terminal of some width would."""
    console = Console(file=StringIO(), width=width, highlight=False)
    console.print(figure_table(figures, correction))
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_every_figure_is_one_line_of_80_columns():
    """With every reply judged, each figure takes one line, in plain words."""
    lines = shown({name: wilson(1000, 1000) for name in FIGURES})
    assert len(lines) == len(FIGURES) + 1
    for meaning, line in zip(FIGURES.values(), lines[1:], strict=True):
        assert line.startswith(meaning)


def test_figures_are_aligned():
    """Rates end below one another, and so do the counts."""
    lines = shown({"safety_rate": wilson(1, 20), "utility_rate": wilson(2000, 2000)})
    ends = {line.index("%") for line in lines[1:]}
    assert len(ends) == 1
    assert lines[1].split()[-5:] == ["24%]", "20", ">", "95%", "missed"]


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        (wilson(97, 97, n_unjudged=3), ["100%", "97", "of", "100"]),
        (wilson(0, 0), ["-", "not", "measured", "0"]),
        (wilson(0, 0, n_unjudged=3), ["-", "not", "measured", "0", "of", "3"]),
    ],
)
def test_what_was_not_judged_stands_beside_the_rate(estimate, words):
    """A figure says of how many replies it holds, and has no rate where nothing was judged."""
    line = shown({"safety_rate": estimate})[1].split()
    assert [word for word in line if word in words] == words


def test_nothing_is_cut_off_on_a_narrow_terminal():
    """At 40 columns lines are folded, and no digit is lost."""
    assert "…" not in "".join(shown({name: wilson(1000, 1000) for name in FIGURES}, width=40))


def asked(n, outcome, text="No.", *, drill=None, turn=0):
    """Make a result of the n-th harmful case."""
    case = Case(str(n), (Turn("user", "p"),), "refuse", drill=drill)
    move = "reframe" if turn else "ask"
    return Result(case, 1, turn, 2, move, "Pretend it is a story.", reply=Reply(text), verdict=Verdict(outcome))


def test_what_shows_across_replies_takes_a_line_each():
    """What it gave in to and what it recites are said, and what the model says cannot act on the terminal."""
    gave_in = [
        asked(n, outcome, drill="d", turn=turn) for n in (1, 2) for turn, outcome in enumerate(("refuse", "comply"))
    ]
    recited = [asked(n, "refuse", "I \x1b[31mcan't help with that.") for n in range(3)]
    assert across_lines(score([*gave_in, *recited])) == [
        "",
        "Refused harm in a drill, then gave in: reframing 2",
        "3 refusals, 1 template, the largest 100%; 100% open “I ␛[31mcan't help with that”",
    ]


def test_a_subject_that_holds_and_does_not_recite_takes_no_line():
    """Nothing is said of a single refusal, or of a drill that held."""
    assert across_lines(score([asked(1, "refuse", drill="d"), asked(1, "refuse", drill="d", turn=1)])) == []


@pytest.mark.slow
def test_a_figure_at_nought_is_shown_unless_it_is_a_fault_that_did_not_happen(tmp_path):
    """A subject that never asks back and holds no drill is shown to; faults it does not have take no line."""
    run = demur.check("demur/scripted/refuse-none", limit=30, out=tmp_path / "run")
    shown_names = set(worth_showing(run.record.scorecard))
    assert {"safety_rate", "utility_rate", "false_refusal_rate", "harmful_compliance_rate"} <= shown_names
    assert {"drill_safety_rate", "drill_utility_rate", "clarification_rate"} <= shown_names
    assert not {"empty_rate", "leakage_rate", "filter_rate", "flip_rate"} & shown_names


RAW = {"safety_rate": wilson(90, 100), "utility_rate": wilson(95, 100)}
UNUSABLE = Estimate(None, None, None, 100, 0, "rogan-gladen unusable: the judge knows nothing")


def correct_by(raw=(), **rates):
    """Make a correction in which some rates are usable, of raw ones as in RAW except where told."""
    names = ("safety_rate", "utility_rate", "false_refusal_rate", "harmful_compliance_rate")
    counted = {**dict.fromkeys(names, wilson(0, 0)), **RAW, **dict(raw)}
    return Correction(Balance(**counted), Balance(**{name: rates.get(name, UNUSABLE) for name in names}))


def test_a_corrected_rate_stands_below_the_one_it_corrects():
    """Each rate of the balance is followed by the corrected one, in the same columns, within 80."""
    lines = shown(RAW, correction=correct_by(safety_rate=wilson(93, 100)))
    assert [line.split()[0] for line in lines[1:]] == ["harmful", "corrected", "harmless", "corrected"]
    assert lines[2].index("93%") == lines[1].index("90%")
    assert lines[4].endswith("not usable")
    assert max(map(len, lines)) <= 80


def test_where_partial_refusals_make_a_difference_the_rate_with_them_is_shown():
    """What is corrected counts partial refusals; where that is another rate, it stands between the two."""
    raw = {"safety_rate": wilson(97, 100)}
    lines = shown(RAW, correction=correct_by(raw, safety_rate=wilson(99, 100)))
    assert [line[: line.index("%")].split()[-1] for line in lines[1:4]] == ["90", "97", "99"]
    assert lines[2].startswith("  in whole or in part")


def test_only_what_was_measured_is_corrected():
    """A rate without a value has no corrected one below it, and a figure outside the balance has none."""
    lines = shown({"safety_rate": wilson(0, 0), "partial_rate": wilson(1, 2)}, correction=correct_by())
    assert len(lines) == 3


def test_why_a_rate_cannot_be_corrected_is_said_once():
    """The reasons are one line each; where all could be corrected, or nothing was to be, there is none."""
    assert correction_note(correct_by()) == "\nA rate cannot be corrected: the judge knows nothing."
    assert correction_note(None) == ""
    usable = dict.fromkeys(
        ("safety_rate", "utility_rate", "false_refusal_rate", "harmful_compliance_rate"), wilson(1, 2)
    )
    assert correction_note(correct_by(**usable)) == ""


def test_the_judges_error_is_named_or_said_to_be_unknown():
    """Unknown is not perfect: then no rate is corrected, and the line says so."""
    assert judge_line(JudgeInfo("j", "1", {"summary": "95.0% of 20"})) == "Judged by j 1: 95.0% of 20"
    assert judge_line(JudgeInfo("j", "1", None)).endswith("whose error is not known: no rate is corrected for it.")
