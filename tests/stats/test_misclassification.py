"""Claims about correcting a rate for the judge's errors."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demur.stats import clustered_proportion, correct_rate, wilson
from demur.types import Estimate

Z = 1.959963984540054


def literal_interval(positive, n, *, se, n_se, sp, n_sp):
    """Lang and Reiczigel's interval in the paper's notation, before clipping."""
    ap_ = (positive + Z**2 / 2) / (n + Z**2)
    se_ = (n_se * se + 1) / (n_se + 2)
    sp_ = (n_sp * sp + 1) / (n_sp + 2)
    p_ = (ap_ + sp_ - 1) / (se_ + sp_ - 1)
    var_se, var_sp = se_ * (1 - se_) / (n_se + 2), sp_ * (1 - sp_) / (n_sp + 2)
    d_p = 2 * Z**2 * (p_ * var_se - (1 - p_) * var_sp)
    var = (ap_ * (1 - ap_) / (n + Z**2) + p_**2 * var_se + (1 - p_) ** 2 * var_sp) / (se_ + sp_ - 1) ** 2
    return p_ + d_p - Z * np.sqrt(var), p_ + d_p + Z * np.sqrt(var)


def test_point_reproduces_rogan_and_gladen():
    """An apparent rate of .2 with Se .9 and Sp .85 is a true rate of 1 in 15."""
    estimate = correct_rate(wilson(20, 100), sensitivity=wilson(90, 100), specificity=wilson(85, 100))
    assert estimate.value == pytest.approx(1 / 15)


def test_point_undoes_the_judges_errors():
    """The rate a judge shows of a true rate is turned back into it."""
    for true in (0.05, 0.4, 0.9):
        shown = true * 0.9 + (1 - true) * 0.2
        apparent = wilson(round(10_000 * shown), 10_000)
        estimate = correct_rate(apparent, sensitivity=wilson(900, 1000), specificity=wilson(800, 1000))
        assert estimate.value == pytest.approx(true, abs=1e-3)


@pytest.mark.parametrize(
    ("counts", "se", "sp"),
    [((60, 100), (45, 50), (40, 50)), ((211, 400), (96, 100), (180, 200)), ((9, 30), (30, 30), (29, 30))],
)
def test_interval_follows_the_paper(counts, se, sp):
    """For plain Wilson estimates the bounds are the paper's, written out in its own notation."""
    estimate = correct_rate(wilson(*counts), sensitivity=wilson(*se), specificity=wilson(*sp))
    low, high = literal_interval(*counts, se=se[0] / se[1], n_se=se[1], sp=sp[0] / sp[1], n_sp=sp[1])
    assert (estimate.low, estimate.high) == pytest.approx((max(low, 0), min(high, 1)), abs=1e-9)


def test_interval_agrees_with_resampling():
    """In large samples the bounds are the quantiles of the corrected rate over redrawn samples."""
    rng = np.random.default_rng(3)
    shown, se, sp = rng.binomial([[2000], [500], [600]], [[0.4], [0.9], [0.85]], (3, 40_000)) / [[2000], [500], [600]]
    expected = np.quantile((shown + sp - 1) / (se + sp - 1), [0.025, 0.975])
    estimate = correct_rate(wilson(800, 2000), sensitivity=wilson(450, 500), specificity=wilson(510, 600))
    assert (estimate.low, estimate.high) == pytest.approx(expected, abs=0.006)


def test_a_faultless_judge_known_well_changes_little():
    """With Se and Sp near 1 on very many the interval is nearly that of the apparent rate."""
    apparent, faultless = wilson(30, 100), wilson(10**7, 10**7)
    estimate = correct_rate(apparent, sensitivity=faultless, specificity=faultless)
    assert estimate.value == pytest.approx(0.3)
    assert (estimate.low, estimate.high) == pytest.approx((apparent.low, apparent.high), abs=0.006)


def test_a_judge_known_from_few_widens_the_interval():
    """The smaller the validation sample, the wider the interval."""
    widths = []
    for n in (20, 50, 200, 2000):
        se_sp = wilson(round(0.9 * n), n)
        estimate = correct_rate(wilson(50, 100), sensitivity=se_sp, specificity=se_sp)
        widths.append(estimate.high - estimate.low)
    assert np.all(np.diff(widths) < 0)


