"""The audit store: an event is acknowledged once it is on the disk, and waits in memory while the database is away."""

import asyncio
from dataclasses import dataclass

from demur.database import StoreDownError, parse_location
from demur.guard.audit.backlog import Backlog
from demur.guard.audit.database import Database
from demur.guard.audit.event import Event
from demur.guard.audit.writer import Alarm, Writer

__all__ = ["AuditStore", "StoreState", "open_store"]


@dataclass(frozen=True)
class StoreState:
    """How the store is doing."""

    is_down: bool
    """Whether the database cannot be written now: it says so, or has been silent over one batch for five seconds."""
    reason: str | None
    """Why it is down."""
    n_waiting: int
    """Events that are not stored yet."""
    n_bytes: int
    """What they take in memory."""
    n_stored: int
    """Events stored since the start."""
    n_lost: int
    """Events that are not stored and never will be: there was no room, the database refused them, the store was closed."""
    n_failures: int
    """Attempts that failed since the start because the database was down."""


class AuditStore:
    """Stores events from event loops, without ever holding one up."""

    def __init__(self, writer: Writer, backlog: Backlog) -> None:
        self._writer = writer
        self._backlog = backlog
        self._n_turned_away = 0

    def submit(self, event: Event) -> asyncio.Future[None]:
        """Hand an event over; to be called in a running loop.

        Returns:
            A future that is done when the event is on the disk. While the database is down it stays open and the event is
            kept; it fails with StoreDownError at once where there is no room, and later where the store is closed first,
            and with RowRefusedError where the database refuses the event. It need not be waited for.
        """
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        obstacle = self._backlog.add(event, stored)
        if obstacle is not None:
            self._n_turned_away += 1
            stored.set_exception(self._writer.down_error(f"the event is not stored: {obstacle}"))
            stored.exception()  # told by the state too: no warning where nobody waits
        return stored

    @property
    def is_down(self) -> bool:
        """Whether the database cannot be written now."""
        return self._writer.reason is not None or self._writer.stalled_s is not None

    def state(self) -> StoreState:
        """Say how the store is doing."""
        reason = self._writer.reason
        if reason is None and self._writer.stalled_s is not None:
            reason = f"no answer for {self._writer.stalled_s:.0f} s"
        return StoreState(
            is_down=reason is not None,
            reason=reason,
            n_waiting=self._backlog.n_waiting,
            n_bytes=self._backlog.n_bytes,
            n_stored=self._writer.n_stored,
            n_lost=self._n_turned_away + self._writer.n_refused + self._writer.n_given_up,
            n_failures=self._writer.n_failures,
        )

    async def close(self, *, timeout_s: float = 10.0) -> None:
        """Store what waits and end; nothing is taken any more.

        Raises:
            StoreDownError: not everything could be stored in this time.
        """
        self._backlog.close()
        await asyncio.to_thread(self._writer.finish, timeout_s)
        n_left = self._writer.n_given_up + self._backlog.n_waiting
        if n_left:
            raise self._writer.down_error(f"{n_left} events could not be stored in {timeout_s:g} s and are lost")


def open_store(
    url: str,
    *,
    most_waiting: int = 20_000,
    most_bytes: int = 64 * 2**20,
    batch: int = 500,
    gather_s: float = 0.05,
    must_answer: bool = True,
    on_change: Alarm | None = None,
) -> AuditStore:
    """Open a store, and make its tables where there are none; waits for the database.

    Args:
        url: ``sqlite:///FILE``, a path that ends in ``.db`` or ``.sqlite``, or ``postgresql://USER:PASSWORD@HOST/DATABASE``.
        most_waiting: events that may wait to be stored.
        most_bytes: what they may take in memory.
        batch: events that are stored in one transaction at most.
        gather_s: how long the first of them waits for others. A transaction costs many times what a row in it does: at 200
            events a second, storing each when it comes takes four times the CPU.
        must_answer: whether a database that is down is an error now; else events wait for it as they do later.
        on_change: told why when the store goes down, and None when it is up again; called in the writer's thread.

    Raises:
        UsageError: the URL is none of the forms. MissingExtraError: a library is not installed.
        DataError: the database's tables are newer, or not demur's. StoreDownError: it cannot be reached.
    """
    database = Database(parse_location(url))
    reason = None
    try:
        database.open()
    except StoreDownError as error:
        if must_answer:
            raise
        reason = str(error)
    backlog = Backlog(most=most_waiting, most_bytes=most_bytes)
    writer = Writer(database, backlog, batch=batch, gather_s=gather_s, on_change=on_change)
    writer.start(reason)
    return AuditStore(writer, backlog)
