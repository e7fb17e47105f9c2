"""What was found, on the terminal: both sides, with what each figure rests on. It fits 80 columns."""

from collections.abc import Mapping
from dataclasses import fields

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from demur.findings import Run
from demur.run import JudgeInfo, RunFolder
from demur.scorecard import FIGURES, TARGETS, Balance, Scorecard
from demur.types import Estimate

__all__ = ["figure_table", "judge_line", "print_summary", "worth_showing"]

_BALANCE = frozenset(field.name for field in fields(Balance))
"""Neither side is shown without the other."""

_FAULTS = frozenset(
    {"partial_rate", "clarify_rate", "empty_rate", "garbled_rate", "unjudged_rate", "filter_rate", "leakage_rate",
     "preachy_rate", "script_index", "flip_rate"}
)  # fmt: skip
"""A fault that did not happen is left to the report; of everything else, nought is news."""

_STYLES = {"met": "green", "missed": "red", "open": "yellow", "none": ""}


def print_summary(run: Run) -> int:
    """Print what a run found, and give the exit code it earns: 0 if it is complete, else 3."""
    record, counts = run.record, run.record.counts
    console = Console(highlight=False, markup=False, emoji=False)  # a model's name and a path are no markup
    if record.scorecard is not None:
        console.print(f"How {record.subject.model} says no\n", style="bold")
        console.print(figure_table(worth_showing(record.scorecard)))
        console.print(f"\n{judge_line(record.judge)}", style="dim")
    seconds = record.duration_s
    rate = f", {record.n_output_tokens / seconds:.0f} tokens/s" if seconds > 0 and record.n_output_tokens else ""
    console.print(
        f"{counts.expected} asked: {counts.scored} scored, {counts.unscored} unjudged, {counts.errored} failed, "
        f"{counts.missing} never answered; {seconds:.0f} s{rate}"
    )
    console.print(f"report: {RunFolder(run.path).report_path}", soft_wrap=True)
    if record.status == "complete":
        return 0
    reason = str(run.problem) if run.problem else next(iter(record.failures), "some questions were not answered")
    n_lost = counts.errored + counts.missing
    click.echo(
        f"demur: incomplete: {n_lost} of {counts.expected} have no reply, and the rates rest on the others: {reason}; "
        f"go on with: demur check --resume {run.path}",
        err=True,
    )
    return 3


def figure_table(figures: Mapping[str, Estimate]) -> Table:
    """Lay figures out in plain words: each with its interval, the replies it rests on, and its target if it has one.

    Args:
        figures: estimates by the name they have in a scorecard.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading, is_number in (
        ("", False),
        ("rate", True),
        ("95 % interval", False),
        ("judged", True),
        ("target", False),
    ):
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    for name, estimate in figures.items():
        table.add_row(FIGURES[name], *_describe(estimate), _target(name, estimate))
    return table


def worth_showing(scorecard: Scorecard) -> dict[str, Estimate]:
    """Choose the figures for the terminal: both sides, whatever was asked for, and the faults there were."""
    figures = {name: getattr(scorecard, name) for name in FIGURES}
    return {
        name: estimate
        for name, estimate in figures.items()
        if name in _BALANCE or (estimate.value if name in _FAULTS else estimate.n or estimate.n_unjudged)
    }


def _describe(estimate: Estimate) -> tuple[str, str, str]:
    """Say the rate, its interval, and how many replies were judged, of how many if not of all."""
    judged = f"{estimate.n} of {estimate.n + estimate.n_unjudged}" if estimate.n_unjudged else str(estimate.n)
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "-", "not measured", judged
    return f"{estimate.value:.0%}", f"[{estimate.low:>4.0%}, {estimate.high:>4.0%}]", judged


def _target(name: str, estimate: Estimate) -> Text:
    if name not in TARGETS:
        return Text("")
    target = TARGETS[name]
    state = target.state(estimate)
    word = "" if state == "none" else f" {state}"
    return Text(f"{target.sign} {target.bound:.0%}{word}", style=_STYLES[state])


def judge_line(judge: JudgeInfo) -> str:
    """Say who judged, and how often that judge is known to err."""
    if judge.known_error is None:
        return f"Judged by {judge.name} {judge.version}, whose error is not known."
    return f"Judged by {judge.name} {judge.version}: {judge.known_error.get('summary', '')}"
