"""Evidence: for every slice, metric and direction, how sure it is that something changed, and since when it looks so."""

from collections import deque
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.stats.sequential import RATIOS, accrue, log_e_values
from demur.watch.baselines import UNJUDGED
from demur.watch.observation import METRICS
from demur.watch.slices import Slice

__all__ = ["KEPT", "Evidence", "Example", "Span"]

KEPT = 20
"""Latest exchanges of each outcome that are remembered, to choose examples from."""

TELLING = 0.1
"""In nats: what nine in ten exchanges of a kind do shows nothing."""

BOTH_WAYS = np.array([RATIOS, [1 / ratio for ratio in RATIOS]])
"""Shape (directions, ratios)."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Example(NamedTuple):
    """An exchange that may come to show a change."""

    id: str
    at: float
    telling: float
    """In nats: how improbable its outcome was, times the judge's confidence in it."""


class Span(NamedTuple):
    """What was seen since a change."""

    since: float
    n: int
    successes: int
    expected: float
    """Successes that were to be expected, each exchange by the baseline of its kind as it then was."""


class Evidence:
    """For every slice: sums that decide whether something changed, and runs that say where and since when.

    The sums (`demur.stats.sequential.accrue`) are what the stated number of false alarms is about. The runs are CUSUMs of the
    same evidence: where the best of them began is the most likely time of the change, and its height says how well a change in
    this slice explains what was seen.
    """

    def __init__(self) -> None:
        shape = (0, len(METRICS), 2, len(RATIOS))
        self.slots: dict[Slice, int] = {}
        self.sums = np.zeros(shape)
        """Shape (slices, metrics, directions, ratios)."""
        self.runs = np.zeros(shape)
        """The same, in nats."""
        self.since = np.zeros(shape)
        """The same: when each run began."""
        self.counts = np.zeros((0, 3, *shape[1:]))
        """The same for each of: exchanges since, successes among them, successes that the baseline led to expect."""
        self.n_seen = np.zeros(0, int)
        """Shape (slices,)."""
        self.latest: dict[int, tuple[tuple[deque[Example], deque[Example]], ...]] = {}
        """By row: for each metric, the latest failures and the latest successes."""

    def slot(self, within: Slice) -> int:
        """Give the row of a slice, and make it one."""
        if within not in self.slots:
            row = self.slots[within] = len(self.slots)
            if row >= len(self.sums):
                self._grow()
            self.latest[row] = tuple((deque(maxlen=KEPT), deque(maxlen=KEPT)) for _ in METRICS)
        return self.slots[within]

    def _grow(self) -> None:
        extra = max(64, len(self.sums))
        for name in ("sums", "runs", "since", "counts", "n_seen"):
            array = getattr(self, name)
            setattr(self, name, np.concatenate([array, np.zeros((extra, *array.shape[1:]), array.dtype)]))

    def take(self, slots: Ints, outcomes: Ints, rates: Floats, *, at: float) -> None:
        """Take in one exchange.

        Args:
            slots: shape (families,): rows of the slices that it is in.
            outcomes: shape (metrics,): 0, 1 or `UNJUDGED`.
            rates: shape (families, metrics): what its baselines led to expect; 0 where there is none.
            at: when.
        """
        watched = (rates > 0) & (outcomes != UNJUDGED)
        gains = (
            log_e_values(outcomes[:, None, None].astype(float), rates[:, :, None, None], BOTH_WAYS)
            * watched[:, :, None, None]
        )
        # One exchange has one false alarm in so many to give; every sum that it enters gets the same share.
        share = watched / max(1, 2 * int(watched.sum()))
        self.sums[slots] = accrue(self.sums[slots], np.exp(gains), share[:, :, None, None])
        runs = self.runs[slots]
        begins = runs <= 0
        self.runs[slots] = np.where(begins, 0, runs) + gains
        self.since[slots] = np.where(begins, at, self.since[slots])
        step = np.stack([watched, watched & (outcomes == 1), watched * rates], axis=1).astype(float)
        self.counts[slots] = np.where(begins[:, None], 0, self.counts[slots]) + step[..., None, None]
        self.n_seen[slots] += 1

    def remember(self, slots: Ints, outcomes: Ints, rates: Floats, *, id: str, at: float, confidence: float) -> None:  # noqa: A002 -- as in the record
        """Keep an exchange as a possible example of each outcome that is not the common one."""
        improbable = -np.log(np.where(outcomes == 1, rates, 1 - rates).clip(1e-12)) * confidence
        telling = (improbable >= TELLING) & (rates > 0) & (outcomes != UNJUDGED)
        for family, metric in np.argwhere(telling).tolist():
            kept = self.latest[int(slots[family])][metric][int(outcomes[metric])]
            kept.append(Example(id, at, float(improbable[family, metric])))

    def height(self, metric: int, direction: int) -> Floats:
        """Say how well a change in each slice explains what was seen, in nats, shape (slices,)."""
        heights: Floats = self.runs[: len(self.slots), metric, direction].max(axis=-1)
        return heights

    def span(self, slot: int, metric: int, direction: int) -> Span:
        """Tell what a slice saw since its most likely time of change."""
        best = int(self.runs[slot, metric, direction].argmax())
        n, successes, expected = self.counts[slot, :, metric, direction, best]
        return Span(float(self.since[slot, metric, direction, best]), int(n), int(successes), float(expected))

    def examples(self, slot: int, metric: int, *, outcome: int, since: float, n: int) -> tuple[str, ...]:
        """Choose the most telling exchanges of an outcome since a time."""
        found = [example for example in self.latest[slot][metric][outcome] if example.at >= since]
        return tuple(example.id for example in sorted(found, key=lambda example: -example.telling)[:n])

    def discard(self, slot: int, metric: int, direction: int) -> None:
        """Begin anew with one sum."""
        self.sums[slot, metric, direction] = 0

    def forget(self, slots: list[int], metric: int) -> None:
        """Begin anew with one metric of some slices."""
        for array in (self.sums, self.runs):
            array[slots, metric] = 0

    def to_json(self) -> dict[str, Any]:
        """Give its state as plain values."""
        return {
            "slices": list(self.slots),
            "latest": [
                [[list(kept) for kept in metric] for metric in self.latest[slot]] for slot in self.slots.values()
            ],
            **{
                name: getattr(self, name)[: len(self.slots)].tolist()
                for name in ("sums", "runs", "since", "counts", "n_seen")
            },
        }

    def load_json(self, saved: dict[str, Any]) -> None:
        """Take up what `to_json` gave."""
        for within, latest in zip(saved["slices"], saved["latest"], strict=True):
            slot = self.slot(tuple((key, value) for key, value in within))
            for metric, kept in enumerate(latest):
                for outcome, examples in enumerate(kept):
                    self.latest[slot][metric][outcome].extend(Example(*example) for example in examples)
        for name in ("sums", "runs", "since", "counts", "n_seen"):
            if self.slots:
                getattr(self, name)[: len(self.slots)] = saved[name]
