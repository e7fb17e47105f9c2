"""Differences and means of rates from different samples, from the estimates of each.

The distance of each estimate from its bounds is squared and added (Newcombe 1998, method 10, for two rates; Zou and Donner 2008
for any sum, Zou 2007 with correlation). Since the bounds are Wilson's, the interval keeps its sense at 0 and 1.
"""

from collections.abc import Hashable, Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np

from demur.stats.interval import Interval, undefined
from demur.stats.observations import as_binary, group
from demur.types import Estimate

__all__ = ["Term", "contrast", "newcombe", "shared_correlation"]


class Term(NamedTuple):
    """A rate in a sum."""

    weight: float
    """What it is multiplied by; negative for one that is taken away."""
    rate: Estimate
    correlation: float = 0.0
    """Of the estimate with that of the term before, in [0, 1]; 0 where they share no families."""


def newcombe(first: Estimate, second: Estimate) -> Estimate:
    """Estimate the first rate less the second, of independent samples, in [-1, 1] (Newcombe 1998, method 10)."""
    return contrast([Term(1, first), Term(-1, second)])


def contrast(terms: Sequence[Term]) -> Estimate:
    """Estimate a weighted sum of rates.

    Args:
        terms: at least one; only neighbours may be correlated, and a negative correlation, which would narrow the interval, is
            to be given as 0.

    Returns:
        The sum, of all observations together; undefined where a rate is.
    """
    n, n_unjudged = sum(term.rate.n for term in terms), sum(term.rate.n_unjudged for term in terms)
    value = below = above = 0.0
    last = _Reach(0.0, 0.0)
    for term in terms:
        rate = term.rate
        if rate.value is None or rate.low is None or rate.high is None:
            return undefined(n, n_unjudged, _METHOD)
        ends = sorted((term.weight * (rate.low - rate.value), term.weight * (rate.high - rate.value)))
        reach = _Reach(-ends[0], ends[1])
        value += term.weight * rate.value
        below += reach.below**2 + 2 * term.correlation * reach.below * last.below
        above += reach.above**2 + 2 * term.correlation * reach.above * last.above
        last = reach
    most = sum(max(term.weight, 0) for term in terms)
    least = sum(min(term.weight, 0) for term in terms)
    bounds = Interval(max(value - sqrt(below), least), min(value + sqrt(above), most)).covering(value)
    return Estimate(value, bounds.low, bounds.high, n, n_unjudged, _METHOD)


def shared_correlation(
    first: tuple[Sequence[bool], Sequence[Hashable]], second: tuple[Sequence[bool], Sequence[Hashable]]
) -> float:
    """Estimate how two rates vary together because the same families are in both, in [0, 1].

    It is the correlation of the two linearised over families (Taylor linearisation of ratios); one below 0 is given as 0,
    and 0 where one of the rates does not vary.

    Args:
        first: outcomes of one rate, and the family of each.
        second: of the other.
    """
    totals: dict[Hashable, list[float]] = {}
    for place, (outcomes, clusters) in enumerate((first, second)):
        if not outcomes:
            return 0.0
        families = group(as_binary("outcomes", outcomes), clusters)
        residuals = families.totals - families.mean * families.sizes
        for name, residual in zip(dict.fromkeys(clusters), residuals, strict=True):
            totals.setdefault(name, [0.0, 0.0])[place] = float(residual)
    spread = np.array(list(totals.values()))
    one, other = (spread**2).sum(axis=0)
    if min(one, other) <= 0:
        return 0.0
    return float(min(1.0, max(0.0, (spread[:, 0] * spread[:, 1]).sum() / sqrt(one * other))))


_METHOD = "newcombe 10, squared and added"


class _Reach(NamedTuple):
    """How far the bounds of a term are from its value."""

    below: float
    above: float
