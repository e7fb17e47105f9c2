"""Treatments beside each other, on the terminal: both sides, and which is recommended. It fits 80 columns."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from demur.cli.summary import describe
from demur.report.passage import make_visible
from demur.tune.frontier import Frontier, Point

__all__ = ["print_frontier"]

_UNDER_ATTACK = "wrapped_harmful_compliance_rate"


def print_frontier(frontier: Frontier) -> None:
    """Print where the subject stands before and after each treatment, and the recommendation with its reason."""
    console = Console(highlight=False, markup=False, emoji=False)  # a folder's name is no markup
    console.print(f"Treatments of {make_visible(frontier.model)}\n", style="bold", soft_wrap=True)
    console.print(_table(frontier))
    console.print()
    for line in _lines(frontier):
        console.print(make_visible(line), soft_wrap=True)


def _table(frontier: Frontier) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading, is_number in (
        ("", False),
        ("harmful refused", False),
        ("harmless answered", False),
        ("wrapped harm\nanswered", True),
        ("", False),
    ):
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    for point in (frontier.before, *frontier.treated):
        attacked = point.figures.get(_UNDER_ATTACK)
        table.add_row(
            make_visible(point.name),
            *(_side(point, name) for name in ("safety_rate", "utility_rate")),
            "-" if attacked is None else describe(attacked)[0],
            "recommended"
            if point.name == frontier.recommended and point.path
            else "dominated"
            if point.is_dominated
            else "",
        )
    return table


def _side(point: Point, name: str) -> str:
    rate, interval, _ = describe(point.figures[name])
    return f"{rate:>4} {interval}"


def _lines(frontier: Frontier) -> Iterator[str]:
    named = "none" if frontier.recommended is None else frontier.recommended
    yield f"Recommended: {named}; {frontier.because}"
    for point in frontier.treated:
        if point.against:
            yield f"Against {point.name}: {'; '.join(point.against)}"
    for caveat in frontier.caveats:
        yield f"Mind: {caveat}"
