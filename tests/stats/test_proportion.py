"""Claims about rates and their intervals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from demur.stats import clopper_pearson, clustered_proportion, wilson

COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
FAMILIES = st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=1, max_size=60)


def bounds(estimate):
    """Lower and upper bound."""
    return estimate.low, estimate.high


def test_wilson_reproduces_newcombe():
    """Newcombe (1998, table I): 81 of 263 gives .2553 to .3662, and 0 of 20 gives 0 to .1611."""
    assert bounds(wilson(81, 263)) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert bounds(wilson(0, 20)) == pytest.approx((0, 0.1611), abs=5e-5)


def test_clopper_pearson_reproduces_newcombe():
    """Newcombe (1998, table I): 81 of 263 gives .2527 to .3676, and 0 of 20 gives 0 to .1684."""
    assert bounds(clopper_pearson(81, 263)) == pytest.approx((0.2527, 0.3676), abs=5e-5)
    assert bounds(clopper_pearson(0, 20)) == pytest.approx((0, 0.1684), abs=5e-5)


@given(COUNTS)
def test_clopper_pearson_agrees_with_scipy(counts):
    """The bounds are those of scipy's exact interval."""
    expected = binomtest(*counts).proportion_ci(method="exact")
    assert bounds(clopper_pearson(*counts)) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize("method", [wilson, clopper_pearson])
@given(counts=COUNTS)
def test_plain_intervals_hold_the_rate_and_mirror(method, counts):
    """An interval holds its rate, lies in [0, 1], and that of the complement is its mirror image."""
    successes, n = counts
    estimate, mirror = method(successes, n), method(n - successes, n)
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
    assert bounds(mirror) == pytest.approx((1 - estimate.high, 1 - estimate.low), abs=1e-9)


@pytest.mark.parametrize("method", [wilson, clopper_pearson])
def test_nothing_judged_is_undefined(method):
    """Without observations there is no value, and the unjudged ones are still counted."""
    estimate = method(0, 0, n_unjudged=4)
    assert (estimate.value, estimate.low, estimate.high, estimate.n, estimate.n_unjudged) == (None, None, None, 0, 4)


@pytest.mark.parametrize("method", [wilson, clopper_pearson])
@pytest.mark.parametrize("counts", [(3, 2), (-1, 2), (0, -1), (float("nan"), 2)])
def test_impossible_counts_are_refused(method, counts):
    """More successes than observations, negative counts and NaN raise."""
    with pytest.raises(ValueError, match="expected"):
        method(*counts)


def test_clopper_pearson_never_covers_less_than_it_says():
    """Summed over all outcomes exactly, coverage is at least 95 % for n from 1 to 40 at any rate."""
    for n in (1, 2, 5, 12, 40):
        intervals = [bounds(clopper_pearson(k, n)) for k in range(n + 1)]
        for rate in np.linspace(0, 1, 101):
            held = [low <= rate <= high for low, high in intervals]
            assert binom.pmf(np.arange(n + 1), n, rate)[held].sum() >= 0.95 - 1e-9


def test_wilson_covers_what_it_says_on_average():
    """Summed over all outcomes exactly, mean coverage over rates is 94 to 97 % for n from 5 to 100."""
    rates = np.linspace(0.005, 0.995, 199)
    for n in (5, 20, 100):
        low, high = np.array([bounds(wilson(k, n)) for k in range(n + 1)]).T
        held = (low <= rates[:, None]) & (rates[:, None] <= high)
        coverage = (binom.pmf(np.arange(n + 1), n, rates[:, None]) * held).sum(axis=1)
        assert 0.94 < coverage.mean() < 0.97


def test_families_of_one_give_wilson():
    """Where every observation is a family of its own the interval is the plain one."""
    outcomes = [True] * 7 + [False] * 30
    assert bounds(clustered_proportion(outcomes, range(37))) == pytest.approx(bounds(wilson(7, 37)))


def test_a_few_twins_hardly_matter():
    """One pair among many singles leaves the interval nearly the plain one."""
    outcomes = [True] * 20 + [False] * 80
    paired = clustered_proportion(outcomes, [0, 0, *range(1, 99)])
    assert bounds(paired) == pytest.approx(bounds(wilson(20, 100)), abs=0.01)


def test_copies_add_no_certainty():
    """Five copies of every observation give no narrower an interval than one."""
    outcomes = [True] * 12 + [False] * 18
    copied = clustered_proportion(outcomes * 5, list(range(30)) * 5)
    single = wilson(12, 30)
    assert copied.value == single.value
    assert copied.n == 150
    assert copied.high - copied.low >= single.high - single.low - 1e-9


