"""Exchanges put into the order of time, as far as they come within some seconds of their turn."""

import heapq
from collections.abc import Iterator
from dataclasses import replace
from math import inf, isfinite
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
        self.newest: float | None = None
        """The latest time that was seen."""
        self._released = -inf

    def add(self, seen: Observation) -> Iterator[Observation]:
        """Take one in, and give those whose turn it is."""
        heapq.heappush(self._held, (seen.at, seen.id, seen))
        self.newest = seen.at if self.newest is None else max(self.newest, seen.at)
        while self._held and self._held[0][0] <= self.newest - self.window_s:
            at, _, first = heapq.heappop(self._held)
            self._released = max(self._released, at)
            yield first if at == self._released else replace(first, at=self._released)

    def to_json(self) -> dict[str, Any]:
        """Give its state as plain values."""
        released = self._released if isfinite(self._released) else None
        return {
            "held": [to_plain(seen) for *_, seen in sorted(self._held, key=lambda one: one[:2])],
            "newest": self.newest,
            "released": released,
        }

    def load_json(self, saved: dict[str, Any], where: str) -> None:
        """Take up what `to_json` gave.

        Raises:
            DataError: something in it is no exchange.
        """
        held = [from_plain(Observation, seen, where) for seen in saved["held"]]
        self._held = [(seen.at, seen.id, seen) for seen in held]
        self.newest = saved["newest"]
        self._released = -inf if saved["released"] is None else saved["released"]
