"""What is new, brought into the queue by a process beside: judging takes the processor, which a gateway needs for others."""

import logging
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from threading import Lock

from demur.errors import DemurError
from demur.reviewing import SAMPLE, gather_events, has_new_events
from demur.watch.review import ReviewStore
from demur.watch.review.store import DOUBLE

__all__ = ["Gathering", "gather_in_process"]

_EVERY_S = 5.0
_LOG = logging.getLogger("demur.review")


class Gathering:
    """Reads what has come to the audit store, when somebody looks at the queue.

    Args:
        url: of the store.
        sample: share of the exchanges that are drawn at random.
        double: share of the items that two reviewers label.
    """

    def __init__(self, url: str, *, sample: float = SAMPLE, double: float = DOUBLE) -> None:
        self._url, self._sample, self._double = url, sample, double
        self._work: BaseProcess | None = None
        self._looked = -_EVERY_S
        self._turn = Lock()

    @property
    def is_running(self) -> bool:
        """Whether it reads now."""
        return self._work is not None and self._work.is_alive()

    def begin(self, store: ReviewStore) -> None:
        """See to it that what is new is read: in a process that ends when it has read it, and of which there is one at a time.

        Where the events cannot be read, that is logged: what is in the queue can be labelled all the same.
        """
        with self._turn, _logged():
            now = time.monotonic()
            if self.is_running or now - self._looked < _EVERY_S:
                return
            self._looked = now
            if has_new_events(self._url, store):
                arguments = (self._url, self._sample, self._double)
                # Not forked: this process has threads, and a gateway's memory.
                self._work = multiprocessing.get_context("spawn").Process(
                    target=gather_in_process, args=arguments, daemon=True
                )
                self._work.start()

    def close(self) -> None:
        """End; what has been read is kept."""
        if self._work is not None and self._work.is_alive():
            self._work.terminate()


def gather_in_process(url: str, sample: float, double: float) -> None:
    """Bring what is new into the queue; a fault is logged, and the next look tries again."""
    with _logged():
        store = ReviewStore(url, double=double)
        try:
            gather_events(url, store, sample=sample)
        finally:
            store.close()


@contextmanager
def _logged() -> Iterator[None]:
    try:
        yield
    except DemurError as error:
        _LOG.error("the queue is not filled: %s", error)
