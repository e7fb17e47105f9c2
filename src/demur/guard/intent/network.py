"""The network: vectors of pieces, phrases of three that attend to each other, the strongest and the average, what they say together."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from demur.guard.intent.alarms import alarms_of
from demur.guard.intent.intent import HAZARDS, READINGS
from demur.guard.intent.pieces import FIRST, Pieces
from demur.guard.intent.stretches import Stretch

__all__ = ["Network", "read_network", "shares"]

Floats = NDArray[np.float32]
_Layer = tuple[Floats, Floats]
_LAYERS = "phrase", "asked", "joined", "hidden", "out"
_CRISIS, _HEAD = READINGS.index("crisis"), 24
"""The reading that alarms speak for; numbers by which one head of the attention compares."""
_ENDS = len(READINGS), len(READINGS) + len(HAZARDS)

_ROWS = 4
"""Rows multiplied at a time: a larger product is shared among threads, and waking them costs more than all the rest."""


class Network:
    """The weights, and what they make of rows of the table; see `training/guard` for how they came to be.

    Args:
        weights: `table` (rows, width) of bytes and `scale` (rows,) of halves, whose product are the vectors; `telling` (rows,), how
            much each row by itself speaks for harm or a crisis; `phrase.weight` (3 * width, phrases), `asked.weight` (phrases, 3 * heads
            * 24), `joined.weight` (phrases + heads * 24, phrases), `attention.weight` (phrases,), `hidden.weight` (3 * phrases, hidden),
            `out.weight` (hidden, readings, hazards and abouts), and a bias of each but the attention; `alarms` (hashes, 5), of runs:
            how much each speaks for a crisis, and for each in `ABOUTS`; `alarms.bias` (5,).
    """

    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        self.weights = weights
        self._table = weights["table"]
        self._scale = weights["scale"].astype(np.float32)[:, None]
        self._telling = weights["telling"].astype(np.float32)
        self._attention = weights["attention.weight"].astype(np.float32)
        self._phrase, self._asked, self._joined, self._hidden, self._out = (_layer(weights, name) for name in _LAYERS)
        self._alarms, self._alarm_bias = (weights[name].astype(np.float32) for name in ("alarms", "alarms.bias"))

    def telling(self, rows: NDArray[np.intp]) -> Floats:
        """Say how much each piece by itself speaks for harm or a crisis."""
        told: Floats = self._telling[rows]
        return told

    def read(
        self, rows: NDArray[np.intp], stretches: tuple[Stretch, ...], texts: Sequence[str]
    ) -> tuple[Floats, Floats, Floats]:
        """Read stretches of a text.

        Args:
            rows: Of its pieces.
            stretches: At least one; none is empty.
            texts: Of the stretches.

        Returns:
            The probabilities of the readings (stretches, 5); logits of the hazards (stretches, 18) and of whom a crisis is about
            (stretches, 4).
        """
        weight, bias = self._out
        logits = np.stack([self._hear(rows[start:end]) for start, end in stretches]) @ weight + bias
        told = [
            alarms_of(rows[start:end], text, self._alarms) for (start, end), text in zip(stretches, texts, strict=True)
        ]
        alarms = np.stack(told) + self._alarm_bias
        logits[:, _CRISIS] += alarms[:, 0]
        start, end = _ENDS
        return shares(logits[:, :start]), logits[:, start:end], logits[:, end:] + alarms[:, 1:]

    def _hear(self, rows: NDArray[np.intp]) -> Floats:
        n = len(rows)
        vectors = np.zeros((-(-n // _ROWS) * _ROWS + 2, self._table.shape[1]), np.float32)
        np.multiply(self._table[rows], self._scale[rows], out=vectors[1 : n + 1])
        phrases = _apply(self._phrase, np.concatenate([vectors[:-2], vectors[1:-1], vectors[2:]], 1))
        np.maximum(phrases, 0, out=phrases)
        phrases += _apply(self._joined, np.concatenate([phrases, self._attend(phrases, n)], 1))
        phrases = np.maximum(phrases[:n], 0)
        weights = shares(phrases @ self._attention)
        pooled = np.concatenate([np.maximum.reduce(phrases), np.add.reduce(phrases) / np.float32(n), weights @ phrases])
        weight, bias = self._hidden
        heard: Floats = np.maximum(pooled @ weight + bias, 0)
        return heard

    def _attend(self, phrases: Floats, n: int) -> Floats:
        """Let each phrase gather from the first `n` what it asks for."""
        query, key, value = _apply(self._asked, phrases).reshape(len(phrases), 3, -1, _HEAD).transpose(1, 2, 0, 3)
        seen = shares(query @ key[:, :n].transpose(0, 2, 1)) @ value[:, :n]
        return seen.transpose(1, 0, 2).reshape(len(phrases), -1)


def _layer(weights: Mapping[str, NDArray[Any]], name: str) -> _Layer:
    weight, bias = (weights[f"{name}.{kind}"] for kind in ("weight", "bias"))
    return np.ascontiguousarray(weight, np.float32), bias.astype(np.float32)


def _apply(layer: _Layer, values: Floats) -> Floats:
    weight, bias = layer
    made: Floats = (values.reshape(-1, _ROWS, values.shape[1]) @ weight).reshape(-1, weight.shape[1])
    made += bias
    return made


def shares(weights: Floats) -> Floats:
    """Make probabilities of logits, in their place."""
    weights -= np.maximum.reduce(weights, -1, keepdims=True)
    np.exp(weights, out=weights)
    weights /= np.add.reduce(weights, -1, keepdims=True)
    return weights


@cache
def read_network() -> tuple[Pieces, Network]:
    """Load the vocabulary and the network that are shipped, once."""
    with (
        resources.as_file(resources.files("demur").joinpath("guard", "intent", "network.npz")) as path,
        np.load(path) as found,
    ):
        weights = dict(found)
    pieces = Pieces(weights.pop("pieces").tobytes().decode("utf-8").split("\n"))
    if len(pieces) != len(weights["table"]):
        raise ValueError(f"{path}: {len(pieces)} pieces with {len(weights['table'])} rows, {FIRST} of them for none.")
    return pieces, Network(weights)
