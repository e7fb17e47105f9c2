"""Alarms as lines of JSON, each once, also when the watch was killed between a line and the note of it."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from demur.errors import IncompleteError, UsageError
from demur.output import to_json_line
from demur.records import to_plain
from demur.watch.live import Raised

__all__ = ["AlarmLog"]


class AlarmLog:
    """A file of alarms.

    Args:
        path: made where there is none; what an earlier run of the same watch wrote stays.
        raised: the alarms of the runs before. A line beyond these is of a run that was killed: it is cut off, and comes again.

    Raises:
        UsageError: the file is of another watch, or cannot be written.
    """

    def __init__(self, path: Path, raised: Sequence[Raised]) -> None:
        self._path = path
        try:
            lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
            kept = lines[: len(raised)]
            if kept and not kept[-1].endswith(b"\n"):
                kept.pop()
            self._check(lines, raised)
            with path.open("r+b" if lines else "wb") as file:
                file.truncate(sum(map(len, kept)))
        except OSError as error:
            raise UsageError(f"{path}: cannot be written: {error.strerror or error}; choose another -o") from None
        self._n = len(kept)
        self.tell(raised)

    def tell(self, raised: Sequence[Raised]) -> None:
        """Write the alarms that are not there yet.

        Raises:
            IncompleteError: they cannot be written.
        """
        new = "".join(to_json_line(to_plain(one)) for one in raised[self._n :])
        if not new:
            return
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(new)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise IncompleteError(f"{self._path}: cannot be written: {error.strerror or error}") from None
        self._n = len(raised)

    def _check(self, lines: Sequence[bytes], raised: Sequence[Raised]) -> None:
        """Check that whole lines are alarms, and those of these."""
        for number, line in enumerate(lines):
            if not line.endswith(b"\n") and number == len(lines) - 1:
                return  # broken off in the middle
            if (found := _id_of(line)) is None or (number < len(raised) and found != raised[number].id):
                raise UsageError(f"{self._path}:{number + 1}: no alarm of this watch; choose another -o")


def _id_of(line: bytes) -> str | None:
    try:
        return str(json.loads(line)["id"])
    except (ValueError, KeyError, TypeError):
        return None
