"""Exchanges put into the order of time, as far as they come within some seconds of their turn."""

import heapq
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from demur.records import from_plain, to_plain
from demur.watch.observation import Observation

__all__ = ["Ordering"]


class Ordering:
    """Holds each exchange back until one has come that is so much later: several gateways store theirs a little out of order.

    What is let go depends on the exchanges alone and not on when they are read, so that a watch which was killed sees the same order
    again. One that comes too late is given the time of the one before it.
    """

    def __init__(self, window_s: float) -> None:
        self.window_s = window_s
        self._held: list[tuple[float, str, Observation]] = []
        self._newest = float("-inf")
        self._released = float("-inf")

    def add(self, seen: Observation) -> Iterator[Observation]:
        """Take one in, and give those whose turn it is."""
        heapq.heappush(self._held, (seen.at, seen.id, seen))
        self._newest = max(self._newest, seen.at)
        while self._held and self._held[0][0] <= self._newest - self.window_s:
            at, _, first = heapq.heappop(self._held)
            self._released = max(self._released, at)
            yield first if at == self._released else replace(first, at=self._released)

    def to_json(self) -> dict[str, Any]:
        """Give its state as plain values; it has taken something in."""
        released = None if self._released == float("-inf") else self._released
        newest = None if self._newest == float("-inf") else self._newest
        return {"held": [to_plain(seen) for *_, seen in sorted(self._held)], "newest": newest, "released": released}

    def load_json(self, saved: dict[str, Any], where: str) -> None:
        """Take up what `to_json` gave.

        Raises:
            DataError: something in it is no exchange.
        """
        held = [from_plain(Observation, seen, where) for seen in saved["held"]]
        self._held = [(seen.at, seen.id, seen) for seen in held]
        self._newest, self._released = (
            float("-inf") if saved[name] is None else saved[name] for name in ("newest", "released")
        )
