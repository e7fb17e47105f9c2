"""Events on their way to the store: put in by event loops, taken out by one thread, bounded in number and size."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from operator import attrgetter
from queue import Empty, SimpleQueue
from sys import getsizeof
from threading import Lock
from typing import NamedTuple

from demur.guard.audit.event import Event
from demur.guard.audit.row import COLUMNS

__all__ = ["Backlog", "Waiting"]

_EVENT_BYTES = 1_500
"""What an event takes in memory beside its texts, its future included."""
_RUN_BYTES = 300

_texts = attrgetter(*(column.name for column in COLUMNS if column.kind == "text"))


class Waiting(NamedTuple):
    """An event, and the future of whoever waits for it to be stored."""

    event: Event
    stored: asyncio.Future[None]
    n_bytes: int


class Backlog:
    """A queue with bounds. An event counts until it is settled: stored, or known never to be."""

    def __init__(self, *, most: int, most_bytes: int) -> None:
        self.most = most
        self.most_bytes = most_bytes
        self.n_waiting = 0
        self.n_bytes = 0
        self.is_closed = False
        self._lock = Lock()
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()

    def add(self, event: Event, stored: asyncio.Future[None]) -> str | None:
        """Put an event in, or say why it cannot be. The thread that takes them out is never waited for."""
        n_bytes = _EVENT_BYTES + sum(map(getsizeof, _texts(event))) + _RUN_BYTES * len(event.ran)
        with self._lock:
            if self.is_closed:
                return "it is closed"
            if self.n_waiting >= self.most:
                return f"{self.n_waiting} events wait, as many as may"
            if self.n_bytes + n_bytes > self.most_bytes:
                return f"{self.n_bytes} bytes of events wait, and no more than {self.most_bytes} may"
            self.n_waiting += 1
            self.n_bytes += n_bytes
            self._queue.put(Waiting(event, stored, n_bytes))
        return None

    def close(self) -> None:
        """Let nothing more in; what waits is still taken out."""
        with self._lock:
            if not self.is_closed:
                self.is_closed = True
                self._queue.put(None)

    def take(self, most: int, *, gather_s: float) -> list[Waiting]:
        """Wait for events and take them in their order; none once the backlog is closed and empty.

        Args:
            most: how many to take at most.
            gather_s: how long others may join the first.
        """
        waiting = self._queue.get()
        if waiting is not None and gather_s and self._queue.qsize() < most and not self.is_closed:
            time.sleep(gather_s)
        taken: list[Waiting] = []
        with suppress(Empty):
            while waiting is not None:
                taken.append(waiting)
                if len(taken) == most:
                    return taken
                waiting = self._queue.get_nowait()
            # The mark of the end stays there for the next call.
            self._queue.put(None)
        return taken

    def settle(self, settled: Sequence[Waiting], error: Exception | None = None) -> None:
        """Make room again, and tell those who wait that their events are stored, or that they never will be."""
        with self._lock:
            self.n_waiting -= len(settled)
            self.n_bytes -= sum(waiting.n_bytes for waiting in settled)
        by_loop = defaultdict(list)
        for waiting in settled:
            by_loop[waiting.stored.get_loop()].append(waiting.stored)
        for loop, futures in by_loop.items():
            # A loop that has ended waits for nothing.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(_tell, futures, error)


def _tell(futures: Sequence[asyncio.Future[None]], error: Exception | None) -> None:
    for future in futures:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
            # Whoever does not wait is told by the store's state, not by a warning for each event.
            future.exception()
