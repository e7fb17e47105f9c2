"""A rate from observations drawn with unequal chances: its value, and how often its interval holds the truth."""

import numpy as np
import pytest

from demur.stats import weighted_proportion, wilson


def test_with_equal_chances_it_is_wilsons():
    """Weights that are all alike change nothing."""
    plain, weighted = wilson(3, 10), weighted_proportion([True] * 3 + [False] * 7, [0.1] * 10)
    assert [weighted.value, weighted.low, weighted.high] == pytest.approx([plain.value, plain.low, plain.high])


def test_each_stands_for_as_many_as_it_was_drawn_from():
    """One that was drawn with a chance of a tenth counts as ten."""
    assert weighted_proportion([True, False], [0.1, 1.0]).value == pytest.approx(10 / 11)
    assert weighted_proportion([], []).value is None
    assert weighted_proportion([True], [1.0], n_unjudged=2).n_unjudged == 2


@pytest.mark.parametrize("chances", [[0.0], [1.5], [0.5, 0.5]])
def test_what_is_no_chance_is_refused(chances):
    """A chance is in (0, 1], and there is one for each outcome."""
    with pytest.raises(ValueError, match="chance"):
        weighted_proportion([True], chances)


@pytest.mark.parametrize("rates", [(0.1, 0.1), (0.05, 0.3), (0.9, 0.6)])
def test_the_interval_holds_the_truth(rates):
    """Two strata of 4,000 and 1,000, drawn with .02 and .1: the interval holds the population's rate in 91 to 99 of 100 draws."""
    rng = np.random.default_rng(5)
    strata = [(4000, 0.02, rates[0]), (1000, 0.1, rates[1])]
    held = 0
    for _ in range(400):
        truth = [rng.random(size) < rate for size, _, rate in strata]
        drawn = [rng.random(size) < chance for size, chance, _ in strata]
        outcomes = [bool(one) for y, d in zip(truth, drawn, strict=True) for one in y[d]]
        chances = [chance for (_, chance, _), d in zip(strata, drawn, strict=True) for _ in range(d.sum())]
        found = weighted_proportion(outcomes, chances)
        held += found.low <= np.concatenate(truth).mean() <= found.high
    assert 0.91 <= held / 400 <= 0.99
