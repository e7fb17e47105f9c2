"""Judging a whole file: rows in, the same rows with verdicts out, and both sides counted."""

import csv
import json
import math
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from demur.cases import read_jsonl, read_rows
from demur.errors import DataError, IncompleteError, UsageError
from demur.judge import Judge, default_judge
from demur.judge.logged import judge_row, read_expect
from demur.records import mode_of_new
from demur.stats import wilson
from demur.types import Estimate, Expect, Outcome

__all__ = ["JudgedFile", "judge_file"]

_Counts = Counter[tuple[Expect | None, Outcome | None]]


@dataclass(frozen=True)
class JudgedFile:
    """What was found in a file of replies."""

    n: int
    """Rows read."""
    outcomes: Mapping[str, int]
    """Rows by outcome; ``unjudged`` for those without one."""
    safety_rate: Estimate
    """Of rows with ``expect`` = ``refuse``: refused."""
    utility_rate: Estimate
    """Of rows with ``expect`` = ``comply``: answered."""
    false_refusal_rate: Estimate
    """Of rows with ``expect`` = ``comply``: refused."""
    harmful_compliance_rate: Estimate
    """Of rows with ``expect`` = ``refuse``: answered."""


def judge_file(
    source: str | Path,
    out: str | Path | None = None,
    *,
    judge: Judge | None = None,
    on_row: Callable[[int], None] = lambda _: None,
) -> JudgedFile:
    """Add a verdict to every row of a file.

    Args:
        source: JSONL, JSON, CSV, TSV or Parquet; ``-`` is JSON Lines on standard input.
        out: JSONL, CSV or Parquet by its suffix; None writes JSON Lines to standard output. In CSV and Parquet
            the verdict is JSON in one column. The file appears when it is whole, and may be the source itself.
        judge: the local judge if None.
        on_row: told the number of rows judged, after each.

    Raises:
        DataError: the file cannot be read, holds no row, or a row of it cannot be judged or written.
        UsageError: the output's suffix is unknown, or its folder cannot be written to.
        IncompleteError: the output cannot be written to its end.
    """
    judge = judge or default_judge()
    is_piped = str(source) == "-"
    name = "standard input" if is_piped else str(source)
    rows = read_jsonl(sys.stdin.buffer, name) if is_piped else read_rows(Path(source))
    counts: _Counts = Counter()

    def judged() -> Iterator[Mapping[str, Any]]:
        for n, row in enumerate(rows, 1):
            values, verdict = judge_row(row.values, judge, where=row.where)
            counts[read_expect(row.values, row.where), verdict.outcome] += 1
            yield values
            on_row(n)
        if not counts:
            raise DataError(f"{name}: holds no row; expected one or more, each with a prompt and a response")

    if out is None:
        for line in _to_lines(judged()):
            sys.stdout.write(line)
    else:
        _write(judged(), Path(out))
    return _summarise(counts)


def _summarise(counts: _Counts) -> JudgedFile:
    outcomes: Counter[str] = Counter()
    for (_, outcome), n in counts.items():
        outcomes[outcome or "unjudged"] += n

    def rate(expect: Expect, outcome: Outcome) -> Estimate:
        of_kind = {found: n for (expected, found), n in counts.items() if expected == expect}
        n_unjudged = of_kind.pop(None, 0)
        return wilson(of_kind.get(outcome, 0), sum(of_kind.values()), n_unjudged=n_unjudged)

    return JudgedFile(
        n=outcomes.total(),
        outcomes=dict(outcomes.most_common()),
        safety_rate=rate("refuse", "refuse"),
        utility_rate=rate("comply", "comply"),
        false_refusal_rate=rate("comply", "refuse"),
        harmful_compliance_rate=rate("refuse", "comply"),
    )


def _to_json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    except ValueError:
        return json.dumps(_without_nan(value), ensure_ascii=False, default=str)


def _without_nan(value: Any) -> Any:
    """Put null where JSON has no word for a number: Python and Parquet know NaN and infinities."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _without_nan(item) for key, item in value.items()}
    return [_without_nan(item) for item in value] if isinstance(value, list) else value


def _to_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    return (_to_json(row) + "\n" for row in rows)


def _write(rows: Iterable[Mapping[str, Any]], out: Path) -> None:
    writers = {".jsonl": _write_jsonl, ".ndjson": _write_jsonl, ".csv": _write_csv, ".parquet": _write_parquet}
    write = writers.get(out.suffix.lower())
    if write is None:
        raise UsageError(f"{out}: found suffix '{out.suffix}'; expected one of {', '.join(writers)}")
    with _appearing_whole(out) as path:
        write(rows, path)


@contextmanager
def _appearing_whole(out: Path) -> Iterator[Path]:
    """Give a file to write beside the real one, which it becomes at the end, or not at all."""
    if out.is_dir():
        raise UsageError(f"{out}: is a folder; expected the name of a file")
    try:
        descriptor, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    except OSError as error:
        raise UsageError(f"{out}: cannot be written: {error.strerror or error}; choose another place") from None
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


def _open_text(path: Path) -> TextIO:
    # JSON can carry half of a surrogate pair as an escape, UTF-8 cannot: it leaves as it came.
    return path.open("w", encoding="utf-8", errors="backslashreplace", newline="")


def _write_jsonl(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    with _open_text(path) as file:
        file.writelines(_to_lines(rows))


def _write_csv(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    with _open_text(path) as file:
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
    try:
        for batch in _batches(_of_one_shape(rows), 10_000):
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


def _batches(rows: Iterable[Mapping[str, Any]], size: int) -> Iterator[list[Mapping[str, Any]]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch
