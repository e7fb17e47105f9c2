"""Judging a whole file: rows in, the same rows with verdicts out, and both sides counted."""

import csv
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from demur.cases import Row, read_jsonl, read_rows
from demur.errors import DataError, UsageError
from demur.judge import Judge, default_judge
from demur.judge.logged import judge_row
from demur.stats import wilson
from demur.types import Estimate

__all__ = ["JudgedFile", "judge_file"]

_Counts = Counter[tuple[str | None, str | None]]


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


def judge_file(
    source: Path, out: Path | None = None, *, judge: Judge | None = None, on_row: Callable[[int], None] = lambda _: None
) -> JudgedFile:
    """Add a verdict to every row of a file.

    Args:
        source: JSONL, JSON, CSV, TSV or Parquet; ``-`` is JSON Lines on standard input.
        out: JSONL, CSV or Parquet by its suffix; None writes JSON Lines to standard output. In CSV and Parquet
            the verdict is JSON in one column. The file appears when it is whole.
        judge: the local judge if None.
        on_row: told the number of rows judged, after each.

    Raises:
        DataError: the file cannot be read, or a row of it cannot be judged.
        UsageError: the output's suffix is unknown, or it cannot be written.
    """
    judge = judge or default_judge()
    rows = read_jsonl(sys.stdin.buffer, "standard input") if str(source) == "-" else read_rows(source)
    counts: _Counts = Counter()

    def judged() -> Iterator[Mapping[str, Any]]:
        for n, row in enumerate(rows, 1):
            values, verdict = judge_row(row.values, judge, where=row.where)
            counts[_expect(row), verdict.outcome] += 1
            yield values
            on_row(n)

    if out is None:
        for values in judged():
            print(_to_json(values))  # noqa: T201 -- standard output is where it goes
    else:
        _write(judged(), out)
    return _summarise(counts)


def _summarise(counts: _Counts) -> JudgedFile:
    outcomes: Counter[str] = Counter()
    for (_, outcome), n in counts.items():
        outcomes[outcome or "unjudged"] += n

    def rate(expect: str, outcome: str) -> Estimate:
        of_kind = {found: n for (expected, found), n in counts.items() if expected == expect}
        n_unjudged = of_kind.pop(None, 0)
        return wilson(of_kind.get(outcome, 0), sum(of_kind.values()), n_unjudged=n_unjudged)

    return JudgedFile(
        n=outcomes.total(),
        outcomes=dict(outcomes.most_common()),
        safety_rate=rate("refuse", "refuse"),
        utility_rate=rate("comply", "comply"),
        false_refusal_rate=rate("comply", "refuse"),
    )


def _expect(row: Row) -> str | None:
    expect = row.values.get("expect")
    return expect if isinstance(expect, str) else None


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


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
    try:
        descriptor, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    except OSError as error:
        raise UsageError(f"{out}: cannot be written: {error.strerror or error}") from None
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)


def _write_jsonl(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(_to_json(row) + "\n")


def _write_csv(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer: csv.DictWriter[str] | None = None
        for row in rows:
            flat = {key: _to_json(value) if isinstance(value, (dict, list)) else value for key, value in row.items()}
            if writer is None:
                writer = csv.DictWriter(file, fieldnames=list(flat))
                writer.writeheader()
            if flat.keys() - set(writer.fieldnames):
                new = ", ".join(sorted(flat.keys() - set(writer.fieldnames)))
                raise DataError(f"a row has fields the first one lacks ({new}), and CSV cannot hold them; use .jsonl")
            writer.writerow(flat)


def _write_parquet(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    try:
        for batch in _batches(rows, 10_000):
            # The verdict is JSON text: its fields may grow, and most are null in most files, which Parquet cannot type.
            plain = [{**row, "verdict": _to_json(row["verdict"])} for row in batch]
            try:
                table = pa.Table.from_pylist(plain, schema=writer.schema if writer else None)
            except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
                raise DataError(f"the rows do not fit one Parquet schema: {error}; use .jsonl") from None
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
    finally:
        if writer:
            writer.close()


def _batches(rows: Iterable[Mapping[str, Any]], size: int) -> Iterator[list[Mapping[str, Any]]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch
