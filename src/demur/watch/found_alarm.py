"""Alarms as a record tells them: with moments that people read, and the exchanges that show what changed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from demur.types import Estimate
from demur.watch.alarm import Alarm, Direction, gather_changes
from demur.watch.folder import ShardFolder
from demur.watch.moment import iso_of
from demur.watch.observation import Metric
from demur.watch.place import Place
from demur.watch.search import place_of

__all__ = ["FoundAlarm", "FoundChange", "Shown", "read_shown", "tell_alarm", "tell_changes"]

_CHARACTERS = 600
"""Of a request, and of a reply, that are told."""


@dataclass(frozen=True)
class Shown:
    """An exchange that shows a change."""

    id: str | None
    """As the log calls it."""
    at: str
    """ISO 8601 in UTC."""
    prompt: str
    response: str | None
    """The first 600 characters of what was asked, and of the reply; null where there was none."""
    shard: str
    row: int
    """Where all of it lies in the work folder: the name of the shard, and its row, from 0."""


@dataclass(frozen=True, kw_only=True)
class FoundAlarm:
    """A rate that is no longer what it was."""

    metric: Metric | Literal["template"]
    slice: dict[str, str]
    """The smallest that explains the evidence; of a template its wording."""
    direction: Direction
    since: str
    """Most likely time of the change, ISO 8601 in UTC; of a template the beginning of the hour, or day."""
    at: str
    """When the evidence sufficed."""
    size: float
    """What is after less what was before: a difference of two rates in [0, 1]."""
    before: Estimate
    """In the mix of requests since the change."""
    after: Estimate
    n_seen: int
    """Exchanges of the slice, or refusals, from the change until the evidence sufficed."""
    examples: tuple[Shown, ...]
    """Up to ten that went its way, the most telling first."""
    change: int
    """Alarms with the same number are of one change."""


@dataclass(frozen=True)
class FoundChange:
    """What one or more alarms are of."""

    number: int
    slice: dict[str, str]
    """What the slices of all its alarms have in common."""
    since: str
    at: str
    """Of the first of its alarms."""
    n_alarms: int


def tell_alarm(alarm: Alarm, folder: ShardFolder) -> FoundAlarm:
    """Tell an alarm whose examples were named by where they lie."""
    return FoundAlarm(
        metric=alarm.metric,
        slice=dict(alarm.slice),
        direction=alarm.direction,
        since=iso_of(alarm.since),
        at=iso_of(alarm.at),
        size=(alarm.after.value or 0.0) - (alarm.before.value or 0.0),
        before=alarm.before,
        after=alarm.after,
        n_seen=alarm.n_seen,
        examples=read_shown(map(place_of, alarm.examples), folder),
        change=alarm.change,
    )


def tell_changes(alarms: Sequence[Alarm]) -> list[FoundChange]:
    """Tell what the alarms are of, the oldest change first."""
    return [
        FoundChange(one.number, dict(one.slice), iso_of(one.since), iso_of(one.at), len(one.alarms))
        for one in gather_changes(list(alarms))
    ]


def read_shown(places: Iterable[Place], folder: ShardFolder) -> tuple[Shown, ...]:
    """Read the exchanges that lie at some places, in their order."""
    places = list(places)
    wanted: dict[str, list[int]] = defaultdict(list)
    for place in places:
        wanted[place.shard].append(place.row)
    found = {}
    for shard, numbers in wanted.items():
        rows = folder.read_rows(shard, ("id", "at", "prompt", "response"))
        found |= {Place(shard, number): rows[number] for number in numbers}
    return tuple(
        Shown(
            id=found[place]["id"],
            at=iso_of(found[place]["at"]),
            prompt=found[place]["prompt"][:_CHARACTERS],
            response=None if found[place]["response"] is None else found[place]["response"][:_CHARACTERS],
            shard=place.shard,
            row=place.row,
        )
        for place in places
    )
