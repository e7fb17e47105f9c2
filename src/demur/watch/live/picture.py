"""What there is to see of a live watch: rates over time, who said no, in which words, where, and how long it took."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from demur.stats import wilson
from demur.types import Estimate, Expect
from demur.watch.alarm import Alarm
from demur.watch.live.durations import quantile_ms
from demur.watch.live.live_watch import DIMENSIONS, LiveWatch
from demur.watch.live.periods import Key, Periods
from demur.watch.live.seen import Guarded, Modelled
from demur.watch.moment import hour_of
from demur.watch.observation import METRICS, Metric
from demur.watch.templates import TemplateShare, share_templates

__all__ = ["Cell", "Course", "Picture", "RailTime", "SliceRow", "Span", "take_picture"]

Span = Literal["day", "week"]

_DAY_S = 86_400
_SAID: tuple[Metric, ...] = ("refused", "partial", "leaked", "blocked")
"""What is told of each slice."""


@dataclass(frozen=True)
class Course:
    """A rate over time, of requests with one truth."""

    metric: Metric
    expect: Expect | None
    """What would have been right; None where that is not known."""
    periods: tuple[Estimate, ...]
    """One for each period of the picture."""
    total: Estimate


@dataclass(frozen=True)
class Cell:
    """Exchanges in which guard and model did this."""

    guarded: Guarded
    modelled: Modelled
    n: int
    n_differ: int
    """Of these, those in which the two disagree."""


@dataclass(frozen=True)
class RailTime:
    """How long a rail took, in milliseconds: half, and nineteen in twenty, took no longer."""

    rail: str
    n: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True)
class SliceRow:
    """Rates of what was said in one slice, of requests with one truth."""

    by: str
    value: str
    expect: Expect | None
    n: int
    rates: tuple[Estimate, ...]
    """Refused, partial, leaked, blocked."""


@dataclass(frozen=True)
class Picture:
    """A watch as it is at one moment."""

    span: Span
    period_s: int
    begins: tuple[float, ...]
    """When each period begins, in seconds since 1970 UTC; every length after the one before."""
    n: int
    """Exchanges in them."""
    courses: tuple[Course, ...]
    cells: tuple[Cell, ...]
    rails: tuple[RailTime, ...]
    slices: tuple[SliceRow, ...]
    templates: tuple[TemplateShare, ...]
    alarms: tuple[Alarm, ...]
    """All that were raised, oldest first."""
    last_at: float | None
    """When the latest answer ended, in seconds since 1970 UTC; None where there is none."""


def take_picture(watch: LiveWatch, span: Span) -> Picture:
    """Take a picture of the last day, by the quarter of an hour, or of the last week, by the hour."""
    periods = watch.day if span == "day" else watch.week
    kept = list(periods.kept())
    begins = tuple(begin for begin, _ in kept)
    counted = [counts for _, counts in kept]
    total: Counter[Key] = sum(counted, Counter())
    return Picture(
        span=span,
        period_s=periods.length_s,
        begins=begins,
        n=sum(n for key, n in total.items() if key[0] == "all"),
        courses=tuple(_courses(counted, total)),
        cells=tuple(_cells(total)),
        rails=tuple(_rails(total)),
        slices=tuple(_slices(watch.week, since=begins[0] if begins else 0.0)),
        templates=tuple(_templates(watch, since=begins[0])) if begins else (),
        alarms=tuple(watch.drift.alarms),
        last_at=watch.last_at,
    )


def _courses(counted: Sequence[Counter[Key]], total: Counter[Key]) -> Iterable[Course]:
    expects = sorted({key[2] for key in total if key[0] == "all"}, key=lambda expect: expect or "")
    for place, metric in enumerate(METRICS):
        for expect in expects:
            whole = _rate(total, place, "all", None, expect)
            if whole.n:
                rates = tuple(_rate(counts, place, "all", None, expect) for counts in counted)
                yield Course(metric, _EXPECTS[expect], rates, whole)


def _rate(counts: Counter[Key], place: int, by: str, value: str | None, expect: str | None) -> Estimate:
    """Estimate how often a metric, the one at a place of the patterns, is true in a slice."""
    said: Counter[str] = Counter()
    for (its, of, truth, pattern), n in counts.items():
        if (its, of, truth) == (by, value, expect):
            said[(pattern or "")[place]] += n
    return wilson(said["1"], said["0"] + said["1"], n_unjudged=said["-"])


def _cells(total: Counter[Key]) -> Iterable[Cell]:
    for guarded in get_args(Guarded):
        for modelled in get_args(Modelled):
            n_differ = total["who", guarded, modelled, "differ"]
            if n := n_differ + total["who", guarded, modelled, None]:
                yield Cell(guarded, modelled, n, n_differ)


def _rails(total: Counter[Key]) -> Iterable[RailTime]:
    names = sorted({key[1] or "" for key in total if key[0] == "ms"})
    for name in names:
        bins = {int(key[2] or 0): n for key, n in total.items() if key[:2] == ("ms", name)}
        p50, p95 = quantile_ms(bins, 0.5), quantile_ms(bins, 0.95)
        if p50 is not None and p95 is not None:
            yield RailTime(name, sum(bins.values()), p50, p95)


def _slices(week: Periods, *, since: float) -> Iterable[SliceRow]:
    total: Counter[Key] = sum((counts for begin, counts in week.kept() if begin >= since - week.length_s), Counter())
    for by in DIMENSIONS:
        sizes: Counter[tuple[str, str | None]] = Counter()
        for (its, value, expect, _), n in total.items():
            if its == by and value is not None:
                sizes[value, expect] += n
        for (value, expect), n in sorted(sizes.items(), key=lambda row: (-row[1], row[0][0])):
            rates = tuple(_rate(total, METRICS.index(metric), by, value, expect) for metric in _SAID)
            yield SliceRow(by, value, _EXPECTS[expect], n, rates)


def _templates(watch: LiveWatch, *, since: float) -> list[TemplateShare]:
    return share_templates(watch.templates(since=hour_of(since)))


_EXPECTS: dict[str | None, Expect | None] = {None: None, **{expect: expect for expect in get_args(Expect)}}
