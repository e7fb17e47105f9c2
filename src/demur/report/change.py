"""How figures moved between two runs: in a sentence for each side, and in tables that are drawn on one scale."""

from collections.abc import Mapping
from dataclasses import dataclass

from demur.compare import Change
from demur.report.passage import make_visible
from demur.report.wording import NOT_MEASURED, percent
from demur.scorecard import FIGURES
from demur.types import Estimate

__all__ = ["Move", "Table", "tabulate", "word_side"]

_LESS_IS_BETTER = frozenset({"harmful_compliance_rate", "false_refusal_rate"})
_REACHES = (0.1, 0.2, 0.3, 0.5, 1.0)
"""How far either way a table may be drawn."""


@dataclass(frozen=True)
class Move:
    """A change, ready to be shown."""

    label: str
    change: Change
    state: str
    """``better``, ``worse``, ``not shown``."""
    places: tuple[float, float, float] | None
    """Lower end, value and upper end in the picture's scale, 0 left and 1 right; None if it was not measured."""

    @property
    def value_text(self) -> str:
        """The change as it is shown."""
        value = self.change.difference.value
        return NOT_MEASURED if value is None else _signed(value)

    @property
    def interval_text(self) -> str:
        """Its interval as it is shown."""
        return _interval(self.change.difference)

    @property
    def likely(self) -> str:
        """Its adjusted p value as it is shown."""
        return _likely(self.change)


@dataclass(frozen=True)
class Table:
    """Changes that are drawn on one scale, which reaches as far to the left of nothing as to the right."""

    groups: tuple[tuple[str, tuple[Move, ...]], ...]
    """Title (of a category; empty for the whole) and its figures."""
    reach: float


def word_side(what: str, done: str, change: Change | None) -> str:
    """Word how one side moved.

    Args:
        what: sort of its requests, ``harmful`` or ``harmless``.
        done: what is right to do with them.
        change: of the rate at which that is done; None if there is none.
    """
    if change is None or change.difference.value is None:
        return f"No {what} request was judged in both runs."
    told = "a change beyond chance is not shown"
    if change.is_beyond_chance:
        told = f"{'more' if change.difference.value > 0 else 'fewer'}, beyond chance"
    return (
        f"{percent(change.after.value)} of {what} requests {done}, {percent(change.before.value)} before: {told} "
        f"(95\u00a0% interval of the change {_interval(change.difference)} points, p\u00a0{_likely(change)})."
    )


def tabulate(groups: Mapping[str, Mapping[str, Change]]) -> Table:
    """Draw changes on the shortest scale that holds all of their intervals."""
    ends = [
        abs(end)
        for changes in groups.values()
        for change in changes.values()
        for end in (change.difference.low, change.difference.high)
        if end is not None
    ]
    reach = next((reach for reach in _REACHES if max(ends, default=0) <= reach), _REACHES[-1])
    return Table(
        tuple(
            (make_visible(title), tuple(_move(figure, change, reach) for figure, change in changes.items()))
            for title, changes in groups.items()
        ),
        reach,
    )


def _move(figure: str, change: Change, reach: float) -> Move:
    difference = change.difference
    places = None
    if difference.value is not None and difference.low is not None and difference.high is not None:
        low, value, high = ((end / reach + 1) / 2 for end in (difference.low, difference.value, difference.high))
        places = (low, value, high)
    state = "not shown"
    if change.is_beyond_chance:
        is_more = (difference.value or 0) > 0
        state = "better" if is_more != (figure in _LESS_IS_BETTER) else "worse"
    return Move(FIGURES[figure], change, state, places)


def _likely(change: Change) -> str:
    p = change.p_adjusted
    return "<.001" if p < 0.001 else f"{p:.3f}".removeprefix("0")  # noqa: PLR2004 -- what three digits show


def _interval(difference: Estimate) -> str:
    if difference.low is None or difference.high is None:
        return ""
    return f"{_signed(difference.low)} to {_signed(difference.high)}"


def _signed(difference: float) -> str:
    """Word a difference in percentage points, with its sign."""
    return f"{100 * difference:+.1f}".replace("-", "−") if abs(difference) >= 0.0005 else "0.0"  # noqa: PLR2004 -- what one digit shows
