"""Whether confidence means what it says."""

import random
from statistics import mean

import pytest

from demur.judge.calibration import N_BINS, Stated, calibrate
from demur.stats import wilson


def state(confidence, n, n_right):
    """Make n verdicts of one confidence, of which some are right."""
    return [Stated(confidence, i < n_right, (confidence, i)) for i in range(n)]


def test_the_measures_are_the_textbook_ones():
    """At .9 with 8 of 10 right and .6 with 6 of 10 right, the calibration error is .05 and the Brier score .205."""
    fit = calibrate([*state(0.9, 10, 8), *state(0.6, 10, 6)], n_without=3)
    assert fit.expected_calibration_error == pytest.approx((10 * 0.1 + 10 * 0.0) / 20)
    assert fit.brier_score == pytest.approx((8 * 0.01 + 2 * 0.81 + 6 * 0.16 + 4 * 0.36) / 20)
    assert (fit.n, fit.n_without) == (20, 3)


def test_a_bin_is_a_rate_with_its_interval():
    """Each bin says how many of its verdicts were right, with Wilson's interval, least sure first."""
    fit = calibrate([*state(0.9, 10, 8), *state(0.6, 10, 6)])
    assert [one.confidence for one in fit.bins] == pytest.approx([0.6, 0.9])
    for one, plain in zip(fit.bins, (wilson(6, 10), wilson(8, 10)), strict=True):
        assert (one.right.value, one.right.low, one.right.high, one.right.n) == pytest.approx(
            (plain.value, plain.low, plain.high, plain.n)
        )


def test_bins_are_of_about_equal_counts():
    """A thousand different confidences make ten bins of a hundred."""
    fit = calibrate([Stated(i / 1000, is_right=True, family=i) for i in range(1000)])
    assert [one.right.n for one in fit.bins] == [100] * N_BINS


def test_verdicts_of_one_confidence_stay_together():
    """A confidence shared by most verdicts makes one bin by itself, and none is lost."""
    fit = calibrate([*state(0.5, 30, 10), *state(0.8, 500, 400), *(Stated(0.9 + i / 1000, True, i) for i in range(70))])
    assert (0.8, 0.8, 500) in [(one.low, one.high, one.right.n) for one in fit.bins]
    assert len(fit.bins) < 2 * N_BINS
    assert sum(one.right.n for one in fit.bins) == fit.n == 600


def test_an_honest_judge_shows_the_error_expected_by_chance():
    """Verdicts right as often as they say have, over many draws, the calibration error that chance alone gives."""
    rng = random.Random(3)
    fits = [
        calibrate([Stated(c := 0.55 + 0.4 * rng.random(), rng.random() < c, i) for i in range(400)]) for _ in range(60)
    ]
    by_chance = mean(fit.expected_by_chance for fit in fits)
    assert mean(fit.expected_calibration_error for fit in fits) == pytest.approx(by_chance, rel=0.1)


def test_a_boaster_shows_more():
    """A judge that says .95 and is right in .7 has a calibration error of .25, far beyond chance."""
    fit = calibrate(state(0.95, 400, 280))
    assert fit.expected_calibration_error == pytest.approx(0.25)
    assert fit.expected_by_chance < 0.02


def test_no_confidence_is_no_number():
    """Where no verdict states one, there is no bin and no score."""
    fit = calibrate([], n_without=5)
    assert fit.bins == ()
    assert fit.expected_calibration_error is fit.expected_by_chance is fit.brier_score is None
    assert fit.n_without == 5
