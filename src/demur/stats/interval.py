"""The interval every rate is given: two bounds at 95 % confidence, and Wilson's way to them."""

from math import sqrt
from typing import NamedTuple

from demur.types import Estimate

__all__ = ["CONFIDENCE", "Interval", "Z", "undefined", "wilson_interval"]

CONFIDENCE = 0.95
"""Confidence level of every interval in demur."""

Z = 1.959963984540054
"""Standard normal quantile at 0.975; a literal, so that reading a rate does not load scipy."""


class Interval(NamedTuple):
    """Two bounds, the lower first; fractions."""

    low: float
    high: float

    def covering(self, value: float) -> "Interval":
        """Widen the interval by as little as makes it hold the value."""
        return Interval(min(self.low, value), max(self.high, value))


def wilson_interval(rate: float, n: float) -> Interval:
    """Invert the score test of a binomial rate (Wilson 1927).

    Args:
        rate: observed fraction, in [0, 1].
        n: number of observations it rests on, or an effective number; may be fractional, and 0 gives [0, 1].

    Returns:
        Bounds in [0, 1] that hold the rate.
    """
    centre = n * rate + Z * Z / 2
    half_width = Z * sqrt(n * rate * (1 - rate) + Z * Z / 4)
    bounds = Interval(max(0.0, (centre - half_width) / (n + Z * Z)), min(1.0, (centre + half_width) / (n + Z * Z)))
    return bounds.covering(rate)  # at 0 and 1 rounding could leave the rate outside by 1e-17


def undefined(n: int, n_unjudged: int, method: str) -> Estimate:
    """Make the estimate that says there is nothing to estimate from; the counts stay visible."""
    return Estimate(None, None, None, n, n_unjudged, method)
