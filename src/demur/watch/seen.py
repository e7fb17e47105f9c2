"""Exchanges that have been read already: on disk, so that memory does not grow with the log."""

import sqlite3
from types import TracebackType
from typing import Self

__all__ = ["SeenExchanges"]

_KEY_BYTES = 8
"""Of a digest that are compared. Of a hundred million exchanges one is taken for another with a probability of 3 in 10,000."""


class SeenExchanges:
    """Remembers digests as long as the block runs."""

    def __enter__(self) -> Self:
        # A database without a name lies in a temporary file that nobody else sees, and goes when it is closed.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE seen (key INTEGER PRIMARY KEY)")
        self._database.execute("BEGIN")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, digest: bytes) -> bool:
        """Remember a digest, and tell whether it is new."""
        key = int.from_bytes(digest[:_KEY_BYTES], "big", signed=True)
        return self._database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (key,)).rowcount == 1
