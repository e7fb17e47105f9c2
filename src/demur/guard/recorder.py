"""Where exchanges go: into the store, and to whoever counts and traces; and what happens when the store is down."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from demur.errors import IncompleteError
from demur.guard.audit import AuditStore, Event
from demur.guard.exchange import Exchange
from demur.guard.exchange_event import event_of
from demur.guard.late_reader import LateReader
from demur.guard.policy import FailMode

__all__ = ["Recorder", "Watcher"]

_LOG = logging.getLogger("demur.guard")

_LONGEST_WAIT_S = 5.0
"""For a row to be on the disk, where nothing is answered before it is."""

Watcher = Callable[[Event], None]
"""Is told of each event; quick, and never raises."""


class Recorder:
    """Records exchanges.

    Args:
        store: keeps their events; None where nobody asked for it.
        watchers: are told of each.
    """

    def __init__(self, store: AuditStore | None = None, watchers: Sequence[Watcher] = ()) -> None:
        self._store, self._watchers = store, watchers
        self._reader = LateReader(self._pass_on)

    def must_refuse(self, mode: FailMode) -> bool:
        """Tell whether nothing is to be answered now, because it could not be recorded."""
        return mode == "closed" and self._store is not None and self._store.is_down

    async def record(self, exchange: Exchange, *, mode: FailMode) -> None:
        """Record an exchange that has ended.

        A reply that may be a refusal is read first, which takes a moment, and nobody waits for it. Where the policy fails
        closed, it is read at once, and its row waited for until it is there for good.

        Raises:
            IncompleteError: the store did not take it in time, and the policy fails closed.
        """
        is_unread = exchange.is_unread
        if mode == "open" and is_unread:
            self._reader.add(exchange)
            return
        if is_unread:
            self._read(exchange)
        stored = self._pass_on(exchange)
        if stored is not None and mode == "closed":
            try:
                await asyncio.wait_for(asyncio.shield(stored), _LONGEST_WAIT_S)
            except TimeoutError:
                raise IncompleteError(
                    "the audit store does not answer, and nothing is said that is not recorded"
                ) from None

    async def close(self) -> None:
        """Read what is to be read, and wait for what the store has taken on."""
        try:
            await self._reader.close()
        finally:
            if self._store is not None:
                await self._store.close()

    def _read(self, exchange: Exchange) -> None:
        try:
            self._reader.read([exchange])
        except Exception:  # noqa: BLE001 -- a judge that fails costs no record
            _LOG.exception("a reply could not be read; its exchange is recorded all the same")

    def _pass_on(self, exchange: Exchange) -> asyncio.Future[None] | None:
        event = event_of(exchange)
        for watch in self._watchers:
            watch(event)
        return None if self._store is None else self._store.submit(event)
