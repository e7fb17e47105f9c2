"""Claims about paired tests, differences and their correction for number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import binomtest, norm, t

from demur.stats import Discordant, discordant, holm, mcnemar, paired_bootstrap
from demur.stats.difference import FEWEST_VARYING, _expanded_percentile, _tango_interval
from demur.stats.observations import Families

Z = 1.959963984540054
PAIRS = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 25)), min_size=1, max_size=60)


def rng_of(seed=0):
    """A generator with a fixed seed."""
    return np.random.default_rng(seed)


def pairs_of(lost, gained, same):
    """Outcomes before and after with so many pairs of each kind."""
    before = [True] * lost + [False] * gained + [True] * same
    return before, [False] * lost + [True] * gained + [True] * same


def test_discordant_pairs_are_told_by_direction():
    """True then false is lost, false then true is gained, the rest are neither."""
    before, after = [True, True, False, False, True], [True, False, True, False, False]
    assert discordant(before, after) == Discordant(lost=2, gained=1)


@given(st.integers(0, 200), st.integers(0, 200))
def test_mcnemar_agrees_with_scipy(b, c):
    """The p value is that of scipy's binomial test at one half, whichever way the pairs are named."""
    expected = binomtest(b, b + c, 0.5).pvalue if b + c else 1.0
    assert mcnemar(b, c) == pytest.approx(expected, rel=1e-9)
    assert mcnemar(b, c) == mcnemar(c, b)


def test_mcnemar_by_hand():
    """One loss against nine gains: 2 (1 + 10) / 2^10."""
    assert mcnemar(1, 9) == pytest.approx(22 / 1024)
    assert mcnemar(0, 0) == 1


def test_mcnemar_reproduces_a_published_value():
    """For the 6 and 16 discordant patients of Cavo et al. (2012), R's contingencytables gives .052479."""
    assert mcnemar(6, 16) == pytest.approx(0.052479, abs=5e-7)


@pytest.mark.parametrize("counts", [(-1, 2), (2, -1), (1.5, 2), (float("nan"), 1)])
def test_mcnemar_refuses_what_is_no_count(counts):
    """Negative, fractional and missing counts raise."""
    with pytest.raises(ValueError, match="expected"):
        mcnemar(*counts)


def test_holm_by_hand():
    """The four p values .01, .04, .03, .005 become .03, .06, .06, .02."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_follows_the_step_down_rule(p_values):
    """A hypothesis is rejected at alpha by its adjusted value exactly when the step-down rule rejects it."""
    for alpha in (0.01, 0.05, 0.3, 0.9):
        order = np.argsort(p_values, kind="stable")
        rejected = set()
        for rank, position in enumerate(order):
            if (len(p_values) - rank) * p_values[position] > alpha:
                break
            rejected.add(int(position))
        assert {i for i, value in enumerate(holm(p_values)) if value <= alpha} == rejected


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_lies_between_raw_and_bonferroni(p_values):
    """An adjusted value is at least the raw one and at most Bonferroni's."""
    for raw, adjusted in zip(p_values, holm(p_values), strict=True):
        assert raw <= adjusted <= min(1, len(p_values) * raw)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_holm_refuses_what_is_no_p_value(value):
    """Numbers outside [0, 1] and NaN raise and are pointed at."""
    with pytest.raises(ValueError, match=r"p_values\[1\]"):
        holm([0.5, value])


def test_tango_reproduces_a_published_interval():
    """Of 161 patients of Cavo et al. (2012), 16 lost and 6 gained: R's contingencytables gives -.1240 to -.0054."""
    assert _tango_interval(16 / 161, 6 / 161, 161) == pytest.approx((-0.1240, -0.0054), abs=5e-5)


def test_tango_without_change_has_its_closed_form():
    """Where no pair changed the bounds are plus and minus z^2 / (n + z^2)."""
    for n in (3, 20, 55.5):
        bound = Z**2 / (n + Z**2)
        assert _tango_interval(0, 0, n) == pytest.approx((-bound, bound))


@pytest.mark.parametrize(("lost", "gained", "n"), [(5, 12, 40), (0, 3, 25), (1, 18, 20)])
def test_tango_bounds_are_critical(lost, gained, n):
    """At each bound the score, with the loss rate of highest likelihood found by search, is critical."""
    for bound in _tango_interval(lost / n, gained / n, n):

        def misfit(loss, bound=bound):
            chances = np.clip([loss, loss + bound, 1 - 2 * loss - bound], 1e-300, None)
            return -np.dot([lost, gained, n - lost - gained], np.log(chances))

        span = (max(0, -bound), (1 - bound) / 2)
        loss = minimize_scalar(misfit, bounds=span, method="bounded", options={"xatol": 1e-12}).x
        score = (gained - lost - n * bound) / np.sqrt(n * (2 * loss + bound - bound**2))
        assert abs(score) == pytest.approx(Z, rel=1e-4)


