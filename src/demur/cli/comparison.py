"""What changed between two runs, on the terminal. It fits 80 columns."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from demur.cli.summary import describe
from demur.compare import Change, Comparison
from demur.report.passage import make_visible
from demur.scorecard import FIGURES
from demur.types import Estimate

__all__ = ["describe_difference", "print_comparison"]

_MOST_FLIPS, _MOST_CHARACTERS = 10, 60


def print_comparison(comparison: Comparison) -> None:
    """Print both sides before and after, the categories that changed, and some of the flips."""
    console = Console(highlight=False, markup=False, emoji=False)
    for when, run in (("before", comparison.before), ("after", comparison.after)):
        console.print(f"{when:<6}  {run.path}  ({run.subject})", style="bold", soft_wrap=True)
    console.print()
    console.print(_table({FIGURES[name]: change for name, change in comparison.changes.items()}))
    changed = {
        f"{category}: {FIGURES[name]}": change
        for category, changes in comparison.changed_categories.items()
        for name, change in changes.items()
    }
    if changed:
        console.print("\nCategories that changed beyond chance\n")
        console.print(_table(changed))
    better = sum(flip.is_better is True for flip in comparison.flips)
    worse = sum(flip.is_better is False for flip in comparison.flips)
    console.print(
        f"\n{comparison.n_pairs} pairs, {comparison.n_unjudged} of them not judged; {len(comparison.flips)} flips: "
        f"{worse} for the worse, {better} for the better, {len(comparison.flips) - worse - better} neither; "
        f"{comparison.n_unpaired} samples that only one run has"
    )
    if comparison.n_drill_pairs or comparison.n_drills_unpaired:
        console.print(
            f"{comparison.n_drill_pairs} pairs of drills; {comparison.n_drills_unpaired} drills that only one run has"
        )
    for flip in comparison.flips[:_MOST_FLIPS]:
        asked = make_visible(" ".join(flip.prompt.split()))
        cut = asked if len(asked) <= _MOST_CHARACTERS else f"{asked[:_MOST_CHARACTERS]}…"
        console.print(f"  {flip.before} -> {flip.after} (expected {flip.expect})  {cut}", soft_wrap=True)
    if len(comparison.flips) > _MOST_FLIPS:
        console.print(f"  and {len(comparison.flips) - _MOST_FLIPS} more: -o FILE")
    for caveat in comparison.caveats:
        console.print(f"Mind: {caveat}", soft_wrap=True)


def _table(changes: Mapping[str, Change]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading, is_number in (
        ("", False),
        ("before", True),
        ("after", True),
        ("change", True),
        ("95 % interval", False),
        ("p (Holm)", True),
        ("lost, gained", True),
    ):
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    for name, change in changes.items():
        shown, interval = describe_difference(change.difference)
        table.add_row(
            name,
            describe(change.before)[0],
            describe(change.after)[0],
            shown,
            interval,
            _likely(change),
            f"{change.lost}, {change.gained}",
        )
    return table


def _likely(change: Change) -> str:
    if not change.difference.n:
        return "-"
    return "<.001" if change.p_adjusted < 0.001 else f"{change.p_adjusted:.3f}"  # noqa: PLR2004 -- what three digits show


def describe_difference(difference: Estimate) -> tuple[str, str]:
    """Say a difference and its interval, with their signs."""
    if difference.value is None or difference.low is None or difference.high is None:
        return "-", "not measured"
    return f"{difference.value:+.0%}", f"[{difference.low:+.0%}, {difference.high:+.0%}]"
