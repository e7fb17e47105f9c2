"""An alarm: what changed, in which slice, since when, by how much, and replies that show it."""

from dataclasses import dataclass
from typing import Literal

from demur.types import Estimate
from demur.watch.observation import Metric
from demur.watch.slices import Slice, overlaps

__all__ = ["Alarm", "Direction", "number_change"]

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


def number_change(before: list[Alarm], within: Slice, since: float) -> int:
    """Say which change an alarm is of: that of an earlier one of overlapping traffic that it began before, or a new one."""
    for alarm in reversed(before):
        if since <= alarm.at and overlaps(alarm.slice, within):
            return alarm.change
    return max((alarm.change for alarm in before), default=0) + 1
