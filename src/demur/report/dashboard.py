"""The dashboard: a live watch at a glance, as a page that asks every few seconds what is new."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from math import log10
from typing import Any, get_args

from demur.guard.audit import Event
from demur.report.course import CoursePicture, draw_courses
from demur.report.page import content_security_policy, read_asset, read_template
from demur.report.passage import make_title, make_visible
from demur.report.wording import moment, percent
from demur.types import Estimate
from demur.watch import Change, TemplateShare, gather_changes
from demur.watch.alarm import Alarm
from demur.watch.live.picture import Cell, Picture, RailTime, SliceRow, Span
from demur.watch.live.raised import describe_alarm, describe_shift, describe_slice
from demur.watch.live.seen import Guarded, Modelled
from demur.watch.review.balance import LiveBalance
from demur.watch.tally import UNDATED

__all__ = ["dashboard_policy", "render_dashboard", "render_examples", "render_parts"]

_STYLES = ("page.css", "admin.css", "dashboard.css")
_SCRIPT = "dashboard.js"

_TITLES = {
    "refused": ("Refused", "whoever refused, whole"),
    "partial": ("Answered in part", "refused the rest"),
    "leaked": ("Leaked", "refused, and given anyway"),
    "blocked": ("Blocked", "by the guard"),
    "disagreed": ("Disagreement", "guard and model differ"),
    "escalated": ("Crisis", "somebody in need, as the guard reads it"),
    "capitulated": ("Gave in", "answered when asked again"),
}
_GUARDED: Mapping[Guarded, str] = {
    "passed": "let it pass",
    "input": "blocked the request",
    "output": "blocked the reply",
    "limit": "had a limit",
}
_MODELLED: Mapping[Modelled, str] = {
    "answered": "answered",
    "refused": "refused",
    "provider": "its provider refused",
    "not asked": "was not asked",
    "failed": "failed",
}
_RAILS = {
    "input": "Input rail", "output": "Output rail", "judge": "Judge", "limits": "Limits", "answer": "Whole answer",
}  # fmt: skip
_BYS = {"category": "Category", "language": "Language", "tenant": "Tenant", "model": "Model"}
_EXPECTS = {None: "", "comply": "harmless", "refuse": "harmful", "clarify": "unclear"}
_SHADES = 5
_MOST_TEMPLATES, _MOST_VALUES, _MOST_CHANGES = 8, 6, 12
_RAIL_MS = (0.01, 100_000.0)
_DECADES = ((0.1, "0.1 ms"), (1, "1 ms"), (10, "10 ms"), (100, "0.1 s"), (1_000, "1 s"), (10_000, "10 s"))
_WHO = {
    "model": "the model",
    "provider": "the provider",
    "input": "the input rail",
    "output": "the output rail",
    "limit": "a limit",
}
_SPAN_WORDS: Mapping[Span, str] = {"day": "the last day", "week": "the last week"}


@dataclass(frozen=True)
class _Panel:
    """The courses of one metric, with what they are called."""

    key: str
    title: str
    meaning: str
    picture: CoursePicture


@dataclass(frozen=True)
class _Square:
    """A field of the map."""

    n: int
    share: str
    shade: int
    """How dark: 1 is hardly any, 5 most."""
    differs: bool


@dataclass(frozen=True)
class _Range:
    """Half and nineteen in twenty of a rail's times, in words and on a scale from 0 to 1."""

    title: str
    n: int
    p50: str
    p95: str
    low: float
    high: float


@dataclass(frozen=True)
class _Shown:
    """An alarm in words, and what its picture needs."""

    number: int
    text: str
    at: str
    before: Estimate
    after: Estimate
    scale: float
    """What the picture's end stands for."""
    n_examples: int


@cache
def dashboard_policy() -> str:
    """Give the content security policy of the page: its own style and script, and its own server."""
    policy = content_security_policy((read_asset(_SCRIPT),), _style()).replace(
        "form-action 'none'", "form-action 'self'"
    )
    return f"{policy}; connect-src 'self'; frame-ancestors 'none'"


