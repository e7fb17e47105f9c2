"""A table of a bounded size: what has ended goes first, then what was used least recently."""

from collections import OrderedDict
from itertools import islice
from typing import Generic, TypeVar

__all__ = ["Table"]

T = TypeVar("T")

_AT_ONCE = 2
"""Entries looked at when one is put: more than one, so that a table shrinks as fast as it grew, and in steady traffic half of it is alive."""


class Table(Generic[T]):
    """Values that mean nothing any more after a time; no task sweeps them, putting one drops others.

    Which have ended is seen on a round through all of them, for the least recent may be the one that lasts longest.

    Args:
        max_entries: kept.
    """

    def __init__(self, max_entries: int) -> None:
        self._max_entries = max_entries
        self._entries: OrderedDict[str, tuple[int, T]] = OrderedDict()
        """The least recently used first."""
        self._round: OrderedDict[str, None] = OrderedDict()
        """Their keys, the one that is looked at next first."""
        self.n_forgotten = 0
        """Entries that had to go before their time."""

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> T | None:
        """Give a value, and count it as used."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[1]

    def put(self, key: str, value: T, *, ends: int, now: int) -> None:
        """Keep a value, which was asked for just before, until it ends or there is no room."""
        self._entries[key] = (ends, value)
        self._round.setdefault(key)
        for looked in tuple(islice(self._round, _AT_ONCE)):
            if self._entries[looked][0] > now:
                self._round.move_to_end(looked)
            else:
                self._drop(looked)
        if len(self._entries) > self._max_entries:
            oldest = next(iter(self._entries))
            self.n_forgotten += self._entries[oldest][0] > now
            self._drop(oldest)

    def clear(self) -> None:
        """Drop everything."""
        self._entries.clear()
        self._round.clear()

    def _drop(self, key: str) -> None:
        del self._entries[key], self._round[key]
