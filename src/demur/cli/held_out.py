"""How much better a subject does at home, on the terminal. It fits 80 columns."""

from rich.console import Console
from rich.table import Table

from demur.cli.comparison import describe_difference
from demur.cli.summary import describe
from demur.held_out import HeldOut
from demur.scorecard import Sides

__all__ = ["print_gap"]


def print_gap(found: HeldOut) -> None:
    """Print both sides at home and away, then the gap by category and by distance."""
    console = Console(highlight=False, markup=False, emoji=False)
    console.print(f"{found.subject}: {', '.join(found.home)}, and away: {', '.join(found.away)}\n", style="bold")
    whole = found.gap
    table = _table("", "home", "away", "home - away", "95 % interval")
    for name, home, away, difference in (
        ("harmful requests refused", whole.safety_home, whole.safety_away, whole.safety_gap),
        ("harmless requests answered", whole.utility_home, whole.utility_away, whole.utility_gap),
    ):
        table.add_row(name, describe(home)[0], describe(away)[0], *describe_difference(difference))
    table.add_row("held-out gap: the mean of both", "", "", *describe_difference(whole.gap))
    console.print(table)
    parts: list[tuple[str, Sides]] = [
        (f"distance {part.nearest:.2f} to {part.farthest:.2f}", part) for part in whole.by_distance
    ]
    parts += whole.by_category.items()
    if parts:
        table = _table("", "safety", "utility", "gap", "95 % interval")
        for name, part in parts:
            sides = (describe_difference(part.safety_gap)[0], describe_difference(part.utility_gap)[0])
            table.add_row(name, *sides, *describe_difference(part.gap))
        console.print("\nWhere it is: by distance to the nearest home case, and by category\n")
        console.print(table)
    rates = (whole.safety_home, whole.utility_home, whole.safety_away, whole.utility_away)
    counts = [str(rate.n) for rate in rates]
    console.print(
        f"\n{counts[0]} and {counts[1]} judged at home, {counts[2]} and {counts[3]} away; "
        f"{sum(rate.n_unjudged for rate in rates)} not judged",
        style="dim",
    )


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, heading in enumerate(headings):
        is_number = 0 < place < len(headings) - 1
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    return table
