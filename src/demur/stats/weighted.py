"""A rate of a population from observations that were drawn with known, unequal probabilities."""

from collections.abc import Sequence

from demur.stats.interval import undefined, wilson_interval
from demur.stats.observations import check_count
from demur.types import Estimate

__all__ = ["weighted_proportion"]


def weighted_proportion(outcomes: Sequence[bool], chances: Sequence[float], *, n_unjudged: int = 0) -> Estimate:
    """Estimate a rate from a sample whose members were drawn independently, each with a probability that is known.

    The rate is Hájek's ratio (1971), sum of w y over sum of w with w = 1 / chance; its interval is Wilson's at Kish's effective size
    (1965), (sum of w) squared over the sum of squared w. Where all chances are alike it is `demur.stats.wilson`.

    Args:
        outcomes: what was observed, unjudged ones left out.
        chances: with which each was drawn, in (0, 1].
        n_unjudged: observations left out for want of a verdict.

    Raises:
        ValueError: the lengths differ, or a chance is none.
    """
    method = "hajek, wilson at the effective sample size"
    check_count("n_unjudged", n_unjudged)
    if len(outcomes) != len(chances):
        raise ValueError(f"found {len(outcomes)} outcomes and {len(chances)} chances; expected pairs")
    if not all(0 < chance <= 1 for chance in chances):
        raise ValueError("a chance is not in (0, 1]")
    if not outcomes:
        return undefined(0, n_unjudged, method)
    weights = [1 / chance for chance in chances]
    total = sum(weights)
    rate = min(1.0, sum(weight for weight, outcome in zip(weights, outcomes, strict=True) if outcome) / total)
    bounds = wilson_interval(rate, total**2 / sum(weight**2 for weight in weights))
    return Estimate(rate, bounds.low, bounds.high, len(outcomes), n_unjudged, method)
