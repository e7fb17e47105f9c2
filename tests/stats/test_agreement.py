"""Claims about confusion tables, agreement, sensitivity and specificity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demur.stats import (
    Confusion,
    clustered_kappa,
    clustered_proportion,
    cohen_kappa,
    raw_agreement,
    sensitivity,
    specificity,
    tabulate,
    wilson,
)
from demur.stats.agreement import _kappa_variance


def table_of(counts):
    """A table with letters for labels and nothing unjudged."""
    size = len(counts)
    return Confusion(tuple("abcdef"[:size]), tuple(map(tuple, counts)), (0,) * size)


def kappa_of(shares):
    """Cohen's kappa, straight from its definition."""
    chance = sum(shares[i].sum() * shares[:, i].sum() for i in range(len(shares)))
    return (np.trace(shares) - chance) / (1 - chance)


def delta_method_variance(shares, step=1e-6):
    """Multinomial variance of kappa by numerical differentiation, times n; kappa is taken at normalised shares."""
    gradient = np.zeros_like(shares)
    for cell in np.ndindex(shares.shape):
        shift = np.zeros_like(shares)
        shift[cell] = step
        up, down = shares + shift, shares - shift
        gradient[cell] = (kappa_of(up / up.sum()) - kappa_of(down / down.sum())) / (2 * step)
    return (shares * gradient**2).sum() - (shares * gradient).sum() ** 2


TABLES = st.integers(2, 4).flatmap(
    lambda size: st.lists(st.lists(st.integers(0, 30), min_size=size, max_size=size), min_size=size, max_size=size)
)


def test_tabulate_counts_pairs_and_what_is_missing():
    """Each pair is counted where its labels meet; a missing verdict is kept by its true label."""
    table = tabulate(["yes", "no", "no", "yes", "no"], ["yes", "yes", "no", None, None])
    assert table.labels == ("no", "yes")
    assert table.counts == ((1, 1), (0, 1))
    assert table.unjudged == (1, 1)
    assert (table.n, table.n_unjudged) == (3, 2)


def test_tabulate_keeps_the_order_asked_for():
    """Labels given are used as they stand, also those that do not occur."""
    table = tabulate(["b"], ["a"], labels=["c", "b", "a"])
    assert table.counts == ((0, 0, 0), (0, 0, 1), (0, 0, 0))


@pytest.mark.parametrize(
    ("reference", "judged", "labels"),
    [(["a"], [], None), ([None], ["a"], None), (["a"], ["b"], ["a"]), (["a"], ["a"], ["a", "a"])],
)
def test_tabulate_refuses_what_does_not_fit(reference, judged, labels):
    """Lengths that differ, a missing truth, a stray label and a doubled one raise."""
    with pytest.raises(ValueError, match="expected"):
        tabulate(reference, judged, labels=labels)


@pytest.mark.parametrize(
    ("labels", "counts", "unjudged"),
    [
        (("a", "b"), ((1, 2),), (0, 0)),
        (("a", "b"), ((1, 2), (3,)), (0, 0)),
        (("a", "b"), ((1, 2), (3, -1)), (0, 0)),
        (("a",), ((1,),), ()),
    ],
)
def test_a_table_must_be_square_and_counted(labels, counts, unjudged):
    """A table that is not square, misses a row's unjudged or holds a negative number raises."""
    with pytest.raises(ValueError, match="expected"):
        Confusion(labels, counts, unjudged)


def test_sensitivity_and_specificity_are_rows_of_the_table():
    """Se is hits among what is so, Sp is correct denials among the rest; each counts its own unjudged."""
    table = Confusion(("comply", "partial", "refuse"), ((40, 3, 7), (2, 10, 3), (4, 1, 45)), (5, 6, 7))
    assert sensitivity(table, "refuse") == wilson(45, 50, n_unjudged=7)
    assert specificity(table, "refuse") == wilson(55, 65, n_unjudged=11)


def test_one_labels_sensitivity_is_the_others_specificity():
    """With two labels, the sensitivity for one is the specificity for the other."""
    table = table_of([[31, 12], [4, 58]])
    assert sensitivity(table, "a") == specificity(table, "b")


def test_unknown_label_is_refused():
    """Asking about a label the table has not raises and names those it has."""
    with pytest.raises(ValueError, match="'refuse'"):
        sensitivity(table_of([[1, 0], [0, 1]]), "refuse")


def test_sensitivity_of_what_never_occurs_is_undefined():
    """Without one true case there is no sensitivity."""
    assert sensitivity(tabulate(["a"], ["b"]), "b").value is None


def test_raw_agreement_is_the_diagonal():
    """Agreement is the share on the diagonal, with the unjudged beside it."""
    table = Confusion(("a", "b"), ((3, 1), (2, 4)), (1, 0))
    assert raw_agreement(table) == wilson(7, 10, n_unjudged=1)


@pytest.mark.parametrize(
    ("counts", "kappa"),
    [([[31, 12], [4, 58]], 0.6756757), ([[20, 5], [10, 15]], 0.4), ([[45, 15], [25, 15]], 0.1304348)],
)
def test_kappa_reproduces_published_values(counts, kappa):
    """Kappa is that of the example of R's statpsych and of two textbook tables."""
    assert cohen_kappa(table_of(counts)).value == pytest.approx(kappa, abs=1e-7)


def test_variance_reproduces_published_value():
    """For the table 31, 12, 4, 58 R's statpsych gives a standard error of .07344761."""
    shares = np.array([[31, 12], [4, 58]]) / 105
    assert np.sqrt(_kappa_variance(shares) / 105) == pytest.approx(0.07344761, abs=1e-7)


@pytest.mark.parametrize(
    "counts",
    [[[31, 12], [4, 58]], [[88, 14, 18], [10, 40, 10], [2, 6, 12]], [[5, 1, 2, 1], [3, 9, 1, 2], [1] * 4, [2] * 4]],
)
def test_variance_is_that_of_the_delta_method(counts):
    """The closed form equals the multinomial variance found by differentiating kappa numerically."""
    shares = np.array(counts) / np.sum(counts)
    assert _kappa_variance(shares) == pytest.approx(delta_method_variance(shares), rel=1e-5)


def test_kappa_interval_is_the_normal_one_in_large_samples():
    """With many observations the interval is kappa plus and minus 1.96 standard errors."""
    counts = np.array([[31, 12], [4, 58]]) * 1000
    estimate = cohen_kappa(table_of(counts.tolist()))
    reach = 1.959964 * 0.07344761 / np.sqrt(1000)
    assert (estimate.low, estimate.high) == pytest.approx((0.6756757 - reach, 0.6756757 + reach), abs=5e-5)


def test_perfect_agreement_is_not_certainty():
    """Ten agreements in ten give kappa 1 with a lower bound well below it."""
    estimate = cohen_kappa(table_of([[5, 0], [0, 5]]))
    assert (estimate.value, estimate.high) == (1, 1)
    assert estimate.low == pytest.approx(2 * wilson(10, 10).low - 1)


def test_kappa_of_one_label_is_undefined():
    """Where both use one label only chance explains everything: there is no kappa, but the n stays."""
    estimate = cohen_kappa(table_of([[9, 0], [0, 0]]))
    assert (estimate.value, estimate.low, estimate.high, estimate.n) == (None, None, None, 9)
    assert "one label" in estimate.method


def test_kappa_of_nothing_is_undefined():
    """Without judged observations kappa is undefined and the unjudged are counted."""
    estimate = cohen_kappa(tabulate(["a", "b"], [None, None]))
    assert (estimate.value, estimate.n, estimate.n_unjudged) == (None, 0, 2)


