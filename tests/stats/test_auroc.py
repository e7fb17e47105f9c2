"""The area under the ROC curve and its interval."""

import numpy as np
import pytest

from demur.stats.auroc import area, auroc


@pytest.mark.parametrize("seed", range(5))
def test_the_area_is_the_share_of_pairs_in_order(seed):
    """It is the share of pairs with the positive above, ties counting half, as counted one by one."""
    rng = np.random.default_rng(seed)
    high, low = rng.integers(0, 6, 17).tolist(), rng.integers(0, 5, 23).tolist()
    pairs = [1.0 if one > other else 0.5 if one == other else 0.0 for one in high for other in low]
    assert area(high, low) == pytest.approx(np.mean(pairs))
    found = auroc(high, low)
    assert found.value == pytest.approx(np.mean(pairs))
    assert (found.n, found.low <= found.value <= found.high) == (40, True)


def test_the_bounds_are_where_the_score_test_just_holds():
    """At either bound the distance is 1.96 of the standard errors that Hanley and McNeil give for it, of equal sides."""
    high, low = [3.0, 5, 6, 7, 2], [1.0, 4, 2.5, 0, 3.5]
    found = auroc(high, low)
    for bound in (found.low, found.high):
        q1, q2 = bound / (2 - bound), 2 * bound**2 / (1 + bound)
        variance = (bound * (1 - bound) + 4 * (q1 - bound**2) + 4 * (q2 - bound**2)) / 25
        assert (bound - found.value) ** 2 == pytest.approx(1.959964**2 * variance, rel=1e-4)


def test_a_perfect_score_keeps_its_doubt():
    """Where all pairs are in order the interval is not of width 0, and turning the sides round turns it round."""
    perfect = auroc([2.0, 3], [0.0, 1])
    assert (perfect.value, perfect.high) == (1, 1)
    assert perfect.low < 0.8
    turned = auroc([0.0, 1], [2.0, 3])
    assert (turned.value, turned.low) == (0, 0)
    assert turned.high == pytest.approx(1 - perfect.low)


def test_families_widen_the_interval():
    """Copies of the same scores say no more than the scores."""
    high, low = [1.0, 3, 2, 5], [0.0, 2.5, 1.5, 0.5]
    once = auroc(high, low)
    copies = auroc(high * 9, low * 9, n_families=(4, 4))
    assert (copies.value, copies.low, copies.high) == pytest.approx((once.value, once.low, once.high))


def test_nothing_is_made_of_nothing():
    """An empty side has no area, a score that is not a number is no score, and there are no more families than scores."""
    assert auroc([], [1.0], n_unjudged=2) == auroc([], [2.0], n_unjudged=2)
    assert auroc([], [1.0]).value is None
    with pytest.raises(ValueError, match="not a number"):
        auroc([float("nan")], [1.0])
    with pytest.raises(ValueError, match="n_families"):
        auroc([1.0], [0.0], n_families=(2, 1))


@pytest.mark.slow
@pytest.mark.parametrize("shift", [0.0, 1.0, 2.5])
def test_the_interval_covers(shift):
    """The interval holds the true area in 93 % of samples or more, also near 1."""
    from math import erf

    rng = np.random.default_rng(1)
    truth = (1 + erf(shift / 2)) / 2
    drawn = [auroc(rng.normal(shift, 1, 30).tolist(), rng.normal(0, 1, 25).tolist()) for _ in range(500)]
    assert np.mean([one.low <= truth <= one.high for one in drawn]) > 0.93
