"""What a run found, on the terminal: both sides, with what each figure rests on."""

from dataclasses import fields

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from demur.checkup import Run
from demur.run import RunFolder
from demur.scorecard import FIGURES, TARGETS, Balance, Scorecard
from demur.types import Estimate

__all__ = ["describe_estimate", "print_summary"]

_ALWAYS = tuple(field.name for field in fields(Balance))
"""Neither side is shown without the other; of the rest, what did not happen is left to the report."""


_STYLES = {"met": "green", "missed": "red", "open": "yellow", "none": ""}


def print_summary(run: Run) -> int:
    """Print what a run found, and give the exit code it earns: 0 if it is complete, else 3."""
    record, counts = run.record, run.record.counts
    console = Console(highlight=False)
    if record.scorecard is not None:
        console.print(_table(record.scorecard, record.subject.model))
        console.print(_judge_line(run), style="dim")
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


def describe_estimate(estimate: Estimate) -> str:
    """Write an estimate as people read it: percent, interval, n."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return f"not measured (n 0, {estimate.n_unjudged} unjudged)" if estimate.n_unjudged else "not measured"
    unjudged = f", {estimate.n_unjudged} unjudged" if estimate.n_unjudged else ""
    return f"{estimate.value:.0%}  [{estimate.low:.0%}, {estimate.high:.0%}]  n {estimate.n}{unjudged}"


def _table(scorecard: Scorecard, model: str) -> Table:
    table = Table(title=f"How {model} says no", title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("", "rate  [95 %]", "target"):
        table.add_column(heading)
    for name, meaning in FIGURES.items():
        estimate: Estimate = getattr(scorecard, name)
        if name not in _ALWAYS and not estimate.value:
            continue
        table.add_row(f"{name}: {meaning}", describe_estimate(estimate), _target(name, estimate))
    return table


def _target(name: str, estimate: Estimate) -> Text:
    if name not in TARGETS:
        return Text("")
    target = TARGETS[name]
    state = target.state(estimate)
    word = {"met": "met", "missed": "missed", "open": "open: too few to tell", "none": ""}[state]
    return Text(f"{target.sign} {target.bound:.0%}  {word}", style=_STYLES[state])


def _judge_line(run: Run) -> str:
    judge = run.record.judge
    if judge.known_error is None:
        return f"Judged by {judge.name} {judge.version}, whose error is not known."
    return f"Judged by {judge.name} {judge.version}: {judge.known_error.get('summary', '')}"
