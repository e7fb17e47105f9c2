"""A rate over time as a small picture: lines, bands and marks in the coordinates of an SVG, drawn here so that a page needs no library."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from demur.report.wording import interval, percent
from demur.types import Estimate, Expect
from demur.watch.live.picture import Course

__all__ = ["CoursePicture", "Line", "Mark", "Tick", "draw_courses"]

WIDTH, HEIGHT = 340, 132
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 8, 14, 20
_TOPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)
"""Where an axis may end."""
_LEAST = 5
"""Exchanges of a period that an axis makes room for."""
_LEAST_PERIODS = 8
_HOURS_BETWEEN = (1, 2, 3, 6, 12, 24, 48)
_MOST_TICKS = 6
_HOUR_S = 3600
_CLASSES: dict[Expect | None, str] = {None: "all", "comply": "harmless", "refuse": "harmful", "clarify": "unclear"}


@dataclass(frozen=True)
class Line:
    """One course as it is drawn."""

    kind: str
    """Whose it is: ``harmless``, ``harmful``, ``unclear``, or ``all`` where the truth is not known."""
    path: str
    band: str
    """Outline of the 95 % intervals."""
    dots: tuple[tuple[float, float], ...]
    """Of periods that have no neighbours, which no line shows."""
    total: Estimate
    latest: Estimate


@dataclass(frozen=True)
class Tick:
    """A place on an axis, and what stands there."""

    place: float
    text: str


@dataclass(frozen=True)
class Mark:
    """Where an alarm says that something changed."""

    x: float
    number: int


@dataclass(frozen=True)
class CoursePicture:
    """Courses of one metric, over each other."""

    lines: tuple[Line, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    words: str
    """JSON: of each period its place and what is said of it."""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM


def draw_courses(
    courses: Sequence[Course], begins: Sequence[float], *, period_s: int, marks: Sequence[tuple[int, float]]
) -> CoursePicture:
    """Draw the courses of one metric.

    Args:
        courses: one for each truth.
        begins: when each period begins.
        period_s: its length.
        marks: number and time of each alarm.
    """
    time = _Scale(begins[0], max(begins[-1] + period_s, begins[0] + _LEAST_PERIODS * period_s), _LEFT, WIDTH - _RIGHT)
    top = _top_of(courses)
    rate = _Scale(0.0, top, HEIGHT - _BOTTOM, _TOP)
    middles = [time(begin + period_s / 2) for begin in begins]
    return CoursePicture(
        lines=tuple(_line(course, middles, rate) for course in courses),
        x_ticks=tuple(_time_ticks(time)),
        y_ticks=tuple(Tick(rate(share), f"{100 * share:g} %") for share in (0.0, top / 2, top)),
        marks=tuple(Mark(time(at), number) for number, at in marks if time.low <= at <= time.high),
        words=json.dumps([(middles[n], _words(n, courses, begin)) for n, begin in enumerate(begins)]),
    )


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (min(value, self.high) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def _top_of(courses: Sequence[Course]) -> float:
    """Choose where the axis ends: above all rates, and above most of their intervals."""
    shown = [one for course in courses for one in course.periods if one.n >= _LEAST]
    rates, bounds = [one.value or 0.0 for one in shown], [one.high or 0.0 for one in shown]
    least = max(*rates, median(bounds)) if shown else 0.0
    return next(top for top in _TOPS if top >= least)


def _line(course: Course, middles: Sequence[float], rate: _Scale) -> Line:
    """Draw a line through the periods that have exchanges, broken where one has none."""
    path, band, dots = "", "", []
    for stretch in _stretches(course.periods):
        places = [(middles[n], rate(course.periods[n].value or 0.0)) for n in stretch]
        upper = [(middles[n], rate(course.periods[n].high or 0.0)) for n in stretch]
        lower = [(middles[n], rate(course.periods[n].low or 0.0)) for n in reversed(stretch)]
        if len(places) == 1:
            dots.append(places[0])
            continue
        path += "M" + "L".join(f"{x},{y}" for x, y in places)
        band += "M" + "L".join(f"{x},{y}" for x, y in (*upper, *lower)) + "Z"
    latest = next((one for one in reversed(course.periods) if one.n), course.periods[-1])
    return Line(_CLASSES[course.expect], path, band, tuple(dots), course.total, latest)


def _stretches(periods: Sequence[Estimate]) -> Iterator[list[int]]:
    stretch: list[int] = []
    for n, one in enumerate(periods):
        if one.n:
            stretch.append(n)
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _time_ticks(time: _Scale) -> Iterator[Tick]:
    hours = (time.high - time.low) / _HOUR_S
    between = next((each for each in _HOURS_BETWEEN if hours / each <= _MOST_TICKS), _HOURS_BETWEEN[-1]) * _HOUR_S
    at = -(-time.low // between) * between
    while at <= time.high:
        yield Tick(time(at), datetime.fromtimestamp(at, UTC).strftime("%H:%M" if between < 24 * _HOUR_S else "%-d %b"))
        at += between


def _words(n: int, courses: Sequence[Course], begin: float) -> str:
    when = datetime.fromtimestamp(begin, UTC).strftime("%-d %b, %H:%M")
    said = [
        f"{f'{_CLASSES[course.expect]} ' if course.expect else ''}{percent(one.value)} ({interval(one)}), n {one.n:,}"
        if (one := course.periods[n]).n
        else "nothing"
        for course in courses
    ]
    return f"{when}: {'; '.join(said)}"