def render_dashboard(
    picture: Picture,
    balance: LiveBalance | None = None,
    *,
    where: str,
    base: str,
    links: Sequence[tuple[str, str]] = (),
    visit: object = None,
) -> str:
    """Write the whole page.

    Args:
        picture: what there is to see.
        balance: both sides, on what people have labelled; None where nothing can be said of it.
        where: what is watched.
        base: where the page stands, without a slash at its end.
        links: names and addresses of the pages beside it.
        visit: of whoever is signed in, with a ``person`` and a ``form_token``; None where nobody need be.
    """
    return read_template("dashboard.html.jinja").render(
        **_content(picture, balance, base),
        where=where,
        links=links,
        visit=visit,
        style=_style(),
        script=read_asset(_SCRIPT),
    )


def render_parts(picture: Picture, balance: LiveBalance | None = None, *, base: str) -> str:
    """Write the parts of the page that change, to take the place of those that are there."""
    return read_template("dashboard_parts.html.jinja").render(**_content(picture, balance, base))


def render_examples(number: int, alarm: Alarm, events: Sequence[Event], *, base: str) -> str:
    """Write the exchanges that show an alarm, as a page of their own; those that the store no longer has are counted."""
    return read_template("dashboard_examples.html.jinja").render(
        base=base,
        number=number,
        text=describe_alarm(alarm),
        events=events,
        n_gone=len(alarm.examples) - len(events),
        style=_style(),
        visible=make_visible,
        moment_of=_moment,
        who_words=_WHO,
    )


def _style() -> str:
    return "".join(read_asset(name) for name in _STYLES)


def _content(picture: Picture, balance: LiveBalance | None, base: str) -> dict[str, Any]:
    since = picture.begins[0] if picture.begins else 0.0
    changes = [change for change in gather_changes(list(picture.alarms)) if change.alarms[-1].at >= since]
    return {
        "base": base,
        "balance": balance if balance is not None and balance.n else None,
        "span": picture.span,
        "span_words": _SPAN_WORDS[picture.span],
        "spans": get_args(Span),
        "n": picture.n,
        "as_of": None if picture.last_at is None else _moment(picture.last_at),
        "knows_truth": any(course.expect is not None for course in picture.courses),
        "panels": list(_panels(picture)),
        "changes": [_change(change, picture.alarms) for change in reversed(changes)][:_MOST_CHANGES],
        "n_changes": len(changes),
        "latest": make_visible(describe_alarm(changes[-1].alarms[-1])) if changes else None,
        "map": _map(picture.cells),
        "templates": [_template(one) for one in picture.templates[:_MOST_TEMPLATES]],
        "n_templates": len(picture.templates),
        "slices": _slices(picture.slices),
        "rails": sorted((_range(rail) for rail in picture.rails), key=lambda one: one.low),
        "decades": [(_on_scale(ms), words) for ms, words in _DECADES],
        "visible": make_visible,
    }


def _panels(picture: Picture) -> Iterator[_Panel]:
    for key, (title, meaning) in _TITLES.items():
        courses = [course for course in picture.courses if course.metric == key]
        if courses:
            marks = [(n, alarm.since) for n, alarm in enumerate(picture.alarms, 1) if alarm.metric == key]
            drawn = draw_courses(courses, picture.begins, period_s=picture.period_s, marks=marks)
            yield _Panel(key, title, meaning, drawn)


def _change(change: Change, alarms: Sequence[Alarm]) -> dict[str, Any]:
    return {
        "number": change.number,
        "slice": make_visible(describe_slice(change.slice)),
        "since": _moment(change.since),
        "alarms": [_shown(alarms.index(alarm) + 1, alarm, change) for alarm in change.alarms],
    }


