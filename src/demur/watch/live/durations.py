"""How long things took, as counts in narrow bins, from which quantiles can be read."""

from collections.abc import Mapping
from math import exp, floor, log

__all__ = ["bin_of", "quantile_ms"]

_BINS_PER_E = 10
"""Bins in a factor of e: each is 10.5 % wide, so a quantile is off by half of that at most."""
_LEAST_MS = 0.001


def bin_of(ms: float) -> int:
    """Give the bin of a time in milliseconds; what took less than a microsecond counts as that."""
    return floor(log(max(ms, _LEAST_MS)) * _BINS_PER_E)


def quantile_ms(counts: Mapping[int, int], share: float) -> float | None:
    """Give the time within which a share of the counted were done, as the middle of its bin; None where nothing was counted."""
    total = sum(counts.values())
    below = 0
    for place, n in sorted(counts.items()):
        below += n
        if below >= share * total:
            return exp((place + 0.5) / _BINS_PER_E)
    return None
