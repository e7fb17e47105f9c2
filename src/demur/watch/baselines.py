"""Baselines: how often each outcome was met in each kind of request."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from demur.stats.sequential import predictive_rate
from demur.watch.observation import METRICS
from demur.watch.slices import Slice, overlaps

__all__ = ["UNJUDGED", "Baselines"]

UNJUDGED = 2
"""In place of an outcome, 0 or 1: says nothing either way."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Baselines:
    """One baseline for each stratum and metric: every observation since the beginning, or since the last alarm about it."""

    def __init__(self, least: int) -> None:
        self.least = least
        """Observations before it says what to expect."""
        self.slots: dict[Slice, int] = {}
        self.n = np.zeros((0, len(METRICS)), int)
        """Shape (strata, metrics)."""
        self.successes = np.zeros((0, len(METRICS)), int)

    def slot(self, stratum: Slice) -> int:
        """Give the row of a stratum, and make it one."""
        if stratum not in self.slots:
            self.slots[stratum] = len(self.slots)
            if len(self.slots) > len(self.n):
                room = np.zeros((max(64, len(self.n)), len(METRICS)), int)
                self.n, self.successes = np.concatenate([self.n, room]), np.concatenate([self.successes, room])
        return self.slots[stratum]

    def rates(self, slots: Ints, *, prior: float | Floats = 0.5) -> Floats:
        """Say how probable each outcome is next, shape (strata asked about, metrics); 0 where too little was seen to say.

        Args:
            slots: rows of the strata.
            prior: shape (metrics,): the probability before anything was seen of a stratum.
        """
        n = self.n[slots]
        return np.where(n >= self.least, predictive_rate(self.successes[slots], n, prior), 0.0)

    def learn(self, slots: Ints, outcomes: Ints) -> None:
        """Take one observation, shape (metrics,), into the strata that it belongs to."""
        self.n[slots] += outcomes != UNJUDGED
        self.successes[slots] += outcomes == 1

    def forget(self, within: Slice, metric: int) -> None:
        """Begin anew with one metric in all strata that overlap a slice."""
        slots = [slot for stratum, slot in self.slots.items() if overlaps(stratum, within)]
        self.n[slots, metric] = self.successes[slots, metric] = 0

    def count(self, strata: list[Slice], metric: int) -> int:
        """Count the exchanges that the baselines of some strata rest on together."""
        return int(self.n[[self.slots[stratum] for stratum in strata], metric].sum())

    def to_json(self) -> dict[str, Any]:
        """Give its state as plain values."""
        rows = len(self.slots)
        return {"strata": list(self.slots), "n": self.n[:rows].tolist(), "successes": self.successes[:rows].tolist()}

    def load_json(self, saved: dict[str, Any]) -> None:
        """Take up what `to_json` gave."""
        for stratum, n, successes in zip(saved["strata"], saved["n"], saved["successes"], strict=True):
            slot = self.slot(tuple((key, value) for key, value in stratum))
            self.n[slot], self.successes[slot] = n, successes
