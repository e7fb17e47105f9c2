"""Whoever follows a store: reads what is new, has it judged, lets the watch take it in, and keeps what is known.

All that is known lies in one file that is written every few seconds. A watch that is killed reads again what came after that,
and since what it makes of exchanges depends on their order alone, its counts and alarms are those of one that was not.
"""

import fcntl
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TypeVar

from demur.database import parse_location
from demur.errors import DataError, IncompleteError, UsageError
from demur.following.guarded import ended_exchange, see_event
from demur.guard.audit import Event, StoreDownError, read_events
from demur.judge import Judge, default_judge
from demur.records import read_text, write_atomically
from demur.watch import DriftSettings, judge_shard
from demur.watch.live import LiveWatch, Raised, Seen

__all__ = ["Follower", "OnAlarms", "name_store", "open_follower"]

T = TypeVar("T")

OnAlarms = Callable[[Sequence[Raised]], None]
"""Is given all alarms so far, those that are new last; quick, and never raises."""

_LOG = logging.getLogger("demur.watch")

_LOOK_EVERY_S, _SAVE_EVERY_S = 1.0, 10.0
_AT_ONCE = 64
"""Exchanges that are judged together."""
_GUESTS_AT_ONCE, _GUESTS_REST = 16, 3.0
"""The same of a guest, and how long it rests after them, as a multiple of the time that they took."""
_MOST = 4096
"""That are read with one connection."""


class Follower:
    """Follows a store. One thread takes steps; others may look.

    Args:
        store: of the events, as of `demur.guard.audit.read_events`.
        state: file in which all that is known is kept.
        watch: what is known so far.
        judge: of the replies.
        is_guest: whether it works in a process that has others to serve: then it takes a quarter of the time, in small pieces.
    """

    def __init__(self, store: str, state: Path, watch: LiveWatch, judge: Judge, *, is_guest: bool = False) -> None:
        self.store, self.watch = store, watch
        self._at_once, self._rest = (_GUESTS_AT_ONCE, _GUESTS_REST) if is_guest else (_AT_ONCE, 0.0)
        self._lock = threading.Lock()
        self._state, self._judge = state, judge
        self._is_down, self._n_saved = False, watch.n
        self._saved_at = time.monotonic()

    def look(self, read: Callable[[LiveWatch], T]) -> T:
        """Read something of the watch while nothing is taken in; for any thread."""
        with self._lock:
            return read(self.watch)

    def run(self, stop: threading.Event, on_alarms: Sequence[OnAlarms] = ()) -> None:
        """Follow until told to stop, and then save.

        Args:
            stop: set by whoever wants it to end.
            on_alarms: told of the alarms that an earlier run raised, and of each that comes.

        Raises:
            DataError: the store is none, or another than before. IncompleteError: the state cannot be written.
        """
        _tell(on_alarms, self.watch.raised)
        while not stop.is_set():
            began, n_before = time.monotonic(), self.watch.n
            for alarms in self.step():
                if alarms:
                    _tell(on_alarms, self.watch.raised)
                self._save_if_due()
                if stop.is_set():
                    break
            self._save_if_due()  # also where nothing comes any more
            if self.watch.n - n_before < _MOST:
                stop.wait(max(0.0, _LOOK_EVERY_S - (time.monotonic() - began)))
        self.save()

    def step(self) -> Iterator[Sequence[Raised]]:
        """Take in what is new in the store, some exchanges at a time; give the alarms of each time, often none.

        A store that is down is said to be so once, and asked again in the next step.

        Raises:
            DataError: it is none, or another than before.
        """
        try:
            for events in self._parts(read_events(self.store, after=self.watch.last, limit=_MOST)):
                began = time.monotonic()
                seen = self._judge_events(events)
                with self._lock:
                    alarms = [raised for one in seen for raised in self.watch.take(one)]
                yield alarms
                time.sleep(self._rest * (time.monotonic() - began))
        except StoreDownError as error:
            if not self._is_down:
                _LOG.error("%s", error)
            self._is_down = True
        else:
            if self._is_down:
                _LOG.info("the store answers again")
            self._is_down = False

    def _save_if_due(self) -> None:
        if time.monotonic() - self._saved_at >= _SAVE_EVERY_S:
            self.save()

    def save(self) -> None:
        """Write what is known, whole or not at all.

        Raises:
            IncompleteError: it cannot be written.
        """
        self._saved_at = time.monotonic()
        if self.watch.n == self._n_saved and self._state.exists():
            return
        with self._lock:
            saved, n = self.watch.to_json(), self.watch.n
        try:
            write_atomically(self._state, json.dumps(saved, ensure_ascii=True, allow_nan=False))
        except OSError as error:
            raise IncompleteError(f"{self._state}: cannot be written: {error.strerror or error}") from None
        self._n_saved = n

    def _parts(self, events: Iterator[Event]) -> Iterator[list[Event]]:
        while part := list(islice(events, self._at_once)):
            yield part

    def _judge_events(self, events: Sequence[Event]) -> list[Seen]:
        exchanges = [ended_exchange(event) for event in events]
        judged = iter(judge_shard([exchange for exchange in exchanges if exchange is not None], self._judge))
        return [
            see_event(event, None if exchange is None else next(judged))
            for event, exchange in zip(events, exchanges, strict=True)
        ]


@contextmanager
def open_follower(
    store: str,
    folder: Path,
    *,
    judge: Judge | None = None,
    settings: DriftSettings | None = None,
    is_guest: bool = False,
) -> Iterator[Follower]:
    """Open a follower that goes on from what an earlier one left in a folder; no other process may meanwhile.

    Args:
        store: of the events, as of `demur.guard.audit.read_events`.
        folder: made where there is none, for its owner alone; requests and refusals lie in it.
        judge: the local judge if None.
        settings: of the search for changes, of a watch that begins.
        is_guest: as of `Follower`.

    Raises:
        UsageError: the folder cannot be, or another watch follows there. DataError: there is no such store, or what lies in the
            folder is of no watch. StoreDownError: the store cannot be read.
    """
    next(read_events(store, limit=1), None)  # what is wrong with it is said before anything is made
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / "live.lock").open("w")
    except OSError as error:
        raise UsageError(f"{folder}: cannot be a folder: {error.strerror or error}; choose another --work") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"{folder}: another watch follows there; end it, or choose another --work") from None
        state = folder / "live.json"
        watch = _read_state(state) if state.exists() else LiveWatch(settings)
        yield Follower(store, state, watch, judge or default_judge(), is_guest=is_guest)


def name_store(store: str) -> str:
    """Name a store for people: a file without its folders, and nobody's password."""
    location = parse_location(store)
    return location.shown if location.file is None else location.file.name


def _tell(on_alarms: Sequence[OnAlarms], raised: Sequence[Raised]) -> None:
    for tell in on_alarms:
        tell(raised)


def _read_state(path: Path) -> LiveWatch:
    try:
        saved = json.loads(read_text(path))
    except ValueError as error:
        raise DataError(f"{path}: not JSON: {error}; expected what a watch leaves; use another --work") from None
    if not isinstance(saved, dict):
        raise DataError(
            f"{path}: found a JSON {type(saved).__name__}; expected what a watch leaves; use another --work"
        )
    return LiveWatch.from_json(saved, str(path))
