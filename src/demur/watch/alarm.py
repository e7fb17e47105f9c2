"""An alarm: what changed, in which slice, since when, by how much, and replies that show it."""

from dataclasses import dataclass
from typing import Literal

from demur.types import Estimate
from demur.watch.observation import Metric
from demur.watch.slices import Slice, overlaps

__all__ = ["Alarm", "Change", "Direction", "difference_of", "gather_changes", "number_change"]

Direction = Literal["more", "fewer"]


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A rate that is no longer what it was."""

    metric: Metric
    slice: Slice
    """The smallest that explains the evidence."""
    direction: Direction
    since: float
    """Most likely time of the change, in seconds since 1970 UTC."""
    at: float
    """When the evidence sufficed."""
    n_seen: int
    """Judged exchanges of the slice from the change to the alarm."""
    before: Estimate
    """Rate in the baseline of the same kinds of request, in the mix that came since; `n` is the size of the baseline."""
    after: Estimate
    """Rate since the change. That the change was found when it was makes it look larger than it is."""
    examples: tuple[str, ...]
    """Ids of up to ten exchanges since the change that went its way, the most telling first."""
    change: int
    """Alarms with the same number are of one change."""

    @property
    def size(self) -> float | None:
        """Say by how much it changed; as `difference_of`."""
        return difference_of(self.before, self.after)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What one or more alarms are of."""

    number: int
    slice: Slice
    """What the slices of all its alarms have in common: a change of a whole category may show in one language first."""
    since: float
    """Most likely time of the first of its alarms, in seconds since 1970 UTC."""
    at: float
    """When that was raised."""
    alarms: tuple[Alarm, ...]
    """Oldest first."""


def difference_of(before: Estimate, after: Estimate) -> float | None:
    """Give what is after less what was before; None where one of them is not known."""
    return None if before.value is None or after.value is None else after.value - before.value


def number_change(before: list[Alarm], alarm: Alarm) -> int:
    """Say which change an alarm is of: that of an earlier one, or a new one.

    It is that of an earlier one if it had begun when that one was raised, and is of traffic that can be the same. An alarm of
    the same metric and direction may be of other traffic, and have begun later by as long as the earlier one took.
    """
    for earlier in reversed(before):
        if (earlier.metric, earlier.direction) == (alarm.metric, alarm.direction):
            same = alarm.since <= 2 * earlier.at - earlier.since
        else:
            same = alarm.since <= earlier.at and overlaps(earlier.slice, alarm.slice)
        if same:
            return earlier.change
    return max((earlier.change for earlier in before), default=0) + 1


def gather_changes(alarms: list[Alarm]) -> list[Change]:
    """Put alarms of one change together, the oldest change first."""
    numbers = sorted({alarm.change for alarm in alarms})
    return [_gather(number, tuple(alarm for alarm in alarms if alarm.change == number)) for number in numbers]


def _gather(number: int, alarms: tuple[Alarm, ...]) -> Change:
    common = tuple(pair for pair in alarms[0].slice if all(pair in alarm.slice for alarm in alarms))
    return Change(number=number, slice=common, since=alarms[0].since, at=alarms[0].at, alarms=alarms)
