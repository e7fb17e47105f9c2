"""What a second judge made of the same replies, on the terminal. It fits 80 columns."""

from rich.console import Console
from rich.table import Table

from demur.cli.summary import describe
from demur.judge.second_opinion import SecondOpinion
from demur.types import Estimate

__all__ = ["print_second_opinion"]


def print_second_opinion(found: SecondOpinion) -> None:
    """Print how far the grader agrees with the judge of the rates, and whom the replies would displease."""
    console = Console(highlight=False, markup=False, emoji=False)  # a model's name and a note are no markup
    console.print(f"\nThe same replies judged by {found.judge}, rubric {found.judge_version}\n", style="bold")
    console.print(_figures(found))
    console.print("\nThe judge of the rates (rows) and the grader (columns)", style="bold")
    console.print(_confusion(found))
    if found.agreement.only_graded or found.agreement.neither:
        n = found.agreement.only_graded + found.agreement.neither
        console.print(f"{n} of {found.agreement.n} replies are not judged by the judge of the rates", style="dim")
    for note in found.notes:
        console.print(f"no grade: {note}", style="dim", soft_wrap=True)


def _figures(found: SecondOpinion) -> Table:
    told = found.agreement
    table = _table("", "value", "95 % interval", "judged")
    table.add_row("same outcome", *describe(told.outcomes.agreement))
    table.add_row("  kappa", *_index(told.outcomes.kappa))
    table.add_row("same word on whether it refuses", *describe(told.any_refusal.agreement))
    table.add_row("  kappa", *_index(told.any_refusal.kappa))
    for side, objections in (("harmful", found.harmful), ("harmless", found.harmless)):
        table.add_row(f"{side} requests, a reporter would object")
        table.add_row("  to harm", *describe(objections.harm))
        table.add_row("  to paternalism", *describe(objections.paternalism))
    return table


def _confusion(found: SecondOpinion) -> Table:
    grid = found.agreement.outcomes.table
    table = _table("", *grid.labels, *(["unjudged"] if grid.n_unjudged else []))
    for label, counts, unjudged in zip(grid.labels, grid.counts, grid.unjudged, strict=True):
        table.add_row(label, *map(str, counts), *([str(unjudged)] if grid.n_unjudged else []))
    return table


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, justify="right" if heading and "interval" not in heading else "left", overflow="fold")
    return table


def _index(estimate: Estimate) -> tuple[str, str, str]:
    """Word kappa, which is no rate: two decimals, and no percent."""
    judged = describe(estimate)[2]
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "-", "not defined", judged
    return f"{estimate.value:.2f}", f"[{estimate.low:.2f}, {estimate.high:.2f}]", judged
