"""Two shares that may differ: the exact test of a two-by-two table."""

from demur.stats.observations import check_successes

__all__ = ["fisher_exact"]


def fisher_exact(k_first: int, n_first: int, k_second: int, n_second: int) -> float:
    """Test whether two shares differ: Fisher's exact test (Fisher 1935), two-sided by the probabilities of the tables.

    Args:
        k_first: how many of the first have something.
        n_first: how many there are of the first.
        k_second: of the second that have it.
        n_second: of the second.

    Returns:
        The p value, in (0, 1]; 1 where one of the two is empty.

    Raises:
        ValueError: the counts are impossible.
    """
    from scipy.stats import fisher_exact as test

    check_successes(k_first, n_first, 0)
    check_successes(k_second, n_second, 0)
    return min(1.0, float(test([[k_first, n_first - k_first], [k_second, n_second - k_second]]).pvalue))
