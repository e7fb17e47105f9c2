"""A Redis server of the test's own, started, killed and started again on this machine; nothing stands in for it."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

import pytest

__all__ = ["RedisServer", "redis_server"]

_START_S = 20.0


class RedisServer:
    """A server on a free port, with its data in a folder of its own; it keeps nothing when it ends.

    Args:
        folder: for its data and its log.
        password: it asks for.
    """

    def __init__(self, folder: Path, password: str | None = None) -> None:
        self._binary = shutil.which("redis-server")
        if self._binary is None:
            _miss("these tests run a real Redis server and found none: apt-get install redis-server")
        self._folder, self._password = folder, password
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    @property
    def url(self) -> str:
        """Its address, password included."""
        login = "" if self._password is None else f":{quote(self._password, safe='')}@"
        return f"redis://{login}127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start, and wait until it answers."""
        # The configuration is read from standard input, so that the password is in no list of processes.
        settings = [
            f"port {self.port}", "bind 127.0.0.1", f'dir "{self._folder}"', 'save ""', "appendonly no",
            *([] if self._password is None else [f'requirepass "{self._password}"']),
        ]  # fmt: skip
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen([self._binary, "-"], stdin=subprocess.PIPE, stdout=log, stderr=log)
        self._process.stdin.write("\n".join(settings).encode())
        self._process.stdin.close()
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = (self._folder / "log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"Redis did not start on port {self.port}:\n{said}")
            time.sleep(0.01)

    def kill(self) -> None:
        """End it as a crash does; everything it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=_START_S)
            self._process = None

    def freeze(self) -> None:
        """Let it take connections and answer nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False


@contextmanager
def redis_server(password: str | None = None) -> Iterator[RedisServer]:
    """Run a Redis server that can be killed, frozen and started again in between.

    Raises:
        RuntimeError: Redis is not installed, or did not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="demur-redis-"))
    try:
        server = RedisServer(folder, password)
        server.start()
        try:
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder)


def _miss(message: str) -> NoReturn:
    """Skip where somebody runs the tests on a machine of their own; fail where a service does, which installs everything."""
    if os.environ.get("CI"):
        raise RuntimeError(message)
    pytest.skip(message)
