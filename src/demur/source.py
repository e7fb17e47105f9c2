"""Rows on their way in: a file of any format, or JSON Lines on standard input, and how much of it has been read."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from demur.cases import Row, read_jsonl, read_rows
from demur.errors import DataError
from demur.output import LINES

__all__ = ["Source"]


class Source:
    """The rows of a file or of standard input, and how much of it has been read."""

    def __init__(self, source: str | Path) -> None:
        self.name = "standard input" if str(source) == "-" else str(source)
        self._path = None if str(source) == "-" else Path(source)
        self._file: BinaryIO | None = None
        self._size = 0

    def __iter__(self) -> Iterator[Row]:
        if self._path is None:
            yield from read_jsonl(sys.stdin.buffer, self.name)
        elif self._path.suffix.lower() not in LINES:
            yield from read_rows(self._path)
        else:
            try:
                with self._path.open("rb") as self._file:
                    self._size = os.fstat(self._file.fileno()).st_size
                    yield from read_jsonl(self._file, self.name)
            except OSError as error:
                raise DataError(f"{self.name}: cannot be read: {error.strerror or error}") from None

    @property
    def share(self) -> float | None:
        """How much has been read, in [0, 1]; only of JSON Lines in a file is it known."""
        if self._file is None or not self._size:
            return None
        return 1.0 if self._file.closed else min(1.0, self._file.tell() / self._size)
