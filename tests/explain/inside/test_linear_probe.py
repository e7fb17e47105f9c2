"""The linear probe, beside the same thing computed the long way."""

import numpy as np
import pytest

from demur.explain.inside.linear_probe import cross_fit, fit_probe
from demur.steering.gate import Gate
from demur.steering.move import Condition, Place


@pytest.fixture
def drawn():
    """Give rows of two sides at three places that differ along one direction, more numbers than rows; their sides, and folds."""
    rng = np.random.default_rng(3)
    rows = rng.standard_normal((60, 90)) * np.linspace(0.5, 5, 90)
    positive = np.arange(60) % 2 == 0
    rows[positive] += 2.0
    return rows.reshape(60, 3, 30), positive, [np.arange(60) // 12 == fold for fold in range(5)]


def test_a_probe_is_shrunken_discriminant_analysis(drawn):
    """Its weights are those of the whole covariance matrix, inverted as it is."""
    states, positive, _ = drawn
    rows = states.reshape(60, 90)
    means = rows[positive].mean(axis=0), rows[~positive].mean(axis=0)
    centred = np.concatenate([rows[positive] - means[0], rows[~positive] - means[1]])
    spread = centred.std(axis=0)
    covariance = 0.6 * np.cov((centred / spread).T, bias=True) + 0.4 * np.eye(90)
    expected = np.linalg.inv(covariance) @ ((means[0] - means[1]) / spread) / spread
    probe = fit_probe(states, positive, ~positive)
    np.testing.assert_allclose(probe.weights.ravel(), expected, rtol=1e-4)
    middle, one, other = (mean.reshape(1, 3, 30) for mean in ((means[0] + means[1]) / 2, *means))
    assert probe.score(middle)[0] == pytest.approx(0)
    assert probe.score(one)[0] > 0 > probe.score(other)[0]


def test_a_unit_probe_sees_the_way_alone(drawn):
    """State by state and place by place: how far a state lies from half way between the sides changes nothing, and the condition in the model says the same."""
    import torch

    rows, positive, _ = drawn
    probe = fit_probe(rows, positive, ~positive, is_unit=True)
    expected = []
    for states in rows:
        total = probe.bias
        for at, state in enumerate(states):
            way = state - (rows[positive, at].mean(axis=0) + rows[~positive, at].mean(axis=0)) / 2
            total += sum(probe.weights[at] * way / np.sqrt(sum(way**2)))
        expected.append(total)
    np.testing.assert_allclose(probe.score(rows), expected)
    farther = probe.mean + 7 * (rows - probe.mean)
    np.testing.assert_allclose(probe.score(farther), expected)
    assert ((probe.score(rows) > 0) == positive).mean() > 0.9
    condition = Condition("way", (Place(-1, 0), Place(-1, 1), Place(-1, 2)), *probe)
    held = Gate([condition], torch.ones(60, 1))
    for layer in range(3):
        held.read(layer, torch.tensor(rows[:, None, layer]))
    assert held.holds() == [score > 0 for score in expected]


def test_a_unit_probe_is_the_probe_of_unit_states(drawn):
    """Fitted on the ways themselves, the plain probe has the same weights and says the same."""
    rows, positive, _ = drawn
    way = rows - (rows[positive].mean(axis=0) + rows[~positive].mean(axis=0)) / 2
    way /= np.sqrt((way**2).sum(axis=2))[..., None]
    plain, unit = fit_probe(way, positive, ~positive), fit_probe(rows, positive, ~positive, is_unit=True)
    np.testing.assert_allclose(unit.weights, plain.weights)
    np.testing.assert_allclose(unit.score(rows), plain.score(way), atol=1e-9)


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
