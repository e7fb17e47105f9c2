"""A Ray cluster that works shards off: one task a shard, and again on another machine where one is lost.

It runs the function that a pool of processes runs here, and adds nothing to it but this: what is under way is bounded, a task
whose machine died is given to another, and a machine that does not see the shard folder, or has another demur, is named before
it judges anything. (Engines that plan whole data sets on Ray lost runs when a machine was killed; single tasks with files of
their own lost none.)
"""

import logging
import os
import platform
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import Any, NamedTuple, TypeVar

from demur.errors import DemurError, IncompleteError, MissingExtraError, UsageError
from demur.records import installed_versions
from demur.watch.pool import Engine

__all__ = ["ray_engine"]

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 2
"""Tasks for each processor of the cluster that are handed out before the first result is asked for."""
_RETRIES = 5
"""Times that a shard is given to another worker because its own was lost: more often, and it is the shard that kills them."""
_REACHABLE_S = 5.0
"""Within which the head must take a connection: Ray itself tries for minutes, and then ends the process."""


class _Terms(NamedTuple):
    """What a machine must have before it works."""

    mark: Path
    """A file that this run made in the shard folder."""
    demur: str


def ray_engine(address: str, *, shared: str | Path) -> Engine:
    """Make an engine of all processors of a Ray cluster, whichever join or leave it meanwhile.

    Args:
        address: ``auto`` for the cluster that this machine is part of, ``HOST:PORT`` of a head, or ``local`` for a cluster of
            this machine alone that ends with the run.
        shared: the folder that the work is written to, on a file system that all machines share. It must be there when the
            first task is asked for.

    Raises:
        MissingExtraError: Ray is not installed.
        UsageError: it is no address; or, while it works, a machine does not see the folder or has another demur.
        IncompleteError: no cluster answers; or, while it works, a task was lost more often than it is retried.
    """
    try:
        import ray  # noqa: F401 -- asked for before a log is opened
    except ImportError:
        raise MissingExtraError("--engine ray needs Ray: pip install 'demur[scale]'") from None
    _check_address(address)

    def run(work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        with _connected(address), _marked(Path(shared).absolute()) as mark:
            yield from _work_off(work, tasks, _Terms(mark, _version()))

    return run


def _work_off(work: Callable[[T], R], tasks: Iterable[T], terms: _Terms) -> Iterator[R]:
    import ray

    # Ray lets a task of one processor have one thread of numpy's, as the pool does.
    remote = ray.remote(num_cpus=1, max_retries=_RETRIES)(_work_on)
    work_there = ray.put(work)
    waiting: deque[Any] = deque()
    try:
        for task in tasks:
            waiting.append(remote.remote(work_there, task, terms))
            while len(waiting) > _AHEAD * _n_processors():
                yield _result(waiting.popleft())
        while waiting:
            yield _result(waiting.popleft())
    finally:
        for unfinished in waiting:
            ray.cancel(unfinished)


def _work_on(work: Callable[[T], R], task: T, terms: _Terms) -> R:
    """Work one task off, on a machine of the cluster."""
    if not terms.mark.exists():
        raise UsageError(
            f"the machine {platform.node()} does not see {terms.mark.parent}: the shards must lie on a file system that all "
            f"machines of the cluster share; name a folder there with --work"
        )
    if terms.demur != _version():
        raise UsageError(
            f"the machine {platform.node()} has demur {_version()}, this one {terms.demur}; install the same on all"
        )
    return work(task)


def _result(reference: Any) -> Any:
    import ray
    from ray.exceptions import RayError, RayTaskError

    try:
        return ray.get(reference)
    except RayTaskError as error:
        cause = getattr(error, "cause", None)
        if isinstance(cause, DemurError):
            raise cause from None
        if "failed to import on the worker" in str(error):
            raise UsageError(
                "a machine of the cluster cannot load demur; install the same version on all, with the same Python"
            ) from None
        raise
    except RayError as error:
        raise IncompleteError(
            f"a shard was lost {_RETRIES + 1} times with the worker that judged it, or the cluster with it: {_line(error)}"
        ) from None


def _n_processors() -> int:
    """Count the processors of the cluster as it is now; at least one, since a cluster may begin with none and grow."""
    import ray

    return max(1, int(ray.cluster_resources().get("CPU", 0)))


@contextmanager
def _connected(address: str) -> Iterator[None]:
    import ray

    # A cluster that is started here tells its makers nothing, and serves no page.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        ray.init(address=address, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    except Exception as error:  # noqa: BLE001 -- Ray raises all kinds, and a bare one where a machine is too slow
        raise IncompleteError(f"--address {address}: {_line(error)} (Ray)") from None
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _marked(folder: Path) -> Iterator[Path]:
    """Keep a file in a folder by which machines tell that it is this one."""
    descriptor, name = mkstemp(dir=folder, prefix=".run-")
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _check_address(address: str) -> None:
    if address in {"auto", "local"}:
        return
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal():
        raise UsageError(f"--address {address}: expected auto, local, or HOST:PORT of the head of a Ray cluster")
    try:
        socket.create_connection((host, int(port)), timeout=_REACHABLE_S).close()
    except (OSError, OverflowError) as error:
        raise IncompleteError(
            f"--address {address}: no Ray cluster answers there: {error}; start one with ray start --head"
        ) from None


def _line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _version() -> str:
    return installed_versions("demur").get("demur", "none")
