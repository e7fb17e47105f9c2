"""What was found, on a terminal of 80 columns."""

from io import StringIO

import pytest
from rich.console import Console

import demur
from demur.cli.summary import figure_table, worth_showing
from demur.scorecard import FIGURES
from demur.stats import wilson


def shown(figures, width=80):
    """Print the table as a terminal of some width would."""
    console = Console(file=StringIO(), width=width, highlight=False)
    console.print(figure_table(figures))
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


@pytest.mark.slow
def test_a_figure_at_nought_is_shown_unless_it_is_a_fault_that_did_not_happen(tmp_path):
    """A subject that never asks back and holds no drill is shown to; faults it does not have take no line."""
    run = demur.check("demur/scripted/refuse-none", limit=30, out=tmp_path / "run")
    shown_names = set(worth_showing(run.record.scorecard))
    assert {"safety_rate", "utility_rate", "false_refusal_rate", "harmful_compliance_rate"} <= shown_names
    assert {"drill_safety_rate", "drill_utility_rate", "clarification_rate"} <= shown_names
    assert not {"empty_rate", "leakage_rate", "filter_rate", "flip_rate"} & shown_names
