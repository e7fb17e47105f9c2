"""Servers in processes of their own: started, watched with all their descendants, and ended."""

import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import psutil

__all__ = ["BENCH", "Memory", "Server", "serve"]

BENCH = Path(__file__).resolve().parents[1]

_PATIENCE_S = 180.0
"""For a server to answer: the slowest takes half a minute on a busy machine."""
_GRACE_S = 10.0
_LOOK_EVERY_S = 0.005
_OK = 200


class Memory(NamedTuple):
    """Of all processes of a server, in megabytes of a million bytes."""

    rss_mb: float
    uss_mb: float
    """What would be free if it ended."""


class Server:
    """A server that runs."""

    def __init__(self, name: str, process: psutil.Popen, port: int) -> None:
        self.name, self.port = name, port
        self._process = process
        self.started_in_s = 0.0
        """From the making of the process to the first answer."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def cpu_s(self) -> float:
        """Give user and system time of its processes so far, those that have ended with them."""
        ended = self._process.cpu_times()
        total: float = ended.children_user + ended.children_system
        for one in (self._process, *self._descendants()):
            with suppress(OSError):
                total += time.clock_gettime(_clock_of(one.pid))
        return total

    def memory(self) -> Memory:
        """Look at what it holds now."""
        rss = uss = 0
        for one in (self._process, *self._descendants()):
            with suppress(psutil.Error):
                held = one.memory_full_info()
                rss, uss = rss + held.rss, uss + held.uss
        return Memory(rss / 1e6, uss / 1e6)

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def end(self) -> None:
        """End it and all its descendants."""
        family = (*self._descendants(), self._process)
        with suppress(psutil.Error, ProcessLookupError):
            self._process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired, psutil.TimeoutExpired):
            self._process.wait(_GRACE_S)
        for one in family:
            with suppress(psutil.Error, ProcessLookupError):
                one.kill()
        with suppress(subprocess.TimeoutExpired, psutil.TimeoutExpired):
            self._process.wait(_GRACE_S)

    def _descendants(self) -> list[psutil.Process]:
        try:
            return list(self._process.children(recursive=True))
        except psutil.Error:
            return []


@contextmanager
def serve(
    name: str,
    command: Callable[[int], Sequence[str]],
    *,
    ready: str = "/healthz",
    environment: Mapping[str, str] | None = None,
    folder: Path = BENCH,
    core: int | None = None,
) -> Iterator[Server]:
    """Run a server until the end of the block.

    Args:
        name: for messages.
        command: gives the command for a port.
        ready: path that answers 200 when it is up.
        environment: beside the present one.
        folder: where it runs; Python finds modules there.
        core: on which all of it runs from the first moment, so that libraries that count cores see one; None for any.

    Raises:
        SystemExit: it ended, or did not answer.
    """
    port = _free_port()
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        with _staying_on(core):
            process = psutil.Popen(
                list(command(port)), cwd=folder, env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
            )  # fmt: skip
        server = Server(name, process, port)
        try:
            while not _answers(port, ready):
                if not server.is_alive or time.perf_counter() - begun > _PATIENCE_S:
                    said.seek(0)
                    raise SystemExit(f"{name} does not answer:\n{said.read().decode(errors='replace')[-2000:]}")
                time.sleep(_LOOK_EVERY_S)
            server.started_in_s = time.perf_counter() - begun
            yield server
        finally:
            server.end()


@contextmanager
def _staying_on(core: int | None) -> Iterator[None]:
    """Keep this process on a core for the block; what it starts inherits that."""
    here = psutil.Process()
    before = here.cpu_affinity()
    here.cpu_affinity(before if core is None else [core])
    try:
        yield
    finally:
        here.cpu_affinity(before)


def _clock_of(pid: int) -> int:
    """Name the clock of a process' CPU time, as clock_getcpuclockid(3) does: nanoseconds, where psutil has hundredths of a second."""
    return ~pid << 3 | 2


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == _OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
