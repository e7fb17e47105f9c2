"""Rows on their way out: JSON Lines that an interrupted run can take up again, and tables that appear whole or not at all.

While JSON Lines are being written, what is done lies beside the output as ``OUT.part``, and takes its place when it is
whole. A part needs no record of where it came from: a line of it counts only where it is what would be written again.
"""

import csv
import fcntl
import io
import json
import math
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

from demur.errors import DataError, IncompleteError, UsageError
from demur.records import mode_of_new, write_atomically
from demur.run import RunFolder

__all__ = ["LINES", "Part", "open_part", "to_json_line", "write_file", "write_table"]

LINES = (".jsonl", ".ndjson")
"""Suffixes of JSON Lines, in lower case."""

_PARQUET_ROWS = 10_000
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=str)
_OPEN_PART = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


def write_file(path: Path, text: str, *, advice: str = "choose another -o") -> None:
    """Write a text file that was asked for, whole or not at all; half of a surrogate pair is written as its escape.

    Raises:
        UsageError: there is a folder of that name, or it is a file that a run is made of, whose replies were paid for.
        IncompleteError: it cannot be written; the message ends with the advice.
    """
    if path.is_dir():
        raise UsageError(f"{path}: is a folder; expected the name of a file")
    target = Path(os.path.realpath(path))  # a link is written through
    run = RunFolder(target.parent)
    own = (run.record_path, run.cases_path, run.drills_path, run.results_path)
    if target.suffix == ".eval" or (run.record_path.exists() and target in own):
        raise UsageError(f"{path}: is a file of a run, which would be lost; {advice}")
    try:
        write_atomically(path, text.encode("utf-8", "backslashreplace").decode("utf-8"))
    except OSError as error:
        raise IncompleteError(f"{path}: cannot be written: {error.strerror or error}; {advice}") from None


class Part:
    """The lines of an output that are done, in a file beside it which no other process works on meanwhile."""

    def __init__(self, out: Path, file: io.FileIO) -> None:
        self.path = _path_of_part(out)
        self.n = 0
        """Lines kept or appended."""
        self._out, self._file, self._size = out, file, 0

    def take_up(self, is_next: Callable[[str], bool], is_ours: Callable[[str], bool]) -> str | None:
        """Keep the lines that an earlier run left, and cut off what cannot be kept.

        Args:
            is_next: whether a line, with its end, is the next one of this run; it is asked from the first line on,
                until it says no.
            is_ours: whether a line is of a kind that demur writes.

        Returns:
            Why something was cut off that is more than a line broken off in the middle; None if nothing was.

        Raises:
            UsageError: the file is none that demur left; it is not touched.
        """
        refused = ""
        with os.fdopen(self._file.fileno(), "rb", closefd=False) as lines:
            for line in lines:
                text = line.decode("utf-8", errors="replace")
                if not text.endswith("\n") or not is_next(text):
                    refused = text
                    break
                self._size += len(line)
                self.n += 1
        is_broken_off = not refused.endswith("\n")
        if self.n == 0 and refused and not (refused.startswith("{") if is_broken_off else is_ours(refused)):
            raise UsageError(f"{self.path}: found a file that is no part of an output of demur's; move it away")
        self._file.truncate(self._size)
        self._file.seek(self._size)
        return None if is_broken_off else f"line {self.n + 1} of {self.path} is of another source or another judge"

    def append(self, lines: Sequence[str]) -> None:
        """Add lines, each with its end, all of them or none.

        Raises:
            IncompleteError: they cannot be written.
        """
        rest = memoryview("".join(lines).encode())
        size = self._size + len(rest)
        try:
            while rest:  # a disk that is almost full takes a part first, and says no afterwards
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            with suppress(OSError):
                self._file.truncate(self._size)
            self._fail(error)
        self._size, self.n = size, self.n + len(lines)

    def finish(self) -> None:
        """Put it in the output's place.

        Raises:
            IncompleteError: it cannot be; it stays where it is.
        """
        try:
            os.fsync(self._file.fileno())
            self.path.chmod(mode_of_new(self._out))
            self.path.replace(self._out)
        except OSError as error:
            self._fail(error)

    def describe_kept(self) -> str:
        """Say what an interrupted run leaves, to follow the reason; empty if that is nothing."""
        rows = "1 row is" if self.n == 1 else f"{self.n:,} rows are"
        return f"; {rows} kept in {self.path}: the same command goes on from there" if self.n else ""

    def _fail(self, error: OSError) -> NoReturn:
        reason = error.strerror or error
        raise IncompleteError(
            f"{self._out}: cannot be written to its end: {reason}; make room or choose another place"
        ) from None


