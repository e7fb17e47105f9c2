"""The thread that stores what waits."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from demur.database import StoreDownError, describe_failure
from demur.guard.audit.backlog import Backlog, Waiting
from demur.guard.audit.database import Database
from demur.guard.audit.failure import RowRefusedError, is_fault_of_rows
from demur.guard.audit.row import to_row

__all__ = ["Alarm", "Writer"]

Alarm = Callable[[str | None], None]
"""Called with the reason when the store goes down, and with None when it is up again; in the writer's thread."""

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 2.0
_STALLED_S = 5.0
"""A database that takes longer over one batch is called down, though it has not said so."""


class Writer:
    """Takes all that waits, stores it in one transaction, and acknowledges it; tries again for as long as the database is down."""

    def __init__(
        self, database: Database, backlog: Backlog, *, batch: int, gather_s: float, on_change: Alarm | None
    ) -> None:
        self.n_stored = 0
        self.n_refused = 0
        self.n_given_up = 0
        self.n_failures = 0
        self.reason: str | None = None
        """Why the store is down; None while it is up."""
        self._database = database
        self._backlog = backlog
        self._batch = batch
        self._gather_s = gather_s
        self._on_change = on_change
        self._since: float | None = None
        self._gives_up = threading.Event()
        # A disk that hangs must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="demur-audit", daemon=True)

    def start(self, reason: str | None = None) -> None:
        """Begin; with the reason where the database is known to be down."""
        self._set_reason(reason)
        self._thread.start()

    @property
    def stalled_s(self) -> float | None:
        """How long the database has been at one batch, once that is too long; None before."""
        since = self._since
        taken = 0.0 if since is None else time.monotonic() - since
        return taken if taken > _STALLED_S else None

    def finish(self, timeout_s: float) -> None:
        """Wait until all is stored that waits in the backlog, which is closed; after this time give the rest up."""
        self._thread.join(timeout_s)
        self._gives_up.set()
        self._thread.join(_LONGEST_PAUSE_S)

    def _run(self) -> None:
        while waiting := self._backlog.take(self._batch, gather_s=self._gather_s):
            rows, kept = [], []
            for each in waiting:
                try:
                    rows.append(to_row(each.event))
                    kept.append(each)
                except Exception as error:  # noqa: BLE001  # no event may end the thread
                    self._refuse([each], error)
            self._store(kept, rows)
        self._database.close()

    def _store(self, waiting: Sequence[Waiting], rows: Sequence[tuple[Any, ...]]) -> None:
        pause_s = _FIRST_PAUSE_S
        while rows and not self._gives_up.is_set():
            error = self._try(rows)
            if error is None:
                self.n_stored += len(rows)
                self._set_reason(None)
                self._backlog.settle(waiting)
                return
            if is_fault_of_rows(error):
                self._divide(waiting, rows, error)
                return
            self.n_failures += 1
            self._set_reason(describe_failure(error))
            self._gives_up.wait(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        self.n_given_up += len(waiting)
        self._backlog.settle(waiting, self.down_error("closed before the event could be stored"))

    def _try(self, rows: Sequence[tuple[Any, ...]]) -> Exception | None:
        self._since = time.monotonic()
        try:
            self._database.insert(rows)
        except Exception as error:  # noqa: BLE001  # whatever it is, the rows are kept and the thread goes on
            return error
        finally:
            self._since = None
        return None

    def _divide(self, waiting: Sequence[Waiting], rows: Sequence[tuple[Any, ...]], error: Exception) -> None:
        """Find the row that the database refuses by halves, and store the others."""
        if len(rows) == 1:
            self._refuse(waiting, error)
            return
        middle = len(rows) // 2
        self._store(waiting[:middle], rows[:middle])
        self._store(waiting[middle:], rows[middle:])

    def _refuse(self, waiting: Sequence[Waiting], error: Exception) -> None:
        self.n_refused += len(waiting)
        where = self._database.location.shown
        for each in waiting:
            refused = RowRefusedError(f"{where}: event {each.event.id!r:.40} is refused: {describe_failure(error)}")
            self._backlog.settle([each], refused)

    def down_error(self, what: str) -> StoreDownError:
        """Make the error of an event that is not stored."""
        why = f" ({self.reason})" if self.reason else ""
        return StoreDownError(f"{self._database.location.shown}: {what}{why}")

    def _set_reason(self, reason: str | None) -> None:
        changed = (self.reason is None) != (reason is None)
        self.reason = reason
        if changed and self._on_change is not None:
            try:
                self._on_change(reason)
            except Exception:
                logging.getLogger(__name__).exception("the alarm of the audit store failed")
