"""The area under the ROC curve: how often a score puts a positive above a negative."""

from collections.abc import Sequence

import numpy as np

from demur.stats.interval import Interval, Z, undefined
from demur.stats.observations import check_count
from demur.types import Estimate

__all__ = ["area", "auroc"]

_METHOD = "mann-whitney, newcombe 5"


def auroc(
    positive: Sequence[float],
    negative: Sequence[float],
    *,
    n_families: tuple[int, int] | None = None,
    n_unjudged: int = 0,
) -> Estimate:
    """Estimate how often a positive has the higher score, ties counting half (Mann and Whitney 1947).

    The interval is the score interval of Newcombe (2006, Statistics in Medicine 25, 559-573, method 5), which keeps its sense at 0 and 1:
    the variance is that of Hanley and McNeil (1982) at the value supposed, with their sizes replaced by the mean of the two.
    Of families, as many are counted on each side as there are families, which is on the safe side.

    Args:
        positive: scores of those that should be high.
        negative: of those that should be low.
        n_families: independent families among either; None takes every score to be independent.
        n_unjudged: scores left out for want of a label.

    Returns:
        The area in [0, 1]; undefined where a side is empty.

    Raises:
        ValueError: a score is not a number, or there are more families than scores.
    """
    check_count("n_unjudged", n_unjudged)
    high, low = (np.asarray(side, dtype=np.float64) for side in (positive, negative))
    if np.isnan(high).any() or np.isnan(low).any():
        raise ValueError("found a score that is not a number; expected such to be left out and counted as unjudged")
    n = len(high) + len(low)
    if not len(high) or not len(low):
        return undefined(n, n_unjudged, _METHOD)
    n_high, n_low = n_families or (len(high), len(low))
    if not (0 < n_high <= len(high) and 0 < n_low <= len(low)):
        raise ValueError(f"n_families is {n_families}; expected at most {len(high)} and {len(low)}, and at least 1")
    value = area(positive, negative)
    bounds = Interval(1 - _upper(1 - value, n_high, n_low), _upper(value, n_high, n_low)).covering(value)
    return Estimate(value, bounds.low, bounds.high, n, n_unjudged, _METHOD)


def area(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Give how often a positive has the higher score, ties counting half, in [0, 1]; neither side may be empty."""
    low = np.sort(np.asarray(negative, dtype=np.float64))
    below = np.searchsorted(low, positive, side="left") + np.searchsorted(low, positive, side="right")
    return float(below.sum() / (2 * len(positive) * len(low)))


def _upper(value: float, n_high: int, n_low: int) -> float:
    """Largest area that the score test does not reject."""
    from scipy.optimize import brentq

    rest = (n_high + n_low) / 2 - 1

    def excess(supposed: float) -> float:
        spread = 1 + rest * ((1 - supposed) / (2 - supposed) + supposed / (1 + supposed))
        return (supposed - value) ** 2 - Z * Z * supposed * (1 - supposed) * spread / (n_high * n_low)

    inside = value + 1e-9  # at 0 and 1 the variance, and so the excess, is 0
    return 1.0 if inside >= 1 else float(brentq(excess, inside, 1.0))
