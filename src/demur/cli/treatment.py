"""Treatments on the terminal: how far one is, and both sides of what came of it, held against the goals. It fits 80 columns."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from demur.cli.comparison import describe_difference
from demur.cli.progress import show_progress
from demur.cli.summary import describe
from demur.treating import Progress, Treated
from demur.tune.goals import Goal, read_goals
from demur.tune.treatment import Panel
from demur.types import Estimate

__all__ = ["print_panel", "print_treated", "show_treating"]

_EVERY = 10
"""Steps between two lines."""
_PROMPTS = 250
"""Likewise."""
_STANDINGS = {True: Text("met", "green"), False: Text("missed", "red"), None: Text("")}


@contextmanager
def show_treating() -> Iterator[Progress]:
    """Show on standard error how far treatments are while the block runs."""
    with show_progress() as on_check:
        yield Progress(lambda line: click.echo(line, err=True), _show_read, _show_step, on_check)


def _show_read(done: int, n: int) -> None:
    """Say how many prompts were read, a line now and then."""
    if done // _PROMPTS > (done - 1) // _PROMPTS or done == n:
        click.echo(f"{done} of {n} prompts read", err=True)


def _show_step(done: int, n: int, loss: float | None) -> None:
    """Say how far a training is, a line now and then."""
    if loss is not None and (done % _EVERY == 0 or done == n):
        click.echo(f"step {done} of {n}, loss {loss:.3f}", err=True)


def print_treated(treated: Treated) -> None:
    """Print the panel of a treatment, before and after, and how far it reached its goals."""
    click.echo(f"\n{treated.folder}")
    print_panel(treated.treatment.panel)


def print_panel(panel: Panel) -> None:
    """Print both sides of a panel, before and after, and how far they reached the goals."""
    for name, change in panel.changes.items():
        _print_figure(name, change.before, change.after, f"  n {change.after.n}")
    for name, shift in panel.shifts.items():
        _print_figure(name, shift.before, shift.after)
    click.echo()
    Console(highlight=False, markup=False, emoji=False).print(_table(read_goals(panel)))


def _print_figure(name: str, before: Estimate, after: Estimate, n: str = "") -> None:
    click.echo(f"  {name.replace('_', ' '):32} {describe(before)[0]:>6} -> {describe(after)[0]:>6}{n}")


def _table(goals: Sequence[Goal]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading, is_number in (
        ("", False), ("goal", False), ("before", True), ("after", True), ("95 % interval", False), ("n", True), ("", False),
    ):  # fmt: skip
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    for goal in goals:
        value, interval, n = _describe(goal, goal.after)
        before = _describe(goal, goal.before)[0]
        table.add_row(goal.what, _word_bound(goal), before, value, interval, n, _STANDINGS[goal.is_met])
        if goal.parts:
            told = ", ".join(f"{describe(part)[0]} {name}" for name, part in goal.parts.items())
            table.add_row(f"  {told}", style="dim")
    return table


def _describe(goal: Goal, estimate: Estimate | None) -> tuple[str, str, str]:
    """Say value, interval and n as the sort of figure is shown."""
    if estimate is None:
        return "-", "not measured", "-"
    value, interval, n = describe(estimate)
    if goal.sort == "difference":
        value, interval = describe_difference(estimate)
    if goal.sort == "index" and estimate.low is not None and estimate.high is not None:
        value, interval = f"{estimate.value:.2f}", f"[{estimate.low:.2f}, {estimate.high:.2f}]"
    return value, interval, n


def _word_bound(goal: Goal) -> str:
    shown = {"rate": ".0%", "index": ".2f", "difference": "+.0%"}[goal.sort]
    return f"{goal.bound.sign} {goal.bound.value:{shown}}"
