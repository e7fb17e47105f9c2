"""Claims about the Wilson interval and the constants."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import binomtest

from demur.stats.interval import CONFIDENCE, Interval, Z, undefined, wilson_interval


def test_quantile_belongs_to_confidence():
    """The literal normal quantile is the one of the confidence level."""
    assert NormalDist().inv_cdf((1 + CONFIDENCE) / 2) == pytest.approx(Z, abs=1e-12)


@pytest.mark.parametrize(("successes", "n"), [(0, 1), (0, 10), (3, 10), (81, 263), (15, 148), (29, 29)])
def test_wilson_agrees_with_scipy(successes, n):
    """The bounds are those of scipy's Wilson interval."""
    expected = binomtest(successes, n).proportion_ci(method="wilson")
    assert wilson_interval(successes / n, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilson_inverts_the_score_test():
    """At a fractional number of observations too, each bound is where the score statistic is critical."""
    rate, n = 0.3, 12.7
    root = brentq(lambda x: n * (rate - x) ** 2 - Z**2 * x * (1 - x), rate, 1)
    assert wilson_interval(rate, n).high == pytest.approx(root)


@given(rate=st.floats(0, 1), n=st.floats(0, 1e7))
def test_wilson_holds_the_rate_within_the_unit_interval(rate, n):
    """The interval holds its rate and stays in [0, 1], at any size down to none."""
    low, high = wilson_interval(rate, n)
    assert 0 <= low <= rate <= high <= 1


@given(rate=st.floats(0, 1), n=st.floats(0.1, 1e5))
def test_wilson_is_symmetric(rate, n):
    """The interval of the complement is the complement of the interval."""
    low, high = wilson_interval(rate, n)
    assert wilson_interval(1 - rate, n) == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_wilson_without_observations_says_nothing():
    """At size 0 the interval is [0, 1]."""
    assert wilson_interval(0.4, 0) == pytest.approx((0, 1))


def test_covering_widens_only_as_needed():
    """An interval is widened to a value outside it and left alone by one inside."""
    interval = Interval(0.2, 0.4)
    assert interval.covering(0.1) == (0.1, 0.4)
    assert interval.covering(0.5) == (0.2, 0.5)
    assert interval.covering(0.3) == interval


def test_undefined_keeps_the_counts():
    """An undefined estimate has no number but says how much was left out."""
    estimate = undefined(0, 7, "wilson")
    assert (estimate.value, estimate.low, estimate.high) == (None, None, None)
    assert (estimate.n, estimate.n_unjudged, estimate.method) == (0, 7, "wilson")


def test_narrower_with_more_observations():
    """At one rate the interval narrows as observations are added."""
    widths = [high - low for low, high in (wilson_interval(0.2, n) for n in (5, 10, 50, 500))]
    assert np.all(np.diff(widths) < 0)
