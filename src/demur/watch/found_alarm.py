"""Alarms as a record tells them: with moments that people read, and the exchanges that show what changed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from demur.types import Estimate
from demur.watch.alarm import Alarm, Direction, difference_of
from demur.watch.folder import ShardFolder
from demur.watch.moment import iso_of, period_span
from demur.watch.observation import Metric
from demur.watch.place import Place
from demur.watch.search import place_of
from demur.watch.template_change import TemplateChange
from demur.watch.templates import TemplateShare

__all__ = ["FoundAlarm", "FoundChange", "Shown", "read_shown", "tell_alarms", "tell_changes"]

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
    size: float | None
    """What is after less what was before: a difference of two rates in [0, 1]; None where one of them is not known."""
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
    """Of the first of its alarms: when it seems to have begun, and when the evidence sufficed."""
    n_alarms: int


def tell_alarms(
    alarms: Sequence[Alarm], templates: Sequence[TemplateShare], folder: ShardFolder, *, last: float | None
) -> list[FoundAlarm]:
    """Tell what changed in rates and in the words of refusals, in the order in which it could be told.

    Args:
        alarms: of rates; examples are named by where they lie.
        templates: those that did not change are passed over. Templates that changed in the same period are one change.
        folder: where the exchanges lie.
        last: the latest moment of the log; until then a period is known.
    """
    told = [_tell_alarm(alarm, folder) for alarm in alarms]
    n_changes = max((alarm.change for alarm in alarms), default=0)
    changed = [(one, one.change) for one in templates if one.change is not None]
    periods = sorted({change.since for _, change in changed})
    for one, change in changed:
        number = n_changes + 1 + periods.index(change.since)
        told.append(_tell_template(one, change, folder, number=number, last=last))
    return sorted(told, key=lambda alarm: (alarm.at, alarm.since, alarm.change))


def tell_changes(alarms: Sequence[FoundAlarm]) -> list[FoundChange]:
    """Tell what the alarms are of, in the order in which the first of each could be told."""
    numbers = dict.fromkeys(alarm.change for alarm in alarms)
    return [_gather(number, [alarm for alarm in alarms if alarm.change == number]) for number in numbers]


def _gather(number: int, alarms: Sequence[FoundAlarm]) -> FoundChange:
    first = alarms[0]
    common = {key: value for key, value in first.slice.items() if all(one.slice.get(key) == value for one in alarms)}
    return FoundChange(number, common, first.since, first.at, len(alarms))


def _tell_alarm(alarm: Alarm, folder: ShardFolder) -> FoundAlarm:
    return FoundAlarm(
        metric=alarm.metric,
        slice=dict(alarm.slice),
        direction=alarm.direction,
        since=iso_of(alarm.since),
        at=iso_of(alarm.at),
        size=alarm.size,
        before=alarm.before,
        after=alarm.after,
        n_seen=alarm.n_seen,
        examples=read_shown(map(place_of, alarm.examples), folder),
        change=alarm.change,
    )


def _tell_template(
    one: TemplateShare, change: TemplateChange, folder: ShardFolder, *, number: int, last: float | None
) -> FoundAlarm:
    end = period_span(change.found)[1]
    return FoundAlarm(
        metric="template",
        slice={"template": one.text},
        direction="more" if change.trend in ("new", "rising") else "fewer",
        since=iso_of(period_span(change.since)[0]),
        at=iso_of(end if last is None else min(end, last)),
        size=difference_of(change.before, change.after),
        before=change.before,
        after=change.after,
        n_seen=change.n_seen,
        examples=read_shown(one.shown, folder),
        change=number,
    )


def read_shown(places: Iterable[Place], folder: ShardFolder) -> tuple[Shown, ...]:
    """Read the exchanges that lie at some places, in their order."""
    places = list(places)
    wanted: dict[str, list[int]] = defaultdict(list)
    for place in places:
        wanted[place.shard].append(place.row)
    found: dict[Place, dict[str, Any]] = {}
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
