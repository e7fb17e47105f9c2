"""The probe of a gate, beside the same thing computed the long way."""

import numpy as np
import pytest

from demur.tune.steering.probe import cross_fit, fit_probe


@pytest.fixture
def drawn():
    """Give rows of two sides that differ along one direction, more numbers than rows; their sides, and folds."""
    rng = np.random.default_rng(3)
    rows = rng.standard_normal((60, 90)) * np.linspace(0.5, 5, 90)
    positive = np.arange(60) % 2 == 0
    rows[positive] += 2.0
    return rows, positive, [np.arange(60) // 12 == fold for fold in range(5)]


def test_a_probe_is_shrunken_discriminant_analysis(drawn):
    """Its weights are those of the whole covariance matrix, inverted as it is."""
    rows, positive, _ = drawn
    means = rows[positive].mean(axis=0), rows[~positive].mean(axis=0)
    centred = np.concatenate([rows[positive] - means[0], rows[~positive] - means[1]])
    spread = centred.std(axis=0)
    covariance = 0.6 * np.cov((centred / spread).T, bias=True) + 0.4 * np.eye(90)
    expected = np.linalg.inv(covariance) @ ((means[0] - means[1]) / spread) / spread
    probe = fit_probe(rows, positive, ~positive)
    np.testing.assert_allclose(probe.weights, expected, rtol=1e-4)
    assert probe.score((means[0] + means[1])[None] / 2)[0] == pytest.approx(0)
    assert probe.score(means[0][None])[0] > 0 > probe.score(means[1][None])[0]


def test_no_prompt_is_scored_by_a_probe_that_has_seen_its_fold(drawn):
    """What a fold holds changes nothing in its own scores but through its own states."""
    rows, positive, folds = drawn
    before = cross_fit(rows, positive, ~positive, folds)
    flipped = np.where(folds[0], ~positive, positive)
    after = cross_fit(rows, flipped, ~flipped, folds)
    np.testing.assert_array_equal(after[folds[0]], before[folds[0]])
    assert not np.allclose(after[folds[1]], before[folds[1]])


def test_a_side_that_is_missing_gives_no_score(drawn):
    """A fold without which a side has nobody is not scored."""
    rows, _, folds = drawn
    scores = cross_fit(rows, folds[0], ~folds[0], folds)
    assert np.isnan(scores[folds[0]]).all()
    assert not np.isnan(scores[folds[1]]).any()
