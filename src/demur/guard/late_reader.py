"""Replies read after they have left, several at a time: whether the model refused is for the record, and nobody waits for it."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence

from demur.guard.exchange import Exchange
from demur.guard.rails.judging import shared_judge
from demur.types import Reply

__all__ = ["LateReader"]

_LOG = logging.getLogger("demur.guard")

_AT_ONCE = 16
"""Replies read together: one takes 2.5 ms, sixteen of them 7; more would keep the others from their turn."""
_GATHER_S = 0.05
_MOST_WAITING = 2_000
"""Replies of at most 16 kB each that wait to be read; beyond that they are recorded unread."""


class LateReader:
    """Reads replies, and passes their exchanges on.

    Args:
        pass_on: is given each exchange when its reply has been read, or cannot be.
    """

    def __init__(self, pass_on: Callable[[Exchange], object]) -> None:
        self._pass_on = pass_on
        self._waiting: deque[Exchange] = deque()
        self._work: asyncio.Task[None] | None = None

    def add(self, exchange: Exchange) -> None:
        """Take on an exchange whose reply is to be read; to be called in a running loop."""
        if len(self._waiting) >= _MOST_WAITING:
            self._pass_on(exchange)
            return
        self._waiting.append(exchange)
        if self._work is None or self._work.done():
            self._work = asyncio.ensure_future(self._read_all())

    def read(self, exchanges: Sequence[Exchange]) -> None:
        """Read the replies of some exchanges, now."""
        began = time.perf_counter()
        pairs = [(Reply(exchange.said.text), exchange.asked.turns) for exchange in exchanges]
        verdicts = shared_judge().judge_many(pairs)
        ms = (time.perf_counter() - began) * 1000 / len(exchanges)
        for exchange, verdict in zip(exchanges, verdicts, strict=True):
            exchange.read(verdict.outcome, ms)

    async def close(self) -> None:
        """Read what waits."""
        if self._work is not None:
            await self._work

    async def _read_all(self) -> None:
        await asyncio.sleep(_GATHER_S)
        while self._waiting:
            some = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
            try:
                await asyncio.to_thread(self.read, some)
            except Exception:  # noqa: BLE001 -- whatever it is, an exchange is recorded, read or not
                _LOG.exception("replies could not be read; they are recorded without")
            for exchange in some:
                self._pass_on(exchange)
