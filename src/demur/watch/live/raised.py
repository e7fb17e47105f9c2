"""An alarm as it leaves the watch: numbered, and in words."""

from dataclasses import dataclass
from datetime import UTC, datetime

from demur.cases import HAZARDS
from demur.records import content_hash
from demur.types import Estimate
from demur.watch.alarm import Alarm
from demur.watch.slices import Slice

__all__ = ["Raised", "describe_alarm", "describe_slice"]

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
    alarm: Alarm

    @classmethod
    def of(cls, number: int, alarm: Alarm) -> "Raised":
        """Number an alarm and put it in words."""
        return cls(number=number, id=content_hash(alarm), text=describe_alarm(alarm), alarm=alarm)


def describe_alarm(alarm: Alarm) -> str:
    """Say in one line what changed, where, since when and by how much."""
    return (
        f"{alarm.direction} {_METRICS[alarm.metric]}: {_percent(alarm.before)} before, {_percent(alarm.after)} of "
        f"{alarm.n_seen:,} since {_moment(alarm.since)}, in {describe_slice(alarm.slice)}"
    )


def describe_slice(within: Slice) -> str:
    """Name a slice of traffic."""
    values = dict(within)
    parts = [_EXPECTS.get(values.pop("expect", ""), "all traffic" if not values else "requests")]
    if (category := values.pop("category", None)) is not None:
        parts.append(
            f"of category {category} ({HAZARDS[category]})" if category in HAZARDS else f"of category {category}"
        )
    parts += [f"{key} {value}" for key, value in values.items()]
    return ", ".join(parts)


def _percent(rate: Estimate) -> str:
    return "not known" if rate.value is None else f"{100 * rate.value:.1f} %"


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%-d %B, %H:%M UTC")
