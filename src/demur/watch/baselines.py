"""Baselines: how often each outcome was met in each kind of request, and which rates that leaves possible."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from demur.stats.sequential import RATIOS, baseline_interval, log_e_values
from demur.watch.observation import METRICS
from demur.watch.slices import Slice, overlaps

__all__ = ["UNJUDGED", "Baselines"]

UNJUDGED = 2
"""In place of an outcome, 0 or 1: says nothing either way."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UP = np.array(RATIOS)


class Baselines:
    """One baseline for each stratum and metric. It begins with the first `least` observations and is doubled until it holds `most`.

    A large baseline finds small changes, a small one is soon there. While it grows, every doubling takes in what was watched
    without an alarm; from `most` on it stays, so that a slow drift is in the end seen against where it began.
    """

    def __init__(self, least: int, most: int, confidence: float) -> None:
        self.least, self.most, self.confidence = least, most, confidence
        self.slots: dict[Slice, int] = {}
        self.n, self.successes, self.n_ahead, self.successes_ahead = (
            np.zeros((0, len(METRICS)), int) for _ in range(4)
        )
        self.rate = np.zeros((0, len(METRICS)))
        """Shape (strata, metrics)."""
        self.e_values = np.zeros((0, 3, len(METRICS), 2, len(UP)))
        """Shape (strata, outcomes, metrics, directions, ratios): evidence against the bounds of the rate; 1 where there is no
        baseline yet."""
        self.gains = np.zeros((0, 3, len(METRICS), 2, len(UP)))
        """The same shape, in nats: how much better a changed rate explains an outcome than the baseline's rate itself does."""

    def slot(self, stratum: Slice) -> int:
        """Give the row of a stratum, and make it one."""
        if stratum not in self.slots:
            self.slots[stratum] = len(self.slots)
            if len(self.slots) > len(self.n):
                self._grow()
        return self.slots[stratum]

    def _grow(self) -> None:
        extra = max(64, len(self.n))
        for name, filling in (
            ("n", 0),
            ("successes", 0),
            ("n_ahead", 0),
            ("successes_ahead", 0),
            ("rate", 0),
            ("e_values", 1),
            ("gains", 0),
        ):
            array = getattr(self, name)
            room = np.full((extra, *array.shape[1:]), filling, array.dtype)
            setattr(self, name, np.concatenate([array, room]))

    def learn(self, slots: list[int], outcomes: Ints) -> None:
        """Take one observation, shape (metrics,), into the baselines that it belongs to."""
        judged = outcomes != UNJUDGED
        for slot in slots:
            self.n_ahead[slot] += judged
            self.successes_ahead[slot] += judged & (outcomes == 1)
            due = (self.n_ahead[slot] >= np.maximum(self.n[slot], self.least)) & (self.n[slot] < self.most)
            for metric in np.flatnonzero(due).tolist():
                self.n[slot, metric] += self.n_ahead[slot, metric]
                self.successes[slot, metric] += self.successes_ahead[slot, metric]
                self._set(slot, metric)

    def _set(self, slot: int, metric: int) -> None:
        """Say what each outcome is evidence of, now that the baseline is another."""
        n, successes = int(self.n[slot, metric]), int(self.successes[slot, metric])
        self.n_ahead[slot, metric] = self.successes_ahead[slot, metric] = 0
        bounds = baseline_interval(successes, n, confidence=self.confidence)
        rate = (successes + 0.5) / (n + 1)
        self.rate[slot, metric] = rate
        for direction, (edge, ratios) in enumerate(((bounds.high, UP), (bounds.low, 1 / UP))):
            self.e_values[slot, :2, metric, direction] = np.exp(log_e_values(edge, ratios))
            self.gains[slot, :2, metric, direction] = log_e_values(rate, ratios)

    def forget(self, within: Slice, metric: int) -> None:
        """Begin anew with the baselines of one metric in all strata that overlap a slice."""
        slots = [slot for stratum, slot in self.slots.items() if overlaps(stratum, within)]
        for counts in (self.n, self.successes, self.n_ahead, self.successes_ahead):
            counts[slots, metric] = 0
        self.rate[slots, metric] = 0
        self.e_values[slots, :, metric] = 1
        self.gains[slots, :, metric] = 0

    def size(self, strata: list[Slice], metric: int) -> int:
        """Count the exchanges that the baselines of some strata rest on together."""
        return int(self.n[[self.slots[stratum] for stratum in strata], metric].sum())

    def to_json(self) -> dict[str, Any]:
        """Give all that it knows as plain values; the rest follows from these."""
        counts = np.stack([self.n, self.successes, self.n_ahead, self.successes_ahead], axis=1)
        return {"strata": [[stratum, counts[slot].tolist()] for stratum, slot in self.slots.items()]}

    def load_json(self, saved: dict[str, Any]) -> None:
        """Take up what `to_json` gave."""
        for stratum, counts in saved["strata"]:
            slot = self.slot(tuple((key, value) for key, value in stratum))
            self.n[slot], self.successes[slot] = counts[0], counts[1]
            for metric in np.flatnonzero(self.n[slot]).tolist():
                self._set(slot, metric)
            self.n_ahead[slot], self.successes_ahead[slot] = counts[2], counts[3]