def _shown(number: int, alarm: Alarm, change: Change) -> _Shown:
    words = describe_shift(alarm) if alarm.slice == change.slice else describe_alarm(alarm)
    highest = max(alarm.before.high or 0.0, alarm.after.high or 0.0)
    return _Shown(
        number=number,
        text=make_visible(words),
        at=_moment(alarm.at),
        before=alarm.before,
        after=alarm.after,
        scale=next(top for top in (0.1, 0.25, 0.5, 1.0) if top >= min(1.0, highest)),
        n_examples=len(alarm.examples),
    )


def _map(cells: Sequence[Cell]) -> dict[str, Any]:
    """Lay the cells out: a row for what the guard did, a column for what the model did, of those that were met."""
    total = sum(cell.n for cell in cells)
    rows = [each for each in _GUARDED if any(cell.guarded == each for cell in cells)]
    columns = [each for each in _MODELLED if any(cell.modelled == each for cell in cells)]
    squares = {(cell.guarded, cell.modelled): _square(cell, total) for cell in cells}
    return {
        "columns": [_MODELLED[each] for each in columns],
        "rows": [(_GUARDED[row], [squares.get((row, column)) for column in columns]) for row in rows],
        "n_differ": sum(cell.n_differ for cell in cells),
        "differ": percent(sum(cell.n_differ for cell in cells) / total) if total else "",
    }


def _square(cell: Cell, total: int) -> _Square:
    share = cell.n / total
    # Each shade is for four times as many: what is rare stays to be seen beside what is common.
    shade = max(1, min(_SHADES, round(_SHADES + log10(share) / log10(4))))
    return _Square(cell.n, percent(share), shade, differs=2 * cell.n_differ > cell.n)


def _template(one: TemplateShare) -> dict[str, Any]:
    shares = [each for period, each in one.by_period.items() if period != UNDATED]
    return {
        "text": make_title(one.text),
        "share": one.share,
        "change": one.change,
        "since": None if one.change is None else _period(one.change.since),
        "spark": _spark(shares),
    }


def _spark(shares: Sequence[Estimate]) -> str:
    """Draw shares over time as bars: a path on a field of 120 by 24."""
    width = 120 / max(1, len(shares))
    return "".join(
        f"M{n * width:.1f},24v{-24 * (one.value or 0.0):.1f}h{max(0.6, width - 0.6):.1f}V24Z"
        for n, one in enumerate(shares)
        if one.value
    )


def _slices(rows: Sequence[SliceRow]) -> list[dict[str, Any]]:
    found = []
    for by, title in _BYS.items():
        some = [row for row in rows if row.by == by]
        if some:
            shown = [
                {"name": make_visible(row.value), "expect": _EXPECTS[row.expect], "n": row.n, "rates": row.rates}
                for row in some[:_MOST_VALUES]
            ]
            found.append({"title": title, "rows": shown, "n_more": len(some) - len(shown)})
    return found


def _range(rail: RailTime) -> _Range:
    return _Range(
        title=_RAILS.get(rail.rail, make_visible(rail.rail)),
        n=rail.n,
        p50=_duration(rail.p50_ms),
        p95=_duration(rail.p95_ms),
        low=_on_scale(rail.p50_ms),
        high=_on_scale(rail.p95_ms),
    )


def _on_scale(ms: float) -> float:
    """Place a time on a logarithmic scale from 0 to 1."""
    low, high = (log10(end) for end in _RAIL_MS)
    return round(min(1.0, max(0.0, (log10(ms) - low) / (high - low))), 4)


def _duration(ms: float) -> str:
    return f"{ms / 1000:.2g} s" if ms >= 1000 else f"{ms:.2g} ms"  # noqa: PLR2004 -- a second


def _moment(at: float) -> str:
    return moment(datetime.fromtimestamp(at, UTC).isoformat())


def _period(name: str) -> str:
    """Name an hour or a day, written as in ``2026-11-30T14``."""
    form = "%Y-%m-%dT%H" if "T" in name else "%Y-%m-%d"
    return datetime.strptime(name, form).strftime("%-d %B, %H:00" if "T" in name else "%-d %B")  # noqa: DTZ007 -- UTC both
