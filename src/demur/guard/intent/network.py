"""The network: vectors of pieces, phrases of three, the strongest and the average phrase, and what they say together."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from demur.guard.intent.intent import HAZARDS, READINGS
from demur.guard.intent.pieces import FIRST, Pieces
from demur.guard.intent.stretches import Stretch

__all__ = ["Network", "read_network"]

Floats = NDArray[np.float32]

_ROWS = 4
"""Rows multiplied at a time: a larger product is shared among threads, and waking them costs more than all the rest."""


class Network:
    """The weights, and what they make of rows of the table; see `training/guard` for how they came to be.

    Args:
        weights: `table` (rows, width) of bytes and `scale` (rows,) of halves, whose product are the vectors; `telling` (rows,), how
            much each row by itself speaks for harm or a crisis; `phrase.weight` (3 * width, phrases), `attention.weight` (phrases,),
            `hidden.weight` (3 * phrases, hidden), `out.weight` (hidden, readings and hazards), and a bias of each but the attention.
    """

    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        self.weights = weights
        self._table = weights["table"]
        self._scale = weights["scale"].astype(np.float32)[:, None]
        self._telling = weights["telling"].astype(np.float32)
        self._phrase, self._attention, self._hidden, self._out = (
            weights[f"{name}.weight"].astype(np.float32) for name in ("phrase", "attention", "hidden", "out")
        )
        self._phrase_bias, self._hidden_bias, self._out_bias = (
            weights[f"{name}.bias"].astype(np.float32) for name in ("phrase", "hidden", "out")
        )

    def telling(self, rows: NDArray[np.intp]) -> Floats:
        """Say how much each piece by itself speaks for harm or a crisis."""
        told: Floats = self._telling[rows]
        return told

    def read(self, rows: NDArray[np.intp], stretches: tuple[Stretch, ...]) -> tuple[Floats, Floats]:
        """Read stretches of a text.

        Args:
            rows: Of its pieces.
            stretches: At least one; none is empty.

        Returns:
            The probabilities of the readings (stretches, 5) and of the hazards (stretches, 18).
        """
        logits = np.stack([self._hear(rows[start:end]) for start, end in stretches]) @ self._out + self._out_bias
        return _softmax(logits[:, : len(READINGS)]), _softmax(logits[:, len(READINGS) : len(READINGS) + len(HAZARDS)])

    def _hear(self, rows: NDArray[np.intp]) -> Floats:
        n = len(rows)
        vectors = np.zeros((-(-n // _ROWS) * _ROWS + 2, self._table.shape[1]), np.float32)
        np.multiply(self._table[rows], self._scale[rows], out=vectors[1 : n + 1])
        joined = np.concatenate([vectors[:-2], vectors[1:-1], vectors[2:]], 1)
        phrases = (joined.reshape(-1, _ROWS, joined.shape[1]) @ self._phrase).reshape(-1, self._phrase.shape[1])[:n]
        phrases += self._phrase_bias
        np.maximum(phrases, 0, out=phrases)
        weights = phrases @ self._attention
        weights -= weights.max()
        np.exp(weights, out=weights)
        weights /= weights.sum()
        pooled = np.concatenate([phrases.max(0), phrases.sum(0) / np.float32(n), weights @ phrases])
        heard: Floats = np.maximum(pooled @ self._hidden + self._hidden_bias, 0)
        return heard


def _softmax(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(1, keepdims=True))
    shares: Floats = raised / raised.sum(1, keepdims=True)
    return shares


@cache
def read_network() -> tuple[Pieces, Network]:
    """Load the vocabulary and the network that are shipped, once."""
    with (
        resources.as_file(resources.files("demur").joinpath("guard", "intent", "intent.npz")) as path,
        np.load(path) as found,
    ):
        weights = dict(found)
    pieces = Pieces(weights.pop("pieces").tobytes().decode("utf-8").split("\n"))
    if len(pieces) != len(weights["table"]):
        raise ValueError(f"{path}: {len(pieces)} pieces with {len(weights['table'])} rows, {FIRST} of them for none.")
    return pieces, Network(weights)
