"""Claims about the effective sample size of families."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from demur.stats.design_effect import effective_sample_size, kish_families
from demur.stats.observations import Families


def families_of(totals, sizes):
    """Families with these sums and sizes."""
    return Families(np.array(totals), np.array(sizes))


def literal_size(totals, sizes):
    """The definition for a rate, step by step, in loops."""
    n, n_families = sum(sizes), len(sizes)
    p = sum(totals) / n
    robust = sum((y - p * m) ** 2 for y, m in zip(totals, sizes, strict=True))
    robust *= n_families / (n_families - 1) / n**2
    random_sampling = p * (1 - p) / (n - 1)
    size = n / (robust / random_sampling)
    kish = n**2 / sum(m**2 for m in sizes)
    informative = min(sum(y > 0 for y in totals), sum(y < m for y, m in zip(totals, sizes, strict=True)))
    critical = t.ppf(0.975, n - 1)
    corrected = size * (critical / t.ppf(0.975, min(informative, kish - 1))) ** 2
    least = min(size, kish) * (critical / t.ppf(0.975, kish - 1)) ** 2
    return min(max(corrected, least), n)


def size_of_rate(totals, sizes):
    """The effective sample size of a rate."""
    families = families_of(totals, sizes)
    p = families.mean
    informative = min(int((families.totals > 0).sum()), int((families.totals < families.sizes).sum()))
    return effective_sample_size(families, variance=p * (1 - p), n_informative=informative)


@pytest.mark.parametrize(
    ("totals", "sizes"),
    [
        ([2, 0, 1, 3, 0, 2], [3, 2, 2, 3, 1, 4]),
        ([1, 0, 0, 0, 0, 0, 0, 0], [3, 2, 2, 3, 1, 4, 4, 5]),
        ([5, 5, 0, 5, 0, 0, 5, 5, 0, 0, 5, 0], [5] * 12),
        ([4, 1, 2, 2, 3, 1, 2, 2], [5, 4, 5, 5, 5, 3, 4, 5]),
    ],
)
def test_size_follows_its_definition(totals, sizes):
    """The effective size is the one of the definition written out in loops."""
    assert size_of_rate(totals, sizes) == pytest.approx(literal_size(totals, sizes))


def test_families_of_one_are_worth_their_number():
    """Independent observations are worth exactly n."""
    assert size_of_rate([1, 0, 0, 1, 0], [1] * 5) == 5


def test_identical_members_are_worth_one():
    """Doubling every observation of a large sample adds nothing, up to the correction for degrees of freedom."""
    rng = np.random.default_rng(4)
    outcomes = rng.integers(0, 2, 400)
    assert size_of_rate(2 * outcomes, np.full(400, 2)) == pytest.approx(400, rel=0.01)


def test_families_without_spread_count_once():
    """Where every outcome is the same, a family is worth at most one observation."""
    assert 15 < size_of_rate([3] * 20, [3] * 20) < 20


def test_one_family_of_several_is_worth_nothing():
    """From one family the spread between families cannot be known."""
    assert size_of_rate([2], [5]) == 0


def test_kish_counts_equal_families():
    """The effective number of families is their number if all are of a size, and near 1 if one has nearly all."""
    assert kish_families(families_of([0, 0, 0], [4, 4, 4])) == pytest.approx(3)
    assert kish_families(families_of([0, 0], [1000, 1])) == pytest.approx(1.002, abs=1e-4)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), min_size=1, max_size=30))
def test_size_lies_between_none_and_all(pairs):
    """No sample of families is worth less than nothing or more than its observations."""
    sizes = [size for _, size in pairs]
    totals = [min(total, size) for total, size in pairs]
    assert 0 <= size_of_rate(totals, sizes) <= sum(sizes)


def test_one_overwhelming_family_stays_finite():
    """A family a thousand times the rest gives a size near 0, without overflow."""
    assert size_of_rate([100_000, 0], [200_000, 1]) == pytest.approx(0, abs=1e-3)
