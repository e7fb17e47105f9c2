"""Counts by the period, of the latest periods: what is older is let go, so that memory does not grow with the traffic."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

__all__ = ["Key", "Periods"]

Key = tuple[str | None, ...]


class Periods:
    """What was counted in each period of a length, as far back as is kept."""

    def __init__(self, length_s: int, n: int) -> None:
        self.length_s = length_s
        self.n = n
        """Periods that are kept."""
        self.last: int | None = None
        """The latest period that anything was counted in, as the number of its lengths since 1970."""
        self._counts: dict[int, Counter[Key]] = {}

    def add(self, at: float, keys: Iterable[Key]) -> None:
        """Count each key once; what is older than the periods that are kept is passed over."""
        period = int(at // self.length_s)
        if self.last is None or period > self.last:
            self.last = period
            for old in [old for old in self._counts if old <= period - self.n]:
                del self._counts[old]
        elif period <= self.last - self.n:
            return
        self._counts.setdefault(period, Counter()).update(keys)

    def kept(self) -> Iterator[tuple[float, Counter[Key]]]:
        """Give every period that is kept, the oldest first and the empty ones too, with when it begins, in seconds since 1970."""
        if self.last is not None:
            for period in range(min(self._counts), self.last + 1):
                yield float(period * self.length_s), self._counts.get(period, Counter())

    def to_json(self) -> dict[str, Any]:
        """Give its counts as plain values."""
        return {
            str(period): [[*key, n] for key, n in sorted(counts.items(), key=repr)]
            for period, counts in sorted(self._counts.items())
        }

    def load_json(self, saved: dict[str, Any]) -> None:
        """Take up what `to_json` gave."""
        self._counts = {int(period): Counter({tuple(key): n for *key, n in rows}) for period, rows in saved.items()}
        self.last = max(self._counts, default=None)
