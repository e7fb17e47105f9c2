"""The exact tests of two-by-two tables, against their definitions."""

from itertools import product
from math import comb, prod

import numpy as np
import pytest

from demur.stats import exact_in_strata, fisher_exact


def by_definition(k, n, j, m):
    """Add the probabilities of all tables that are no likelier than the one observed."""
    total = k + j

    def probability(i):
        return comb(n, i) * comb(m, total - i) / comb(n + m, total)

    tables = range(max(0, total - m), min(n, total) + 1)
    return sum(p for i in tables if (p := probability(i)) <= probability(k) * (1 + 1e-7))


@pytest.mark.parametrize(
    ("k", "n", "j", "m"), [(3, 10, 9, 12), (0, 5, 5, 5), (12, 12, 0, 30), (1, 7, 2, 9), (4, 8, 4, 8)]
)
def test_the_p_value_is_that_of_the_definition(k, n, j, m):
    """The p value is the probability of tables no likelier, given the margins."""
    assert fisher_exact(k, n, j, m) == pytest.approx(by_definition(k, n, j, m))


def test_an_empty_side_tells_nothing_and_impossible_counts_are_refused():
    """With nothing on one side p is 1; more successes than observations are no table."""
    assert fisher_exact(0, 0, 3, 5) == 1
    with pytest.raises(ValueError, match="at most"):
        fisher_exact(6, 5, 0, 5)


def stratified_by_definition(tables):
    """Add the probabilities of all sums that are no likelier than the one observed, table by table."""
    ranges = [range(max(0, k + j - m), min(n, k + j) + 1) for k, n, j, m in tables]
    sums = {}
    for counts in product(*ranges):
        ways = prod(
            comb(n, i) * comb(m, k + j - i) / comb(n + m, k + j) for i, (k, n, j, m) in zip(counts, tables, strict=True)
        )
        sums[sum(counts)] = sums.get(sum(counts), 0) + ways
    observed = sums[sum(k for k, *_ in tables)]
    return sum(p for p in sums.values() if p <= observed * (1 + 1e-7))


@pytest.mark.parametrize(
    "tables",
    [
        [(3, 10, 9, 12)],
        [(3, 10, 9, 12), (1, 4, 5, 6)],
        [(0, 5, 5, 5), (2, 9, 1, 3), (7, 7, 1, 4)],
        [(0, 0, 3, 5), (4, 8, 1, 8)],
    ],
)
def test_within_strata_the_p_value_is_that_of_the_definition(tables):
    """The sum over strata is held against all sums that the margins of each allow."""
    assert exact_in_strata(*np.array(tables).T) == pytest.approx(stratified_by_definition(tables))


def test_shares_that_differ_between_strata_only_are_no_difference():
    """What is much in one stratum and little in another, and asked for more or less, is Simpson's and nobody's change."""
    first, second = (90, 100), (1, 10)
    tables = np.array([(*first, 9, 10), (*second, 10, 100)])
    assert exact_in_strata(*tables.T) == pytest.approx(1.0, abs=0.3)
    assert fisher_exact(91, 110, 19, 110) < 1e-12


def test_strata_that_say_nothing_leave_nothing_to_test_and_large_ones_are_read():
    """One empty side everywhere is p = 1; a hundred thousand in a stratum take no time and agree with Fisher's test."""
    assert exact_in_strata(*np.array([(0, 0, 3, 5), (0, 7, 0, 5)]).T) == 1
    assert exact_in_strata(*np.array([(10_300, 100_000, 10_000, 100_000)]).T) == pytest.approx(
        fisher_exact(10_300, 100_000, 10_000, 100_000), rel=1e-6
    )