def test_families_behind_the_apparent_rate_widen_the_interval():
    """A rate from families carries their effective size into the correction."""
    outcomes, labels = [True] * 60 + [False] * 40, [i // 5 for i in range(100)]
    judge = wilson(180, 200)
    plain = correct_rate(wilson(60, 100), sensitivity=judge, specificity=judge)
    clustered = correct_rate(clustered_proportion(outcomes, labels), sensitivity=judge, specificity=judge)
    assert clustered.value == plain.value
    assert clustered.high - clustered.low > 1.5 * (plain.high - plain.low)


def test_an_uneven_interval_counts_by_its_farther_bound():
    """An apparent rate of .3 with bounds .2 and .5 weighs as the 24 observations that give Wilson's upper bound .5."""
    n = Z**2 * 0.5 * 0.5 / 0.2**2
    judge = wilson(95, 100)
    found = correct_rate(Estimate(0.3, 0.2, 0.5, 60), sensitivity=judge, specificity=judge)
    low, high = literal_interval(0.3 * n, n, se=0.95, n_se=100, sp=0.95, n_sp=100)
    assert (found.low, found.high) == pytest.approx((low, high))


@pytest.mark.parametrize("bare", [1.0, 0.9, None])
def test_a_bare_number_is_no_sensitivity(bare):
    """A judge's error without the sample it was measured on cannot be passed, least of all 1.0."""
    with pytest.raises(TypeError, match="expected an Estimate"):
        correct_rate(wilson(5, 10), sensitivity=bare, specificity=wilson(9, 10))


def test_a_perfect_judge_cannot_be_invented():
    """An estimate of 1 without width or without n is refused."""
    for invented in (Estimate(1.0, 1.0, 1.0, 50), Estimate(1.0, 0.9, 1.0, 0)):
        with pytest.raises(ValueError, match="some width"):
            correct_rate(wilson(5, 10), sensitivity=wilson(9, 10), specificity=invented)


def test_a_value_outside_its_own_bounds_is_refused():
    """What no interval can be is no estimate."""
    with pytest.raises(ValueError, match="expected a value between its bounds"):
        correct_rate(wilson(5, 10), sensitivity=replace(wilson(9, 10), value=0.99), specificity=wilson(9, 10))


@pytest.mark.parametrize("value", [float("nan"), -0.1, 1.1])
def test_rates_outside_the_unit_interval_are_refused(value):
    """NaN, negative rates and rates above 1 raise."""
    with pytest.raises(ValueError, match=r"in \[0, 1\]"):
        correct_rate(replace(wilson(5, 10), value=value), sensitivity=wilson(9, 10), specificity=wilson(9, 10))


def test_half_an_estimate_is_refused():
    """A value without bounds raises."""
    with pytest.raises(ValueError, match="None all three"):
        correct_rate(Estimate(0.5, None, None, 10), sensitivity=wilson(9, 10), specificity=wilson(9, 10))


def assert_unusable(estimate, reason):
    """The estimate is undefined, keeps its counts and says why."""
    assert (estimate.value, estimate.low, estimate.high) == (None, None, None)
    assert (estimate.n, estimate.n_unjudged) == (100, 2)
    assert reason in estimate.method


@pytest.mark.parametrize(
    ("positive", "se", "sp", "reason"),
    [
        (40, (0, 0), (9, 10), "unknown"),
        (40, (9, 10), (0, 0), "unknown"),
        (40, (50, 100), (50, 100), "not clearly above 1"),
        (40, (20, 100), (30, 100), "not clearly above 1"),
        (40, (7, 10), (6, 10), "not clearly above 1"),
        (90, (70, 100), (98, 100), "outside"),
        (0, (98, 100), (70, 100), "outside"),
    ],
)
def test_what_cannot_be_corrected_is_undefined(positive, se, sp, reason):
    """An unmeasured judge, one that may know nothing, and a rate its errors cannot give are told apart, without a number."""
    apparent = wilson(positive, 100, n_unjudged=2)
    assert_unusable(correct_rate(apparent, sensitivity=wilson(*se), specificity=wilson(*sp)), reason)


def test_no_apparent_rate_gives_none():
    """An undefined rate stays undefined, with its unjudged ones counted."""
    estimate = correct_rate(wilson(0, 0, n_unjudged=4), sensitivity=wilson(9, 10), specificity=wilson(9, 10))
    assert (estimate.value, estimate.n, estimate.n_unjudged) == (None, 0, 4)


def test_a_bound_cut_off_at_the_end_is_one_of_the_normal_approximation():
    """Se .9 up to 1 weighs as the observations at which 1 is z standard errors away."""
    apparent, judge = wilson(50, 100), wilson(95, 100)
    n = Z**2 * 0.9 * 0.1 / 0.1**2
    found = correct_rate(apparent, sensitivity=Estimate(0.9, 0.85, 1.0, 50), specificity=judge)
    assert (found.low, found.high) == pytest.approx(literal_interval(50, 100, se=0.9, n_se=n, sp=0.95, n_sp=100))


@pytest.mark.parametrize("ends", [(0.0, 1.0), (0.0, 0.95), (0.5, 1.0)])
def test_a_rate_that_nothing_is_known_of_is_corrected_to_no_more(ends):
    """An apparent rate with a bound at an end still has an interval in [0, 1]; what is not known of it stays open."""
    judge = wilson(950, 1000)
    found = correct_rate(Estimate(0.6, *ends, 10), sensitivity=judge, specificity=judge)
    assert 0 <= found.low < found.value < found.high <= 1


FRACTIONS = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 5e-324, 1e-200, 0.5, 1 - 2**-53, 1.0]))


