"""Steerings made up for tests."""

from typing import Any

import numpy as np

from demur.steering.bundle import Bundle
from demur.steering.move import Condition, Move, Place

__all__ = ["make_bundle"]


def make_bundle(*, width: int = 8, **more: Any) -> Bundle:
    """Make a bundle of two moves for a model of three layers or more: one that takes two directions out where a condition holds, one that adds.

    Args:
        width: of the states.
        more: fields of the bundle that are to be others.
    """
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(2, width))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    gate = Condition(
        "seen",
        (Place(-1, 1), Place(-2, 0)),
        rng.normal(size=(2, width)),
        rng.normal(size=(2, width)),
        0.5,
        is_unit=True,
    )
    moves = (
        Move("away", "remove", (1, 2), directions, np.array([0.1, -0.2]), 0.7, (gate,)),
        Move("to", "add", (2,), rng.normal(size=(1, width)), np.zeros(1), 1.5, ()),
    )
    said = {
        "model": "demur/local/tiny",
        "base_sha256": "0" * 64,
        "adapter_sha256": "ef" * 32,
        "template": "0" * 16,
        "moves": moves,
        "acts_in_code": False,
        "false_fires": None,
        "panel": None,
    }
    return Bundle(**{**said, **more})
