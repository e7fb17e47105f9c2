"""The energy of a state."""

import numpy as np
import pytest

from demur.explain.inside.energy import fit_covariance, measure_energy


def shrink_slowly(rows):
    """Ledoit and Wolf (2004), section 3.3, word for word, with the matrices written out."""
    n, p = rows.shape
    sample = sum(np.outer(row, row) for row in rows) / n
    m = np.trace(sample) / p
    d2 = ((sample - m * np.eye(p)) ** 2).sum() / p
    b2 = min(sum(((np.outer(row, row) - sample) ** 2).sum() / p for row in rows) / n**2, d2)
    return b2 / d2, m, (b2 / d2) * m * np.eye(p) + (1 - b2 / d2) * sample


@pytest.mark.parametrize("shape", [(12, 30), (40, 8)])
def test_the_covariance_is_shrunk_as_published(shape):
    """Shrinkage, scale and every distance are those of the matrix written out, of fewer and of more rows than numbers."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=shape) * np.linspace(0.2, 3, shape[1])
    rows -= rows.mean(axis=0)
    shrinkage, scale, matrix = shrink_slowly(rows)
    found = fit_covariance(rows)
    assert (found.shrinkage, found.scale) == pytest.approx((shrinkage, scale))
    states, mean = rng.normal(size=(5, shape[1])), rng.normal(size=shape[1])
    expected = [np.sqrt((state - mean) @ np.linalg.inv(matrix) @ (state - mean)) for state in states]
    assert found.distances(states, mean) == pytest.approx(expected)


def test_energy_is_low_near_the_one_group_and_high_near_the_other():
    """Held-out states of the first group have energy below 0, those of the second above, though they are fewer than numbers."""
    rng = np.random.default_rng(1)
    shift = np.zeros(60)
    shift[3] = 4.0
    near, far = rng.normal(size=(25, 60)), rng.normal(size=(20, 60)) + shift
    held = np.vstack([rng.normal(size=(30, 60)), rng.normal(size=(30, 60)) + shift])
    energy = measure_energy(held, near, far)
    assert (energy[:30] < 0).mean() > 0.85
    assert (energy[30:] > 0).mean() > 0.85