def test_bootstrap_agrees_with_its_literal_version():
    """The bounds are near those of drawing whole families one by one and pooling their pairs."""
    rng = rng_of(7)
    labels = np.repeat(np.arange(40), rng.integers(1, 6, 40))
    before, after = rng.random(len(labels)) < 0.6, rng.random(len(labels)) < 0.4
    change = after.astype(int) - before
    members = [change[labels == label] for label in range(40)]
    means = [np.concatenate([members[i] for i in rng.integers(0, 40, 40)]).mean() for _ in range(6000)]
    # For 40 families the expanded levels are the normal tails at sqrt(40/39) times the t quantile 2.0227: .0203.
    expected = np.quantile(means, [0.0203, 0.9797])
    estimate = paired_bootstrap(before, after, labels.tolist(), rng=rng, n_resamples=6000)
    assert estimate.method == "cluster bootstrap"
    assert estimate.value == pytest.approx(change.mean())
    assert (estimate.low, estimate.high) == pytest.approx(expected, abs=0.012)


def test_few_families_widen_the_quantiles():
    """For 12 families the levels are the normal tails at sqrt(12/11) times the t quantile, as resampling by index shows."""
    sizes = np.array([1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 3, 4])
    totals = np.array([1, -1, 2, 0, 3, 1, 4, -2, 1, 0, 2, 3])
    drawn = rng_of(5).integers(0, 12, (200_000, 12))
    means = totals[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    reach = np.sqrt(12 / 11) * t.ppf(0.975, 11)
    expected = np.quantile(means, norm.cdf([-reach, reach]))
    found = _expanded_percentile(Families(totals, sizes), rng=rng_of(6), n_resamples=200_000)
    assert found == pytest.approx(expected, abs=0.004)


def test_bootstrap_of_independent_pairs_has_the_normal_width():
    """For many independent pairs the interval reaches 1.96 standard errors to either side."""
    before, after = pairs_of(lost=100, gained=300, same=600)
    estimate = paired_bootstrap(before, after, range(1000), rng=rng_of(), n_resamples=20_000)
    reach = Z * np.sqrt((0.4 - 0.2**2) / 1000)
    assert (estimate.low, estimate.high) == pytest.approx((0.2 - reach, 0.2 + reach), abs=0.002)


def test_no_change_is_not_certainty():
    """Twenty pairs none of which changed leave room for a change either way, and the method says how it was found."""
    before, after = pairs_of(lost=0, gained=0, same=20)
    estimate = paired_bootstrap(before, after, range(20), rng=rng_of())
    bound = Z**2 / (20 + Z**2)
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx((0, -bound, bound))
    assert "tango" in estimate.method


@pytest.mark.parametrize(
    ("before", "after"),
    [([False] * 20, [True] * 20), ([True, False] * 20, [False, True] * 20), ([False] * 39 + [True], [False] * 40)],
    ids=["all gained", "gain and loss in each family", "one lost"],
)
def test_no_degenerate_sample_has_a_narrow_interval(before, after):
    """Change everywhere, change that cancels in every family and a single change all leave an interval of some width."""
    estimate = paired_bootstrap(before, after, [i // 2 for i in range(len(before))], rng=rng_of())
    assert "tango" in estimate.method
    assert estimate.high - estimate.low > 0.1


def test_the_method_changes_where_it_says():
    """With the eleventh family that differs from the commonest the bootstrap takes over."""
    for gained, method in ((FEWEST_VARYING, "tango"), (FEWEST_VARYING + 1, "bootstrap")):
        before, after = pairs_of(lost=0, gained=gained, same=60)
        assert method in paired_bootstrap(before, after, range(len(before)), rng=rng_of()).method


def test_one_family_says_nothing_of_the_difference():
    """From a single family of several pairs the interval is [-1, 1]."""
    estimate = paired_bootstrap([True, True, False], [True, False, False], "aaa", rng=rng_of())
    assert (estimate.low, estimate.high) == pytest.approx((-1, 1))


def test_copied_pairs_add_no_certainty():
    """Four copies of every pair, in its family, leave the width as it was."""
    before, after = pairs_of(lost=15, gained=25, same=40)
    single = paired_bootstrap(before, after, range(80), rng=rng_of())
    copied = paired_bootstrap(before * 4, after * 4, list(range(80)) * 4, rng=rng_of())
    assert copied.n == 320
    assert copied.high - copied.low == pytest.approx(single.high - single.low, rel=0.05)


@given(PAIRS)
def test_difference_interval_holds_the_difference(pairs):
    """The interval holds the mean difference, lies in [-1, 1] and has a width."""
    before, after, clusters = zip(*pairs, strict=True)
    estimate = paired_bootstrap(before, after, clusters, rng=rng_of(), n_resamples=200)
    assert -1 <= estimate.low <= estimate.value <= estimate.high <= 1
    assert estimate.high - estimate.low > 1e-3


@given(PAIRS, st.randoms(use_true_random=False))
def test_order_and_names_of_families_do_not_matter(pairs, random):
    """Shuffling pairs and renaming families gives the same estimate from the same seed."""
    renamed = [(before, after, f"family {cluster}") for before, after, cluster in pairs]
    random.shuffle(renamed)
    estimates = [
        paired_bootstrap(*zip(*sample, strict=True), rng=rng_of(), n_resamples=200) for sample in (pairs, renamed)
    ]
    assert (estimates[0].low, estimates[0].high) == pytest.approx((estimates[1].low, estimates[1].high), abs=1e-9)


def test_swapping_sides_mirrors_the_difference():
    """Taking after for before mirrors a score interval exactly."""
    before, after = pairs_of(lost=2, gained=7, same=31)
    forward = paired_bootstrap(before, after, range(40), rng=rng_of())
    backward = paired_bootstrap(after, before, range(40), rng=rng_of())
    assert (backward.low, backward.high) == pytest.approx((-forward.high, -forward.low))


def test_pairs_left_out_are_counted():
    """Pairs without a verdict stand beside the difference, and alone if no pair is judged."""
    assert paired_bootstrap([True], [True], [0], rng=rng_of(), n_unjudged=5).n_unjudged == 5
    nothing = paired_bootstrap([], [], [], rng=rng_of(), n_unjudged=5)
    assert (nothing.value, nothing.low, nothing.high, nothing.n, nothing.n_unjudged) == (None, None, None, 0, 5)


@pytest.mark.parametrize(
    ("before", "after", "clusters", "n_resamples"),
    [([True], [], [0], 100), ([True], [True], [], 100), ([None], [True], [0], 100), ([True], [True], [0], 0)],
)
def test_pairs_that_do_not_fit_are_refused(before, after, clusters, n_resamples):
    """Lengths that differ, a missing outcome and no resamples raise."""
    with pytest.raises(ValueError, match="expected"):
        paired_bootstrap(before, after, clusters, rng=rng_of(), n_resamples=n_resamples)


def draw_pairs(rng, *, n_families, lost, gained, likeness):
    """Families of 1 to 5 pairs, Dirichlet-multinomial over lost, gained and same: before, after and labels."""
    labels = np.repeat(np.arange(n_families), rng.integers(1, 6, n_families))
    chances = np.array([lost, gained, 1 - lost - gained])
    if likeness == 0:
        kinds = rng.choice(3, len(labels), p=chances)
    else:
        # Polya's urn: a pair repeats an earlier one of its family, or is drawn afresh with the urn's own weight.
        fresh = (1 - likeness) / likeness
        kinds = np.empty(len(labels), dtype=int)
        first = np.searchsorted(labels, labels)
        for i, start in enumerate(first):
            earlier = i - start
            repeat = rng.random() < earlier / (earlier + fresh)
            kinds[i] = kinds[rng.integers(start, i)] if repeat else rng.choice(3, p=chances)
    return (kinds == 0).tolist(), (kinds == 1).tolist(), labels.tolist()


@pytest.mark.slow
@pytest.mark.parametrize("n_families", [5, 10, 20, 50, 200])
@pytest.mark.parametrize(("lost", "gained"), [(0, 0), (0, 0.02), (0.02, 0.02), (0.05, 0.1), (0.1, 0.4), (0, 0.9)])
def test_difference_coverage(n_families, lost, gained):
    """For rare, common and no change, and any likeness within families, the interval covers at least 92 % (250 draws)."""
    rng = np.random.default_rng([n_families, round(100 * lost), round(100 * gained)])
    for likeness in (0, 0.5):
        hits = 0
        for _ in range(250):
            drawn = draw_pairs(rng, n_families=n_families, lost=lost, gained=gained, likeness=likeness)
            estimate = paired_bootstrap(*drawn, rng=rng, n_resamples=1000)
            hits += estimate.low - 1e-12 <= gained - lost <= estimate.high + 1e-12
        assert hits / 250 >= 0.92
