"""A pool of processes that work shards off, in order, and leave nothing behind however they end."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Protocol, TypeVar

from demur.errors import IncompleteError

__all__ = ["Engine", "in_this_process", "process_pool"]

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 2
"""Tasks for each process that are handed out before the first result is asked for: what is read ahead stays in memory."""
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class Engine(Protocol):
    """Works tasks off with a function, here or elsewhere, and gives the results in the order of the tasks."""

    def __call__(self, work: Callable[[T], R], tasks: Iterable[T], /) -> Iterator[R]:
        """Work off tasks, which may be read from a file while others are under way."""


def in_this_process(work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
    """Work tasks off one after the other."""
    return map(work, tasks)


def process_pool(n_workers: int) -> Engine:
    """Make an engine of so many processes; the work and the tasks go to them by pickle."""

    def run(work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        # Not forked: a copy of a process with threads may be born with a lock that nobody will release.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(n_workers, mp_context=context, initializer=_prepare)
        waiting: deque[Future[R]] = deque()
        try:
            for task in tasks:
                with _one_thread_each():  # a process is started when there is work for it
                    waiting.append(pool.submit(work, task))
                if len(waiting) > _AHEAD * n_workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise IncompleteError(
                "a worker process was killed, as happens when memory runs out; try fewer --workers"
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)

    return run


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let processes that are started meanwhile have one thread of numpy's each, which reads that when it is loaded.

    Each has a core of its own: threads would wait for each other, at four times the processor time. By the time that a worker
    can be told anything it has loaded numpy, so it must find it in its environment.
    """
    before = {name: os.environ[name] for name in _THREADS if name in os.environ}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name in _THREADS:
            del os.environ[name]
        os.environ.update(before)


def _prepare() -> None:
    """Make a new process a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever interrupts means the one process that they started
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_die_with, args=(parent,), daemon=True).start()


def _die_with(parent: "multiprocessing.process.BaseProcess") -> None:
    """End when the parent does, also when it is killed: nobody is left to take the result."""
    parent.join()
    os._exit(1)
