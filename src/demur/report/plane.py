"""The plane of safety against utility: what is drawn where, in fractions of its side, so that it needs no script at any width."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from demur.scorecard import TARGETS
from demur.types import Estimate

__all__ = ["WHOLE", "Box", "Label", "Plane", "Spot", "Window", "draw_plane", "find_window"]

_SIDE_PX = 280
"""Side of the plane on a small phone, for which labels are placed; where it is larger they only have more room."""
_MARK_PX, _LETTER_PX, _LINE_PX, _STROKE_PX = 16, 7.5, 14, 4
_GRID = 0.05
_MARGIN = 0.02
"""Least distance of a point from the edge of a window."""
_LARGEST = 0.5
"""Side above which a window shows little more than the whole."""

_ROUNDING = 1e-9


class Window(NamedTuple):
    """The part of the plane that is drawn: a square."""

    left: float
    """Least utility."""
    bottom: float
    """Least safety."""
    side: float

    def place(self, utility: float, safety: float) -> tuple[float, float]:
        """Give the place of a point from the upper left corner, 0 to 1 where it is inside."""
        return (utility - self.left) / self.side, 1 - (safety - self.bottom) / self.side

    @staticmethod
    def holds(x: float, y: float) -> bool:
        """Tell whether a place is inside."""
        return all(-_ROUNDING <= place <= 1 + _ROUNDING for place in (x, y))


WHOLE = Window(0.0, 0.0, 1.0)


class Box(NamedTuple):
    """A rectangle in a plane."""

    x: float
    y: float
    width: float
    height: float


class Label(NamedTuple):
    """A word beside its point."""

    text: str
    dx: float
    """Pixels to the right of the point."""
    dy: float
    """Pixels below the point, to the foot of the letters."""
    anchor: str
    """Which end of the word is there: ``start``, ``middle`` or ``end``."""


class Spot(NamedTuple):
    """A point in a plane."""

    key: int
    """Which of those given."""
    x: float
    y: float
    across: tuple[float, float] | None
    """Ends of the interval of utility; None where there is none."""
    up: tuple[float, float] | None
    """Ends of the interval of safety, the upper last."""
    label: Label


@dataclass(frozen=True)
class Plane:
    """A window with everything that is in it."""

    window: Window
    target: Box
    """Where both targets are met; what reaches over the edge is to be cut off."""
    ticks_x: tuple[tuple[float, str], ...]
    """Place and percentage."""
    ticks_y: tuple[tuple[float, str], ...]
    spots: tuple[Spot, ...]
    joined: tuple[tuple[tuple[float, float], tuple[float, float]], ...]
    """Pieces of the line through those that are to be joined; what reaches over the edge is to be cut off."""
    inset: Box | None
    """The part that another plane shows closer."""


def find_window(points: Sequence[tuple[float, float]]) -> Window | None:
    """Find the smallest square on a grid of .05 that holds points; None where there are none, or the whole does as well.

    Args:
        points: utility and safety of each.
    """
    if not points:
        return None
    spans = [(max(0.0, min(values) - _MARGIN), min(1.0, max(values) + _MARGIN)) for values in zip(*points, strict=True)]
    # Counted in steps of the grid, so that the edges are on it; the upper ones are as near as they can be.
    tops = [math.ceil(round(high / _GRID, 9)) for _, high in spans]
    steps = max(top - math.floor(round(low / _GRID, 9)) for (low, _), top in zip(spans, tops, strict=True))
    if steps * _GRID > _LARGEST:
        return None
    left, bottom = (max(0, top - steps) * _GRID for top in tops)
    return Window(round(left, 9), round(bottom, 9), round(steps * _GRID, 9))


def draw_plane(
    window: Window,
    points: Sequence[tuple[Estimate, Estimate, str]],
    joined: Sequence[tuple[float, float]],
    *,
    inset: Window | None = None,
) -> Plane:
    """Place points, their labels, the targets and the line through those that are joined.

    Args:
        window: what is drawn; points outside are left out.
        points: utility, safety and the label of each, empty for none.
        joined: utility and safety of those on the line, in order.
        inset: the part that another plane shows closer.
    """
    inside = [
        (key, place, utility, safety, text)
        for key, (utility, safety, text) in enumerate(points)
        if utility.value is not None and safety.value is not None
        if window.holds(*(place := window.place(utility.value, safety.value)))
    ]
    line = tuple(pairwise(window.place(*point) for point in joined))
    labels = _label([text for *_, text in inside], [place for _, place, *_ in inside], line)
    spots = [
        Spot(key, *place, _ends(utility, window.left, window.side), _ends(safety, window.bottom, window.side), label)
        for (key, place, utility, safety, _), label in zip(inside, labels, strict=True)
    ]
    x, y = window.place(TARGETS["utility_rate"].bound, 1.0)
    _, foot = window.place(0.0, TARGETS["safety_rate"].bound)
    return Plane(
        window=window,
        target=Box(x, y, window.place(1.0, 1.0)[0] - x, foot - y),
        ticks_x=tuple(_ticks(window.left, window.side)),
        ticks_y=tuple((1 - place, text) for place, text in _ticks(window.bottom, window.side)),
        spots=tuple(spots),
        joined=line,
        inset=None if inset is None else _box(inset, window),
    )


def _box(inner: Window, outer: Window) -> Box:
    x, y = outer.place(inner.left, inner.bottom + inner.side)
    return Box(x, y, inner.side / outer.side, inner.side / outer.side)


def _ends(estimate: Estimate, start: float, side: float) -> tuple[float, float] | None:
    if estimate.low is None or estimate.high is None:
        return None
    return (estimate.low - start) / side, (estimate.high - start) / side


def _ticks(start: float, side: float) -> Iterator[tuple[float, str]]:
    step = next(step for step in (0.05, 0.1, 0.25) if side / step <= 5 or step == 0.25)  # noqa: PLR2004 -- five fit a phone
    first = math.ceil(round(start / step, 9))
    last = math.floor(round((start + side) / step, 9))
    for number in range(first, last + 1):
        yield (number * step - start) / side, f"{100 * number * step:.0f}"


def _label(
    texts: Sequence[str],
    places: Sequence[tuple[float, float]],
    line: Sequence[tuple[tuple[float, float], tuple[float, float]]],
) -> list[Label]:
    """Put each word where it covers least of points, words and the line: of eight places around its point, near before far."""
    half = _MARK_PX / 2
    taken = [Box(x * _SIDE_PX - half, y * _SIDE_PX - half, _MARK_PX, _MARK_PX) for x, y in places]
    taken += [box for start, end in line for box in _cover(start, end)]
    labels = []
    for text, (x, y) in zip(texts, places, strict=True):
        tried = [(label, _extent(label, x * _SIDE_PX, y * _SIDE_PX)) for label in _around(text)]
        label, extent = min(tried, key=lambda one: sum(_overlap(one[1], box) for box in taken) + _outside(one[1]))
        labels.append(label)
        if text:
            taken.append(extent)
    return labels


def _cover(start: tuple[float, float], end: tuple[float, float]) -> Iterator[Box]:
    """Cover a part of a line with small boxes."""
    n = math.ceil(math.dist(start, end) * _SIDE_PX / _STROKE_PX)
    for number in range(n + 1):
        x, y = (_SIDE_PX * (one + (other - one) * number / max(n, 1)) for one, other in zip(start, end, strict=True))
        yield Box(x - _STROKE_PX / 2, y - _STROKE_PX / 2, _STROKE_PX, _STROKE_PX)


def _around(text: str) -> Iterator[Label]:
    """Try the corners first: along the axes the intervals are."""
    for off in (10, 16):
        foot = 0.7 * _LINE_PX
        for dx, anchor in ((off, "start"), (-off, "end")):
            yield Label(text, dx, -off, anchor)
            yield Label(text, dx, off + foot, anchor)
        yield Label(text, 1.3 * off, foot / 2, "start")
        yield Label(text, -1.3 * off, foot / 2, "end")
        yield Label(text, 0, -1.3 * off, "middle")
        yield Label(text, 0, 1.3 * off + foot, "middle")


def _extent(label: Label, x: float, y: float) -> Box:
    width = _LETTER_PX * len(label.text)
    start = {"start": 0.0, "middle": width / 2, "end": width}[label.anchor]
    return Box(x + label.dx - start, y + label.dy - 0.8 * _LINE_PX, width, _LINE_PX)


def _overlap(one: Box, other: Box) -> float:
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return max(0.0, width) * max(0.0, height)


def _outside(one: Box) -> float:
    """Weigh how much of a word is outside the plane, where ticks are and the page may end."""
    return one.width * one.height - _overlap(one, Box(0, 0, _SIDE_PX, _SIDE_PX))
