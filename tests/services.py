"""A PostgreSQL server of the test's own, started and stopped on this machine; nothing stands in for it."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NoReturn

import pytest

__all__ = ["PostgresServer", "postgres", "postgres_server"]

_ACCOUNTS = ("postgres", "nobody")
"""Whom the server runs as where the tests run as root, which it refuses."""
_START_S = 30.0


class PostgresServer:
    """A server in a folder of its own, on a free port of this machine; its password has characters that URLs must escape."""

    password = "s3cret/p@ss:word"
    _password_in_url = "s3cret%2Fp%40ss%3Aword"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._binaries = _find_binaries()
        self._account = _find_account()
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        if self._account is not None:
            os.chown(folder, self._account.pw_uid, self._account.pw_gid)
        secret = folder / "password"
        secret.write_text(self.password)
        secret.chmod(0o644)
        self._run(
            "initdb", "--pgdata", str(folder / "data"), "--username", "demur", "--auth", "scram-sha-256",
            "--pwfile", str(secret), "--encoding", "UTF8", "--no-locale", "--no-instructions",
        )  # fmt: skip

    def url(self, database: str = "postgres") -> str:
        """Give the URL of one of its databases, password included."""
        return f"postgresql://demur:{self._password_in_url}@127.0.0.1:{self.port}/{database}"

    def make_database(self) -> str:
        """Make an empty database and give its URL."""
        import psycopg

        name = f"t{secrets.token_hex(8)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def start(self) -> None:
        """Start, and wait until it answers."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *self._as_account(), str(self._binaries / "postgres"), "-D", str(self._folder / "data"),
                    "-p", str(self.port), "-c", "listen_addresses=127.0.0.1", "-k", str(self._folder),
                ],
                stdout=log, stderr=log, cwd="/",
            )  # fmt: skip
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = (self._folder / "log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"PostgreSQL did not start on port {self.port}:\n{said}")
            time.sleep(0.05)

    def stop(self, *, how: Literal["fast", "immediate"] = "fast") -> None:
        """Stop: ``fast`` rolls back and shuts down in order, ``immediate`` is a crash that the next start recovers from."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT if how == "fast" else signal.SIGQUIT)
            self._process.wait(timeout=_START_S)
            self._process = None

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        ran = subprocess.run(
            [*self._as_account(), str(self._binaries / program), *arguments],
            cwd="/", capture_output=True, text=True, check=False,
        )  # fmt: skip
        if ran.returncode:
            raise RuntimeError(f"{program} failed: {ran.stderr.strip()}")

    def _as_account(self) -> list[str]:
        if self._account is None:
            return []
        ids = f"--reuid={self._account.pw_uid}", f"--regid={self._account.pw_gid}"
        return ["setpriv", *ids, "--clear-groups", "--"]


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a PostgreSQL server that can be stopped and started in between.

    Raises:
        RuntimeError: PostgreSQL is not installed, or did not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="demur-pg-"))
    try:
        server = PostgresServer(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop(how="immediate")
    finally:
        shutil.rmtree(folder)


@contextmanager
def postgres() -> Iterator[str]:
    """Run a PostgreSQL server and give the URL of an empty database.

    Raises:
        RuntimeError: PostgreSQL is not installed, or did not start.
    """
    with postgres_server() as server:
        yield server.make_database()


def _find_binaries() -> Path:
    # Debian keeps them off the path, one folder a version.
    on_path = [Path(found).parent for found in [shutil.which("initdb")] if found]
    found = [*on_path, *sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))]
    if not found:
        _miss("these tests run a real PostgreSQL server and found none: apt-get install postgresql")
    return found[0]


def _find_account() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in _ACCOUNTS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError(f"PostgreSQL refuses to run as root, and there is none of the accounts {', '.join(_ACCOUNTS)}")


def _miss(message: str) -> NoReturn:
    """Skip where somebody runs the tests on a machine of their own; fail where a service does, which installs everything."""
    if os.environ.get("CI"):
        raise RuntimeError(message)
    pytest.skip(message)
