"""A model steered in batches, held against an implementation without hooks: one row at a time, its blocks run one after the other by hand."""

import threading

import numpy as np
import pytest
from planted import LAYER, make_results, plant

from demur.errors import DataError, UsageError
from demur.steering.blocks import find_blocks, reading
from demur.steering.move import Condition, Move, Place
from demur.steering.steered import steered

TEXTS = ("harm3 word1 word2", "word5 word6 word7 word8 word9", "alarm7", "word1 alarm2 word3 word4")


@pytest.fixture(scope="module")
def planted():
    """Give the planted model."""
    return plant()


@pytest.fixture(scope="module")
def alarm_states(planted):
    """Give the mean of the states at the last token of harmless prompts, where moves are done."""
    return states_of(planted, [one.case.prompt for one in make_results() if one.case.id.startswith("word")]).mean(0)


def encode(planted, text):
    """Write a request as tokens."""
    from demur.types import Turn

    return list(planted.network.encode((Turn("user", text),), of="it"))


def states_of(planted, texts):
    """Read the state that enters the block of the planting, at the last token of each prompt."""
    found = []
    for text in texts:
        planted_at = {}
        with reading(planted.network.blocks, lambda layer, hidden, at=planted_at: at.setdefault(layer, hidden)):
            planted.network.last_log_probs([encode(planted, text)])
        found.append(planted_at[LAYER][0, -1].double().numpy())
    return np.array(found)


def sees(direction, mean, *, name="alarm", at=0.5, position=-1, layer=LAYER, is_unit=False):
    """Make a condition: the state lies further along a direction than half the planted way."""
    return Condition(name, (Place(position, layer),), mean[None], direction[None].astype(float), -at, is_unit)


def takes(direction, mean, *, gate=(), layers=(3, 4, 5), gain=1.0):
    """Make a move that takes a direction out."""
    vectors = np.repeat(direction[None].astype(float), len(layers), 0)
    return Move("false alarms", "remove", layers, vectors, vectors @ mean, gain, tuple(gate))
