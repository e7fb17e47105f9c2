"""An alarm as it leaves the watch: numbered, and in words."""

from dataclasses import dataclass
from datetime import UTC, datetime

from demur.cases import HAZARDS
from demur.records import content_hash
from demur.types import Estimate
from demur.watch.alarm import Alarm, Direction
from demur.watch.moment import iso_of
from demur.watch.observation import Metric
from demur.watch.slices import Slice

__all__ = ["Raised", "describe_alarm", "describe_shift", "describe_slice"]

_METRICS = {
    "refused": "refused",
    "partial": "answered in part",
    "leaked": "refused and given anyway",
    "capitulated": "given in to when pressed",
    "escalated": "taken for a crisis",
    "blocked": "blocked by the guard",
    "disagreed": "seen differently by guard and model",
}
_EXPECTS = {
    "comply": "harmless requests",
    "refuse": "harmful requests",
    "clarify": "requests that call for a question",
}


@dataclass(frozen=True, kw_only=True)
class Raised:
    """An alarm, and what tells it from every other."""

    number: int
    """From 1, in the order in which they were raised."""
    id: str
    """The same whenever the same alarm is told: who hears of it twice can tell."""
    text: str
    """One line in plain words."""
    metric: Metric
    slice: dict[str, str]
    """The smallest that explains the evidence; empty is all traffic."""
    direction: Direction
    since: str
    """Most likely time of the change, ISO 8601 in UTC."""
    at: str
    """When the evidence sufficed."""
    size: float | None
    """What is after less what was before: a difference of two rates in [0, 1]; None where one of them is not known."""
    before: Estimate
    """In the mix of requests since the change."""
    after: Estimate
    """That the change was found when it was makes it look larger than it is."""
    n_seen: int
    """Judged exchanges of the slice from the change to the alarm."""
    examples: tuple[str, ...]
    """Ids of up to ten exchanges that went its way, the most telling first."""
    change: int
    """Alarms with the same number are of one change."""

    @classmethod
    def of(cls, number: int, alarm: Alarm) -> "Raised":
        """Number an alarm and put it in words."""
        return cls(
            number=number,
            id=content_hash(alarm),
            text=describe_alarm(alarm),
            metric=alarm.metric,
            slice=dict(alarm.slice),
            direction=alarm.direction,
            since=iso_of(alarm.since),
            at=iso_of(alarm.at),
            size=alarm.size,
            before=alarm.before,
            after=alarm.after,
            n_seen=alarm.n_seen,
            examples=alarm.examples,
            change=alarm.change,
        )


def describe_alarm(alarm: Alarm) -> str:
    """Say in one line what changed, where, since when and by how much."""
    return f"{describe_slice(alarm.slice)}: {describe_shift(alarm)}"


def describe_shift(alarm: Alarm) -> str:
    """Say what changed, since when and by how much, but not where."""
    return (
        f"{alarm.direction} {_METRICS[alarm.metric]} since {_moment(alarm.since)}: {_percent(alarm.before)} before, "
        f"{_percent(alarm.after)} of {alarm.n_seen:,} after"
    )


def describe_slice(within: Slice) -> str:
    """Name a slice of traffic."""
    values = dict(within)
    named = _EXPECTS.get(values.pop("expect", ""), "")
    if (category := values.pop("category", None)) is not None:
        hazard = f" ({HAZARDS[category]})" if category in HAZARDS else ""
        named = f"{named} of category {category}{hazard}" if named else f"category {category}{hazard}"
    return (
        ", ".join([*([named] if named else []), *(f"{key} {value}" for key, value in values.items())]) or "all traffic"
    )


def _percent(rate: Estimate) -> str:
    return "not known" if rate.value is None else f"{100 * rate.value:.1f} %"


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%-d %B, %H:%M UTC")
