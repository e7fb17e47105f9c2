"""Two shares that may differ: the exact test of a two-by-two table, and of several at once."""

import numpy as np
from numpy.typing import NDArray

from demur.stats.observations import check_successes

__all__ = ["exact_in_strata", "fisher_exact"]

_WIDE = 12.0
"""Standard deviations from its mean within which a stratum's count is looked at: beyond is less than 1e-30."""
_AS_LIKELY = 1 + 1e-7
"""Tables whose probabilities differ by less are equally likely; as in scipy.stats.fisher_exact."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


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


def exact_in_strata(k_first: Ints, n_first: Ints, k_second: Ints, n_second: Ints) -> float:
    """Test whether two shares differ within strata: the exact conditional test of several two-by-two tables.

    Given the margins of every stratum, the count of the first in each is hypergeometric if its shares are the same, and their sum
    has the convolution of these (Gart 1970, "Point and interval estimation of the common odds ratio in the combination of 2 x 2
    tables with fixed marginals", Biometrika 57). Two-sided by the probabilities of the sums; with one stratum it is `fisher_exact`.

    Args:
        k_first: shape (strata,): how many of the first have something.
        n_first: how many there are of the first.
        k_second: of the second that have it.
        n_second: of the second.

    Returns:
        The p value, in [0, 1]; 1 where no stratum says anything. Below 1e-30 it is no more than small.
    """
    total = k_first + k_second
    low = np.maximum(0, total - n_second)
    says = np.minimum(total, n_first) > low
    probability = np.ones(1)
    start = 0
    for stratum in np.flatnonzero(says):
        first, several = _hypergeometric(
            int(total[stratum]), int(n_first[stratum]), int(n_second[stratum]), int(k_first[stratum])
        )
        probability = np.convolve(probability, several)
        start += first
    observed = probability[int(k_first[says].sum()) - start]
    return min(1.0, float(probability[probability <= observed * _AS_LIKELY].sum()))


def _hypergeometric(total: int, n_first: int, n_second: int, seen: int) -> tuple[int, Floats]:
    """Give the probabilities of a stratum's counts: the first count, and one for each from there on."""
    from scipy.special import gammaln

    n = n_first + n_second
    mean = total * n_first / n
    wide = _WIDE * np.sqrt(mean * n_second / n * (n - total) / max(1, n - 1)) + _WIDE
    first = min(seen, max(0, total - n_second, int(mean - wide)))
    last = max(seen, min(total, n_first, int(mean + wide)))
    counts = np.arange(first, last + 1)

    def log_choose(of: int, some: Ints) -> Floats:
        chosen: Floats = gammaln(of + 1) - gammaln(some + 1) - gammaln(of - some + 1)
        return chosen

    log_ways = log_choose(n_first, counts) + log_choose(n_second, total - counts) - log_choose(n, np.array(total))
    return first, np.exp(log_ways)
