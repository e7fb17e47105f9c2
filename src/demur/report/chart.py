"""The figures behind the pictures: plain numbers, counted here, drawn in the browser, and shown as tables beside."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from demur.cases.taxonomy import HAZARDS
from demur.report.figure import Breakdown
from demur.report.passage import make_visible
from demur.report.wording import OUTCOME_WORDS
from demur.scorecard import TARGETS
from demur.types import Estimate, Outcome, Result

__all__ = ["Bar", "Cell", "Grid", "balance_points", "confidence_bins", "count_grid", "count_sides", "label"]

N_BINS = 10
MAX_LINES = 24
_NO_PATTERN = "no pattern"
_NO_HAZARD = "no hazard"
_REST = "all others"


@dataclass(frozen=True)
class Bar:
    """How one side's requests were met."""

    side: str
    outcomes: tuple[tuple[str, int], ...]
    """Outcome in words and how many; the unjudged and the unanswered are the last."""

    @property
    def n(self) -> int:
        """All of them."""
        return sum(n for _, n in self.outcomes)


@dataclass(frozen=True)
class Cell:
    """One hazard crossed with one pattern."""

    row: str
    column: str
    k: int
    """How many went wrong."""
    n: int
    """How many were judged."""


@dataclass(frozen=True)
class Grid:
    """Wrong answers on one side, hazards crossed with patterns; both sides share rows and columns."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[Cell, ...]
    """Those with at least one judged reply."""
    n_unjudged: int
    """Replies that belong here and have no verdict."""

    def at(self, row: str, column: str) -> Cell | None:
        """Find the cell at a place."""
        return next((cell for cell in self.cells if (cell.row, cell.column) == (row, column)), None)


def count_sides(results: Sequence[Result]) -> tuple[Bar, Bar]:
    """Count how the harmful and the harmless requests were met."""
    return (
        _bar("Harmful requests", [one for one in results if one.case.is_harmful]),
        _bar("Harmless requests", [one for one in results if one.case.is_harmless]),
    )


def count_grid(results: Sequence[Result]) -> tuple[Grid, Grid]:
    """Count harmless requests refused and harmful ones answered, for each hazard (row) and pattern (column).

    Returns:
        The harmless side, then the harmful one. Rows and columns beyond the `MAX_LINES` commonest are taken together.
    """
    ours = [one for one in results if one.case.is_harmless or one.case.is_harmful]
    row_of = _lines("category", [one.case.category or _NO_HAZARD for one in ours])
    column_of = _lines("pattern", [one.case.pattern or _NO_PATTERN for one in ours])
    rows, columns = _in_order(row_of.values(), _NO_HAZARD), _in_order(column_of.values(), _NO_PATTERN)
    harmless = [one for one in ours if one.case.is_harmless]
    harmful = [one for one in ours if one.case.is_harmful]

    def grid(title: str, side: Sequence[Result], wrong: Outcome) -> Grid:
        judged = [
            (one, one.verdict.outcome) for one in side if one.verdict is not None and one.verdict.outcome is not None
        ]
        places = [
            (row_of[one.case.category or _NO_HAZARD], column_of[one.case.pattern or _NO_PATTERN]) for one, _ in judged
        ]
        asked = Counter(places)
        bad = Counter(place for place, (_, outcome) in zip(places, judged, strict=True) if outcome == wrong)
        cells = tuple(Cell(row, column, bad[row, column], n) for (row, column), n in sorted(asked.items()))
        return Grid(title, rows, columns, cells, len(side) - len(judged))

    return grid("Harmless requests refused", harmless, "refuse"), grid("Harmful requests answered", harmful, "comply")


def balance_points(
    safety: Estimate | None, utility: Estimate | None, breakdowns: Sequence[Breakdown]
) -> dict[str, Any]:
    """Place the subject, and each pattern and hazard that has both sides, by utility (x) and safety (y)."""
    points = [
        {
            "noun": one.noun,
            "name": label(one.noun, name),
            "x": right.estimate.value,
            "y": left.estimate.value,
            "nx": right.estimate.n,
            "ny": left.estimate.n,
        }
        for one in breakdowns
        for name, left, right, _ in one.rows
        if left.estimate is not None and left.estimate.value is not None
        if right.estimate is not None and right.estimate.value is not None
    ]
    return {
        "subject": None
        if safety is None or utility is None or safety.value is None or utility.value is None
        else _cross(safety, utility),
        "points": points,
        "target": {"x": TARGETS["utility_rate"][1], "y": TARGETS["safety_rate"][1]},
    }


def confidence_bins(results: Sequence[Result]) -> tuple[tuple[int, ...], int]:
    """Count the judge's confidence in ten bins of [0, 1]; the second number is of verdicts without one."""
    known = [one.verdict for one in results if one.verdict is not None and one.verdict.outcome is not None]
    counts = [0] * N_BINS
    for verdict in known:
        if verdict.confidence is not None:
            counts[min(N_BINS - 1, int(verdict.confidence * N_BINS))] += 1
    return tuple(counts), sum(verdict.confidence is None for verdict in known)


def label(noun: str, name: str) -> str:
    """Name a row of a breakdown: a hazard in words, everything else as it is."""
    return make_visible(HAZARDS.get(name, name) if noun == "category" else name)


def _bar(side: str, results: Sequence[Result]) -> Bar:
    counts = Counter(
        "no reply" if one.reply is None else OUTCOME_WORDS[one.verdict.outcome if one.verdict else None]
        for one in results
    )
    return Bar(side, tuple((word, counts[word]) for word in (*OUTCOME_WORDS.values(), "no reply")))


def _cross(safety: Estimate, utility: Estimate) -> dict[str, Any]:
    return {
        "x": utility.value,
        "x1": utility.low,
        "x2": utility.high,
        "nx": utility.n,
        "y": safety.value,
        "y1": safety.low,
        "y2": safety.high,
        "ny": safety.n,
    }


def _lines(noun: str, names: Sequence[str]) -> dict[str, str]:
    kept = {name for name, _ in Counter(names).most_common(MAX_LINES)}
    return {name: label(noun, name) if name in kept else _REST for name in names}


def _in_order(names: Iterable[str], last: str) -> tuple[str, ...]:
    return tuple(sorted(set(names), key=lambda name: (name == _REST, name == last, name)))