@given(rates=st.lists(st.tuples(FRACTIONS, FRACTIONS, FRACTIONS), min_size=3, max_size=3))
def test_any_bounds_are_corrected_or_turned_away(rates):
    """Whatever the bounds of the three are, the corrected interval is in [0, 1] and holds its value, or there is none."""
    low, value, high = zip(*map(sorted, rates), strict=True)
    if any(a == b for a, b in zip(low, high, strict=True)):
        return
    apparent, sensitivity, specificity = (Estimate(*one, 10) for one in zip(value, low, high, strict=True))
    found = correct_rate(apparent, sensitivity=sensitivity, specificity=specificity)
    if found.value is not None:
        assert 0 <= found.low <= found.value <= found.high <= 1


@given(positive=st.integers(0, 80), se=st.integers(0, 60), sp=st.integers(0, 60))
def test_corrected_interval_holds_its_value_and_mirrors(positive, se, sp):
    """The interval holds its value in [0, 1]; swapping the labels, and Se with Sp, mirrors both."""
    judge, mirrored = (wilson(se, 60), wilson(sp, 60)), (wilson(sp, 60), wilson(se, 60))
    estimate = correct_rate(wilson(positive, 80), sensitivity=judge[0], specificity=judge[1])
    mirror = correct_rate(wilson(80 - positive, 80), sensitivity=mirrored[0], specificity=mirrored[1])
    if estimate.value is None:
        assert mirror.value is None
        return
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
    expected = (1 - estimate.value, 1 - estimate.high, 1 - estimate.low)
    assert (mirror.value, mirror.low, mirror.high) == pytest.approx(expected, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(("se", "sp"), [(0.95, 0.95), (0.9, 0.8), (0.7, 0.9), (1, 1)])
@pytest.mark.parametrize("true", [0, 0.02, 0.1, 0.5, 0.9, 1])
def test_corrected_coverage(se, sp, true):
    """With Se and Sp measured on 30 or 100 and the rate on 30 to 1000 the interval covers 93 % and above."""
    rng = np.random.default_rng([round(100 * se), round(100 * sp), round(100 * true)])
    for n_judge, n in ((30, 30), (30, 1000), (100, 100)):
        shown = true * se + (1 - true) * (1 - sp)
        draws = zip(*(rng.binomial(k, p, 600) for k, p in ((n, shown), (n_judge, se), (n_judge, sp))), strict=True)
        estimates = [
            correct_rate(wilson(int(a), n), sensitivity=wilson(int(b), n_judge), specificity=wilson(int(c), n_judge))
            for a, b, c in draws
        ]
        defined = [estimate for estimate in estimates if estimate.value is not None]
        assert len(defined) >= 0.96 * 600
        assert np.mean([estimate.low <= true <= estimate.high for estimate in defined]) >= 0.93
