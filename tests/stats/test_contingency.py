"""The exact test of a two-by-two table, against its definition."""

from math import comb

import pytest

from demur.stats import fisher_exact


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
