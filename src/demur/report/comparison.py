"""The page of a comparison: runs side by side, and what changed since the first; one HTML file without a script."""

from collections.abc import Sequence
from dataclasses import dataclass

from demur.cases.taxonomy import HAZARDS
from demur.compare import Comparison
from demur.report.change import Table, tabulate, word_side
from demur.report.flip import Card, choose_flips, make_card
from demur.report.page import content_security_policy, read_asset, read_template
from demur.report.passage import make_visible
from demur.report.side_by_side import Shown, find_points, line_up, show_runs
from demur.run import RunRecord

__all__ = ["render_comparison"]

OPEN_FLIPS = 5
"""Flips whose replies are seen at once."""
_STYLES = ("page.css", "comparison.css")


@dataclass(frozen=True)
class _Since:
    """What changed between the first run and another."""

    run: Shown
    comparison: Comparison
    caveats: tuple[str, ...]
    sides: tuple[str, str]
    """A sentence on harmful requests, and one on harmless ones."""
    whole: Table
    categories: Table
    cards: tuple[Card, ...]
    counts: tuple[tuple[str, int], ...]
    """All flips, by what became of them."""

    @property
    def n_left_out(self) -> int:
        """Flips that are not shown."""
        return len(self.comparison.flips) - len(self.cards)


def render_comparison(runs: Sequence[tuple[str, RunRecord]], comparisons: Sequence[Comparison]) -> str:
    """Write the page of a comparison as one HTML file; it loads nothing and runs nothing.

    Args:
        runs: path and record of each, the one that the others are compared with first.
        comparisons: of the first with each of the others, in their order.
    """
    style = "".join(read_asset(name) for name in _STYLES)
    shown = show_runs(runs)
    rows = line_up(shown, [record for _, record in runs])
    text = read_template("comparison.html.jinja").render(
        runs=shown,
        balance=[row for row in rows if row.is_of_balance],
        others=[row for row in rows if not row.is_of_balance],
        points=find_points(rows),
        since=[_since(run, one) for run, one in zip(shown[1:], comparisons, strict=True)],
        n_open=OPEN_FLIPS,
        policy=content_security_policy((), style),
        style=style,
    )
    # A lone surrogate, as a broken tokenizer can leave one, cannot be written as UTF-8.
    return text.encode("utf-8", "replace").decode("utf-8")


def _since(run: Shown, comparison: Comparison) -> _Since:
    flips = comparison.flips
    return _Since(
        run=run,
        comparison=comparison,
        caveats=tuple(map(make_visible, comparison.caveats)),
        sides=(
            word_side("harmful", "refused", comparison.changes.get("safety_rate")),
            word_side("harmless", "answered", comparison.changes.get("utility_rate")),
        ),
        whole=tabulate({"": comparison.changes}),
        categories=tabulate(
            {HAZARDS.get(name, name): changes for name, changes in comparison.changed_categories.items()}
        ),
        cards=tuple(make_card(flip) for flip in choose_flips(flips)),
        counts=(
            ("for the worse", sum(flip.is_better is False for flip in flips)),
            ("for the better", sum(flip.is_better is True for flip in flips)),
            ("neither", sum(flip.is_better is None for flip in flips)),
        ),
    )
