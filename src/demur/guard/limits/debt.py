"""Debt: what was used and has not come back yet, and how it drains; the generic cell rate algorithm.

ITU-T I.371 (03/2004), annex A, gives the algorithm in two forms that decide alike. This is the second, the
continuous-state leaky bucket: use fills a bucket, time drains it at the limit's rate, and what would overflow is
refused. The bucket holds a full minute's worth, so that a minute's requests may come at once.

Everything is a whole number, so that Python and Redis, whose Lua has doubles only, agree to the last unit: time in
milliseconds, and a debt in units (requests or tokens) times 60,000. A limit of L a minute drains L of that a
millisecond.
"""

__all__ = ["MOST_CHARGE", "MOST_DEBT_MS", "MOST_PER_MINUTE", "UNIT", "drain", "drained_in", "owe"]

UNIT = 60_000
"""The debt of one request or one token."""
MOST_PER_MINUTE = 200_000_000
"""The highest limit."""
MOST_DEBT_MS = 12 * 3600 * 1000
"""No debt takes longer to drain: a reply may cost more than a minute's worth, and a wrong count of an upstream's must
not shut a caller out for ever. With the highest limit that is 8.64e15, below 2 ** 53, where doubles end being exact."""
MOST_CHARGE = 1_000_000_000
"""Tokens that are counted of one request or reply."""


def drain(debt: int, elapsed_ms: int, *, per_minute: int) -> int:
    """Give what is left of a debt after a time; a clock that went back drains nothing."""
    left = debt - per_minute * elapsed_ms if elapsed_ms > 0 else debt
    return left if left > 0 else 0  # noqa: FURB136 -- a third of the time of max()


def drained_in(debt: int, *, per_minute: int) -> int:
    """Give the milliseconds, rounded up, after which nothing is left of a debt."""
    return -(-debt // per_minute) if debt > 0 else 0


def owe(debt: int, n: int, *, per_minute: int) -> int:
    """Add units to a debt, or take them back where ``n`` is negative."""
    return max(0, min(debt + max(-MOST_CHARGE, min(n, MOST_CHARGE)) * UNIT, per_minute * MOST_DEBT_MS))
