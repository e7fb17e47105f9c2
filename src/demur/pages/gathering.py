"""What is new, brought into the queue by a process beside: judging takes the processor, which a gateway needs for others."""

import logging
import multiprocessing
import time
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from demur.errors import DemurError
from demur.reviewing import SAMPLE, gather_events
from demur.watch.review import ReviewStore
from demur.watch.review.store import DOUBLE

__all__ = ["Gathering"]

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
        self._pool: ProcessPoolExecutor | None = None
        self._work: Future[int] | None = None
        self._began = 0.0

    @property
    def is_running(self) -> bool:
        """Whether it reads now."""
        return self._work is not None and not self._work.done()

    def begin(self) -> None:
        """See to it that what is new is read: now, if it has not just been."""
        now = time.monotonic()
        if self.is_running or (self._work is not None and now - self._began < _EVERY_S):
            return
        self._began = now
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        try:
            self._work = self._pool.submit(gather_in_process, self._url, self._sample, self._double)
        except BrokenProcessPool:  # it was ended; the next look begins another
            self._pool = None

    def close(self) -> None:
        """End; what has been read is kept."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


def gather_in_process(url: str, sample: float, double: float) -> int:
    """Bring what is new into the queue; a fault is logged, and the next look tries again."""
    try:
        store = ReviewStore(url, double=double)
        try:
            return gather_events(url, store, sample=sample)
        finally:
            store.close()
    except DemurError as error:
        _LOG.error("the queue is not filled: %s", error)
        return 0
