"""The angle between two directions of samples."""

import numpy as np
import pytest

from demur.explain.inside.angle import measure_cosine
from demur.explain.inside.candidate import unit
from demur.explain.inside.labels import Labels, difference

N = 40


def sample(cosine, *, noise, seed):
    """States of harmful refused, harmless refused and harmless answered prompts; the first two are moved in directions with a known angle."""
    rng = np.random.default_rng(seed)
    first, aside = unit(np.linalg.qr(rng.normal(size=(50, 2)))[0].T)
    second = cosine * first + np.sqrt(1 - cosine**2) * aside
    group = np.repeat([0, 1, 2], N)
    states = 2 * np.array([first, second, np.zeros(50)])[group] + noise * rng.normal(size=(3 * N, 50))
    refused = group < 2
    return states, Labels(group == 0, refused, ~refused, tuple(map(str, range(3 * N))), ("one",) * 3 * N)


def measure(states, labels, seed=0):
    """The angle between true refusals and false alarms."""
    return measure_cosine(
        states,
        labels.true_refusal,
        labels.false_alarm,
        labels=labels,
        among=np.ones(3 * N, dtype=bool),
        rng=np.random.default_rng(seed),
    )


@pytest.mark.parametrize("cosine", [0.0, 0.6, 0.95])
def test_the_planted_angle_is_found(cosine):
    """With little noise the cosine is found to .02, and its interval holds it."""
    found = measure(*sample(cosine, noise=0.2, seed=1))
    assert found.value == pytest.approx(cosine, abs=0.02)
    assert found.low <= found.value <= found.high


def test_noise_neither_adds_to_the_cosine_nor_takes_from_it():
    """Over samples the mean is within .05 of the planted cosine, where that of the plain differences, which share a side, is off by .2."""
    found, plain = [], []
    for seed in range(12):
        states, labels = sample(0.0, noise=1.2, seed=seed)
        found.append(measure(states, labels).value)
        everyone = np.ones(3 * N, dtype=bool)
        one, other = (unit(difference(own, everyone) @ states) for own in (labels.true_refusal, labels.false_alarm))
        plain.append(one @ other)
    assert abs(np.mean(found)) < 0.05
    assert np.mean(plain) > 0.2


def test_what_is_noise_has_no_angle():
    """Where nothing was planted, or there are too few prompts, there is no cosine."""
    states, labels = sample(0.5, noise=1.0, seed=0)
    few = measure_cosine(
        states,
        labels.true_refusal,
        labels.false_alarm,
        labels=labels,
        among=np.arange(3 * N) % 10 == 0,
        rng=np.random.default_rng(0),
    )
    assert (few.value, few.low, few.high) == (None, None, None)
