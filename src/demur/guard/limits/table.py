"""A table of a bounded size: what has ended goes first, then what was used least recently."""

from collections import OrderedDict
from typing import Generic, TypeVar

__all__ = ["Table"]

T = TypeVar("T")

_AT_ONCE = 2
"""Entries looked at when one is put: more than one, so that a table shrinks as fast as it grew."""


class Table(Generic[T]):
    """Values that mean nothing any more after a time; no task sweeps them, putting one drops others.

    Args:
        max_entries: kept.
    """

    def __init__(self, max_entries: int) -> None:
        self._max_entries = max_entries
        self._entries: OrderedDict[str, tuple[int, T]] = OrderedDict()
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
        entries = self._entries
        entries[key] = (ends, value)
        for _ in range(_AT_ONCE):
            oldest = next(iter(entries), None)
            if oldest is None or entries[oldest][0] > now:
                break
            del entries[oldest]
        if len(entries) > self._max_entries:
            entries.popitem(last=False)
            self.n_forgotten += 1

    def clear(self) -> None:
        """Drop everything."""
        self._entries.clear()
