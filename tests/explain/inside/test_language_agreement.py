"""Whether a direction is the same in every language."""

import numpy as np

from demur.explain.inside.agreement import measure_agreement
from demur.explain.inside.labels import Labels

N = 160


def measure(*, strange):
    """Prompts of two languages, of which the second has a direction of its own if asked for."""
    rng = np.random.default_rng(0)
    harmful = np.arange(N) % 2 == 0
    german = np.arange(N) >= N // 2
    states = rng.normal(size=(N, 30))
    states[harmful & ~german, 0] += 4
    states[harmful & german, 1 if strange else 0] += 4
    labels = Labels(harmful, harmful, ~harmful, tuple(map(str, range(N))), ("one",) * N)
    locales = tuple(np.where(german, "de", "en").tolist())
    return {one.locale: one for one in measure_agreement(states, labels.harm, locales, labels=labels, rng=rng)}


def test_one_direction_is_said_to_be_one():
    """The cosine is one that prompts of both languages together show, beyond shuffled labels, and the direction carries over."""
    for found in measure(strange=False).values():
        assert found.agrees
        assert found.cosine > found.shuffled.high
        assert found.transfer.low > 0.9


def test_a_language_with_a_direction_of_its_own_is_found():
    """The cosine is below all that prompts of both languages together show, and the others' direction does not carry over."""
    for found in measure(strange=True).values():
        assert not found.agrees
        assert found.cosine < found.shuffled.high
        assert found.transfer.value < 0.75
