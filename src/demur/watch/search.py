"""The search for changes in a log: what was searched, and the alarms that came of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from demur.watch.drift import DriftSettings, DriftWatch
from demur.watch.observing import observation_of
from demur.watch.place import Place
from demur.watch.slices import KIND, Slice, slice_of

__all__ = ["ChangeSearch", "Searched", "place_of"]


@dataclass(frozen=True)
class Searched:
    """What the search for changes rests on: where it says too little, no alarm says nothing."""

    run_length: float
    """Exchanges for which one false alarm is to be expected at most, over all slices, metrics and directions together."""
    least: int
    """Exchanges of a kind of request that are learnt from before it is watched."""
    n: int
    """Exchanges with a time of which something is known."""
    n_undated: int
    """Exchanges without a time, which no alarm can rest on."""
    n_kinds: int
    """Kinds of request: what agrees in truth, category and language."""
    n_watched: int
    """Of these, kinds of which more than `least` were met."""
    n_of_largest: int
    """Exchanges of the kind of which most were met."""


class ChangeSearch:
    """Searches exchanges that come in the order of time."""

    def __init__(self, settings: DriftSettings) -> None:
        self.drift = DriftWatch(settings)
        self._kinds: Counter[Slice] = Counter()
        self._n_undated = 0

    def take(self, place: Place, row: Mapping[str, Any]) -> None:
        """Take in the next exchange, as `demur.watch.observing.observation_of` reads it, and where it lies."""
        seen = observation_of(row)
        if seen is None:
            self._n_undated += 1
        elif seen.outcomes:
            self._kinds[slice_of(seen, KIND)] += 1
            self.drift.observe(replace(seen, id=f"{place.shard}/{place.row}"))

    def sum_up(self) -> Searched:
        """Tell what was searched."""
        settings = self.drift.settings
        return Searched(
            run_length=settings.run_length,
            least=settings.least,
            n=self._kinds.total(),
            n_undated=self._n_undated,
            n_kinds=len(self._kinds),
            n_watched=sum(n > settings.least for n in self._kinds.values()),
            n_of_largest=max(self._kinds.values(), default=0),
        )


def place_of(example: str) -> Place:
    """Say where an exchange lies that an alarm of this search names."""
    shard, row = example.split("/")
    return Place(shard, int(row))
