"""Differences and means of rates from different samples."""

import numpy as np
import pytest

from demur.stats import Term, clustered_proportion, contrast, newcombe, shared_correlation, wilson


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_reproduces_newcombe(first, second, low, high):
    """The bounds of method 10 are those of Newcombe (1998, table II)."""
    found = newcombe(wilson(*first), wilson(*second))
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert found.value == pytest.approx(first[0] / first[1] - second[0] / second[1])
    assert found.n == first[1] + second[1]


def test_an_undefined_rate_makes_the_sum_undefined():
    """What one rate does not say, no sum with it says; the counts stay."""
    found = newcombe(wilson(3, 4), wilson(0, 0, n_unjudged=2))
    assert (found.value, found.low, found.high, found.n, found.n_unjudged) == (None, None, None, 4, 2)


def test_the_order_of_two_rates_only_turns_the_sign():
    """The difference the other way round has the mirrored interval."""
    one, other = wilson(7, 9), wilson(2, 30)
    ahead, back = newcombe(one, other), newcombe(other, one)
    assert (ahead.value, ahead.low, ahead.high) == pytest.approx((-back.value, -back.high, -back.low))


def test_perfectly_correlated_halves_are_one_rate():
    """The mean of a rate with itself is that rate, with its interval."""
    rate = wilson(7, 9)
    found = contrast([Term(0.5, rate), Term(0.5, rate, 1.0)])
    assert (found.value, found.low, found.high) == pytest.approx((rate.value, rate.low, rate.high))


def test_the_correlation_is_that_of_family_means():
    """With one of each in every family it is the correlation of the outcomes; without common families it is 0."""
    rng = np.random.default_rng(0)
    one = rng.random(200) < 0.5
    other = np.where(rng.random(200) < 0.4, one, rng.random(200) < 0.5)
    families = list(range(200))
    found = shared_correlation((one.tolist(), families), (other.tolist(), families))
    assert found == pytest.approx(np.corrcoef(one, other)[0, 1])
    assert shared_correlation((one.tolist(), families), (other.tolist(), range(200, 400))) == 0
    assert shared_correlation((one.tolist(), families), ((~one).tolist(), families)) == 0
    assert shared_correlation(([True] * 200, families), (other.tolist(), families)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("likeness", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("rate", [0.5, 0.8, 0.97])
@pytest.mark.parametrize("n_families", [15, 60])
def test_the_interval_covers_what_it_says(n_families, rate, likeness):
    """Over 2,000 draws of families with a harmful and a harmless twin the gap's interval holds the truth in 93 % and more."""
    rng = np.random.default_rng(11)
    held = 0
    truth = 0.5 * (rate + 0.9) - 0.5 * (0.7 + 0.6)
    for _ in range(2000):
        terms = []
        for weight, rates, size in ((0.5, (rate, 0.9), n_families), (-0.5, (0.7, 0.6), 2 * n_families)):
            shared, own = rng.random(size), rng.random((2, size))
            is_shared = rng.random(size) < likeness
            drawn = [np.where(is_shared, shared, mine) < level for mine, level in zip(own, rates, strict=True)]
            sides = [(outcomes.tolist(), list(range(size))) for outcomes in drawn]
            safety, utility = (clustered_proportion(*side) for side in sides)
            terms += [Term(weight, safety), Term(weight, utility, shared_correlation(*sides))]
        found = contrast(terms)
        held += found.low <= truth <= found.high
    assert held / 2000 >= 0.93
