"""A hold: how whoever keeps asking for what is blocked is held off, longer each time, and forgiven after quiet."""

import math
from typing import NamedTuple

from demur.guard.limits.rules import Penalty

__all__ = ["Hold", "forgotten_at", "held_ms", "lengthen"]


class Hold(NamedTuple):
    """What is remembered of blocked attempts; times are milliseconds of the store's clock."""

    ms: int = 0
    """Length of the last hold; 0 before the first."""
    until: int = 0
    """When it ends."""
    times: tuple[int, ...] = ()
    """When attempts were blocked, before the first hold; afterwards every one counts."""


def held_ms(hold: Hold, penalty: Penalty, *, now: int) -> int:
    """Give how much longer somebody is held off; never longer than the policy has it, should the clock go back."""
    return max(0, min(hold.until - now, penalty.most_ms))


def lengthen(hold: Hold, penalty: Penalty, *, now: int) -> Hold:
    """Take in one more blocked attempt."""
    if hold.ms and now < hold.until + penalty.within_ms:
        # Rounded up, so that a hold of a few milliseconds grows too.
        ms = min(penalty.most_ms, math.ceil(hold.ms * penalty.factor))
        return Hold(ms, now + ms)
    times = (*(time for time in hold.times if now - time < penalty.within_ms), now)
    if len(times) >= penalty.after:
        return Hold(penalty.first_ms, now + penalty.first_ms)
    return Hold(times=times)


def forgotten_at(hold: Hold, penalty: Penalty) -> int:
    """Give when nothing of it counts any more."""
    return (hold.until if hold.ms else hold.times[-1]) + penalty.within_ms