@pytest.mark.parametrize("outcome", [True, False])
def test_unanimity_of_families_is_worth_their_number(outcome):
    """At rates 0 and 1 a family counts at most once, so 60 observations in 20 families are no better than 20."""
    estimate = clustered_proportion([outcome] * 60, [i // 3 for i in range(60)])
    plain = wilson(20 * outcome, 20)
    assert estimate.value == float(outcome)
    assert estimate.high - estimate.low >= plain.high - plain.low


def test_one_family_says_nothing():
    """From a single family of several the interval is [0, 1]."""
    assert bounds(clustered_proportion([True, True, False], "aaa")) == pytest.approx((0, 1))


@given(FAMILIES)
def test_clustered_interval_holds_the_rate_and_mirrors(sample):
    """The interval holds its rate, lies in [0, 1], and that of the complement is its mirror image."""
    outcomes, clusters = zip(*sample, strict=True)
    estimate = clustered_proportion(outcomes, clusters)
    mirror = clustered_proportion([not outcome for outcome in outcomes], clusters)
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
    assert bounds(mirror) == pytest.approx((1 - estimate.high, 1 - estimate.low), abs=1e-9)


@given(FAMILIES, st.randoms(use_true_random=False))
def test_order_and_labels_do_not_matter(sample, random):
    """Shuffling observations and renaming families changes nothing."""
    renamed = [(outcome, f"family {-cluster}") for outcome, cluster in sample]
    random.shuffle(renamed)
    expected = clustered_proportion(*zip(*sample, strict=True))
    assert bounds(clustered_proportion(*zip(*renamed, strict=True))) == pytest.approx(bounds(expected), abs=1e-12)


def test_clustered_counts_what_is_missing():
    """Unjudged observations stand beside the rate, and alone if nothing is judged."""
    assert clustered_proportion([True, False], [1, 2], n_unjudged=3).n_unjudged == 3
    nothing = clustered_proportion([], [], n_unjudged=3)
    assert (nothing.value, nothing.low, nothing.high, nothing.n, nothing.n_unjudged) == (None, None, None, 0, 3)


def test_clustered_refuses_what_does_not_fit():
    """Lengths that differ and a negative count of missing ones raise."""
    with pytest.raises(ValueError, match="one cluster each"):
        clustered_proportion([True, False], [1])
    with pytest.raises(ValueError, match="n_unjudged"):
        clustered_proportion([True], [1], n_unjudged=-1)


def draw_families(rng, *, n_families, rate, likeness, largest):
    """Beta-binomial families of 1 to `largest`: outcomes and labels; `likeness` is the intraclass correlation."""
    sizes = rng.integers(1, largest + 1, n_families)
    if likeness == 0 or rate in (0, 1):
        rates = np.full(n_families, rate)
    elif likeness == 1:
        rates = (rng.random(n_families) < rate).astype(float)
    else:
        precision = (1 - likeness) / likeness
        rates = rng.beta(rate * precision, (1 - rate) * precision, n_families)
    labels = np.repeat(np.arange(n_families), sizes)
    return (rng.random(len(labels)) < rates[labels]).tolist(), labels.tolist()


@pytest.mark.slow
@pytest.mark.parametrize("n_families", [5, 10, 20, 50, 200])
@pytest.mark.parametrize("rate", [0, 0.02, 0.1, 0.5, 0.9, 0.98, 1])
def test_clustered_coverage(n_families, rate):
    """Whatever the likeness within families of 1 to 5, the interval covers at least 93 % (500 draws, so 95 % less 2 s.e.)."""
    rng = np.random.default_rng([n_families, round(100 * rate)])
    for likeness in (0, 0.5, 0.9):
        hits = 0
        for _ in range(500):
            drawn = draw_families(rng, n_families=n_families, rate=rate, likeness=likeness, largest=5)
            estimate = clustered_proportion(*drawn)
            hits += estimate.low <= rate <= estimate.high
        assert hits / 500 >= 0.93


@pytest.mark.slow
def test_clustered_coverage_is_not_bought_with_width():
    """At 200 families the interval is near nominal, not merely wide: coverage is at most 97.5 % at rate .5."""
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(1000):
        drawn = draw_families(rng, n_families=200, rate=0.5, likeness=0.3, largest=5)
        estimate = clustered_proportion(*drawn)
        hits += estimate.low <= 0.5 <= estimate.high
    assert 0.93 <= hits / 1000 <= 0.975