@given(TABLES, st.randoms(use_true_random=False))
def test_kappa_does_not_depend_on_names_or_sides(counts, random):
    """Reordering the labels or swapping the labellers leaves value and bounds as they are, all in [-1, 1]."""
    counts = np.array(counts)
    estimate = cohen_kappa(table_of(counts.tolist()))
    order = list(range(len(counts)))
    random.shuffle(order)
    for other in (counts[np.ix_(order, order)], counts.T):
        same = cohen_kappa(table_of(other.tolist()))
        if estimate.value is None:
            assert same.value is None
        else:
            assert (same.value, same.low, same.high) == pytest.approx((estimate.value, estimate.low, estimate.high))
            assert -1 <= estimate.low <= estimate.value <= estimate.high <= 1


@pytest.mark.slow
@pytest.mark.parametrize("kappa", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("n", [50, 200])
def test_kappa_coverage(kappa, n):
    """For two to four labels, from even to 4 to 1, the interval covers 91 % and above at 50 and 200 observations."""
    rng = np.random.default_rng([round(100 * kappa), n])
    for marginals in ([0.5, 0.5], [0.8, 0.2], [0.4, 0.3, 0.2, 0.1]):
        shares = kappa * np.diag(marginals) + (1 - kappa) * np.outer(marginals, marginals)
        draws = rng.multinomial(n, shares.ravel(), size=1000).reshape(1000, *shares.shape)
        estimates = [cohen_kappa(table_of(draw.tolist())) for draw in draws]
        defined = [estimate for estimate in estimates if estimate.value is not None]
        assert len(defined) > 950
        assert np.mean([estimate.low <= kappa <= estimate.high for estimate in defined]) >= 0.91


def kappa_over_families(firsts, seconds, families):
    """Estimate the agreement of two labellers on observations that come in families."""
    same = [first == second for first, second in zip(firsts, seconds, strict=True)]
    return clustered_kappa(tabulate(firsts, seconds), clustered_proportion(same, families))


def test_kappa_of_families_of_one_is_cohens():
    """Where no two observations share a family nothing is widened."""
    table = table_of([[31, 12], [4, 58]])
    plain = cohen_kappa(table)
    clustered = clustered_kappa(table, raw_agreement(table))
    assert (clustered.value, clustered.low, clustered.high) == pytest.approx((plain.value, plain.low, plain.high))


def test_kappa_of_nothing_in_families_is_undefined():
    """Where kappa itself has no value there is nothing to widen, whatever the agreement is."""
    table = table_of([[9, 0], [0, 0]])
    assert clustered_kappa(table, raw_agreement(table)) == cohen_kappa(table)


def test_kappa_needs_the_agreement_it_is_made_from():
    """An agreement without a value beside a table that has one is a mistake of the caller's."""
    with pytest.raises(ValueError, match="expected bounds"):
        clustered_kappa(table_of([[5, 1], [1, 5]]), wilson(0, 0))


@pytest.mark.slow
@pytest.mark.parametrize("n_families", [30, 150])
def test_kappa_coverage_in_families(n_families):
    """With three labels and families of four that are hard together, the interval covers 93 % and above."""
    rng = np.random.default_rng(n_families)
    size, marginals = 4, np.array([0.5, 0.4, 0.1])

    def draw(n):
        firsts = np.repeat(rng.choice(3, n, p=marginals), size)
        is_guess = rng.random(n * size) < np.repeat(rng.beta(0.3, 0.9, n), size)
        return firsts, np.where(is_guess, rng.choice(3, n * size, p=marginals), firsts)

    def estimate(n):
        firsts, seconds = (["abc"[label] for label in labels] for labels in draw(n))
        return kappa_over_families(firsts, seconds, np.repeat(np.arange(n), size).tolist())

    truth = 1 - 0.3 / 1.2  # a guess agrees by chance alone, and a quarter are guesses
    estimates = [estimate(n_families) for _ in range(400)]
    assert np.mean([one.low <= truth <= one.high for one in estimates]) >= 0.93
