"""Tables: rows from any JSONL, JSON, CSV, TSV or Parquet file, each with the place it stands at.

JSONL, CSV, TSV and Parquet are streamed; a JSON array and UTF-16 text are read whole. Nothing is guessed: a line that
starts with ``#`` is data, every CSV value is text, a comma separates CSV and a tab TSV.
"""

import csv
import io
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from demur.errors import DataError
from demur.records import decode_text, iter_jsonl, read_text

__all__ = ["FORMATS", "Row", "read_jsonl", "read_rows"]

FORMATS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
"""Suffixes that can be read, in any case of letters."""

_FIELD_LIMIT = 2**31 - 1  # the largest the csv module takes on every platform; its default is 131,072 characters
_BATCH_ROWS = 1024


@dataclass(frozen=True)
class Row:
    """One record of a table."""

    where: str
    """Place for messages: ``file:line``, where lines can be counted, else ``file: row n``."""
    number: int
    """Which record of the table it is, from 1; the header does not count."""
    values: Mapping[str, Any]
    """By column; text only, where the format knows nothing else."""


def read_rows(path: Path) -> Iterator[Row]:
    """Give the rows of a file, in order.

    A ``.json`` file is an array of objects, or one object a line like ``.jsonl``.

    Raises:
        DataError: the file is missing, of no known format, not text, or a line of it is broken; the message names
            file and line. Raised when the row is reached, not before.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise DataError(f"{path}: found suffix '{path.suffix}'; expected one of {', '.join(FORMATS)}")
    try:
        if suffix == ".parquet":
            yield from _read_parquet(path)
        elif suffix == ".json":
            yield from _read_json(path)
        else:
            with path.open("rb") as file:
                if suffix in (".csv", ".tsv"):
                    yield from _read_delimited(file, str(path), "," if suffix == ".csv" else "\t")
                else:
                    yield from read_jsonl(file, str(path))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from None


def read_jsonl(file: BinaryIO, where: str) -> Iterator[Row]:
    """Give the rows of JSON Lines as they arrive, for instance from ``sys.stdin.buffer``; blank lines are passed over.

    Raises:
        DataError: a line is not UTF-8 or not a JSON object.
    """
    for number, (line, values) in enumerate(iter_jsonl(_lines(file, where), where), 1):
        yield Row(f"{where}:{line}", number, values)


def _lines(file: BinaryIO, where: str) -> Iterator[str]:
    """Decode line by line, so that a wrong byte is reported on its line; UTF-16 cannot be split undecoded."""
    first = file.readline()
    if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield from io.StringIO(decode_text(first + file.read(), where), newline="\n")
        return
    for number, line in enumerate(itertools.chain([first.removeprefix(b"\xef\xbb\xbf")], file), 1):
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{where}:{number}: byte 0x{line[error.start]:02x} is not utf-8; "
                f"save the file as UTF-8, e.g. iconv -f latin1 -t utf-8"
            ) from None


def _read_delimited(file: BinaryIO, where: str, delimiter: str) -> Iterator[Row]:
    if csv.field_size_limit() < _FIELD_LIMIT:
        csv.field_size_limit(_FIELD_LIMIT)  # process-wide; raising it takes nothing from anyone
    # strict, or a quote that is never closed would swallow the rest of the file without a word
    reader = csv.reader(_lines(file, where), delimiter=delimiter, strict=True)
    records = _records(reader, where)
    start, header = next(records, (1, []))
    if not header:
        raise DataError(f"{where}: the file is empty; expected a header line with the names of the columns")
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise DataError(f"{where}:{start}: column '{repeated[0]}' stands in the header more than once; rename one")
    for number, (line, cells) in enumerate(records, 1):
        if len(cells) != len(header):
            raise DataError(
                f"{where}:{line}: found {len(cells)} cells; expected {len(header)}, as in the header; "
                f"quote cells that hold a separator"
            )
        yield Row(f"{where}:{line}", number, dict(zip(header, cells, strict=True)))


def _records(reader: Any, where: str) -> Iterator[tuple[int, list[str]]]:
    """Give each record with the line it starts on; a record may go over many lines, blank lines are none."""
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise DataError(f"{where}:{start}: not a well-formed record: {error}; check its quotes") from None
        if cells is None:
            return
        if cells:
            yield start, cells


def _read_json(path: Path) -> Iterator[Row]:
    text = read_text(path)
    if text.lstrip()[:1] == "{":
        for number, (line, values) in enumerate(iter_jsonl(io.StringIO(text, newline="\n"), str(path)), 1):
            yield Row(f"{path}:{line}", number, values)
        return
    try:
        items = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not JSON: {error}; expected an array of objects") from None
    if not isinstance(items, list):
        raise DataError(f"{path}: found a JSON {type(items).__name__}; expected an array of objects")
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            raise DataError(f"{path}: row {number}: found a JSON {type(item).__name__}; expected an object")
        yield Row(f"{path}: row {number}", number, item)


def _read_parquet(path: Path) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                for values in batch.to_pylist():
                    number += 1
                    yield Row(f"{path}: row {number}", number, values)
    except pa.ArrowException as error:
        raise DataError(f"{path}: not a Parquet file that can be read: {str(error).splitlines()[0]}") from None