@contextmanager
def open_part(out: Path) -> Iterator[Part]:
    """Open the part of an output while the block works on it; one that holds no line is not left behind.

    Raises:
        UsageError: there can be no such file, or another process works on it.
    """
    _check_place(out)
    path = _path_of_part(out)
    try:
        file = _claim(path)
    except BlockingIOError:
        raise UsageError(f"{out}: another demur is writing it; wait for it to end, or choose another place") from None
    except OSError as error:
        raise _unwritable(out, error) from None
    with file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise UsageError(f"{path}: is no ordinary file; move it away")
        try:
            yield Part(out, file)
        finally:
            if os.fstat(file.fileno()).st_size == 0 and _is_at(file, path):
                path.unlink()


def to_json_line(row: Mapping[str, Any]) -> str:
    """Write a row as a line of JSON, with its end: null where JSON has no word for a number, text for what it has none for."""
    # JSON can carry half of a surrogate pair as an escape, UTF-8 cannot: it leaves as it came.
    return _to_json(row).encode("utf-8", errors="backslashreplace").decode() + "\n"


def write_table(rows: Iterable[Mapping[str, Any]], out: Path) -> None:
    """Write rows as JSON Lines, CSV or Parquet, by the suffix, into a file that appears when it is whole.

    Raises:
        UsageError: the suffix is unknown, or the file cannot be there.
        DataError: the rows do not make a table.
        IncompleteError: it cannot be written to its end.
    """
    writers = {**dict.fromkeys(LINES, _write_lines), ".csv": _write_csv, ".parquet": _write_parquet}
    write = writers.get(out.suffix.lower())
    if write is None:
        raise UsageError(f"{out}: found suffix '{out.suffix}'; expected one of {', '.join(writers)}")
    with _appearing_whole(out) as path:
        write(rows, path)


def _write_lines(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(map(to_json_line, rows))


def _path_of_part(out: Path) -> Path:
    return out.with_name(f"{out.name}.part")


def _check_place(out: Path) -> None:
    if out.is_dir():
        raise UsageError(f"{out}: is a folder; expected the name of a file")


def _unwritable(out: Path, error: OSError) -> UsageError:
    return UsageError(f"{out}: cannot be written: {error.strerror or error}; choose another place")


def _claim(path: Path) -> io.FileIO:
    """Open the file and lock it for this process; the lock goes with the process.

    Raises:
        BlockingIOError: another process has the lock.
        OSError: it cannot be opened.
    """
    while True:
        # Readable by nobody else until it gets the output's permissions.
        file = io.FileIO(os.open(path, _OPEN_PART, 0o600), "r+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(file, path):
                return file
        except BaseException:
            file.close()
            raise
        file.close()  # whoever had it put it in place between our opening and locking it: what we hold is an output


def _is_at(file: io.FileIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.lstat())
    except FileNotFoundError:
        return False


@contextmanager
def _appearing_whole(out: Path) -> Iterator[Path]:
    """Give a file to write beside the real one, which it becomes at the end, or not at all."""
    _check_place(out)
    try:
        descriptor, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    except OSError as error:
        raise _unwritable(out, error) from None
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(mode_of_new(out))
        temporary.replace(out)
    except OSError as error:
        raise IncompleteError(
            f"{out}: cannot be written to its end: {error.strerror or error}; make room or choose another place"
        ) from None
    finally:
        temporary.unlink(missing_ok=True)


def _to_json(value: Any) -> str:
    try:
        return _ENCODER.encode(value)
    except ValueError:
        return _ENCODER.encode(_without_nan(value))


def _without_nan(value: Any) -> Any:
    """Put null where JSON has no word for a number: Python and Parquet know NaN and infinities."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _without_nan(item) for key, item in value.items()}
    return [_without_nan(item) for item in value] if isinstance(value, list) else value


def _write_csv(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer: csv.DictWriter[str] | None = None
        for row in _of_one_shape(rows):
            flat = {key: _to_json(value) if isinstance(value, (dict, list)) else value for key, value in row.items()}
            if writer is None:
                writer = csv.DictWriter(file, fieldnames=list(flat))
                writer.writeheader()
            writer.writerow(flat)


def _write_parquet(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    shaped = _of_one_shape(rows)
    try:
        while batch := list(islice(shaped, _PARQUET_ROWS)):
            # The verdict is JSON text: its fields may grow, and most are null in most files, which Parquet cannot type.
            plain = [{**row, "verdict": _to_json(row["verdict"])} for row in batch]
            table = pa.Table.from_pylist(plain, schema=writer.schema if writer else None)
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
    except (pa.ArrowException, OverflowError, UnicodeError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"the rows do not fit one Parquet schema: {reason}; use .jsonl") from None
    finally:
        if writer:
            writer.close()


def _of_one_shape(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Give the rows while none has a field the first one lacks: a table would drop it without a word."""
    fields: set[str] | None = None
    for n, row in enumerate(rows, 1):
        fields = set(row) if fields is None else fields
        if new := row.keys() - fields:
            raise DataError(
                f"row {n} has fields the first one lacks ({', '.join(sorted(new))}), and a table cannot hold them; "
                f"use .jsonl"
            )
        yield row
