"""Requests that someone already has, put before the guard: what would happen to each, and why."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demur.errors import DataError
from demur.guard import Guard
from demur.guard.wire.conversation import Conversation
from demur.judge.logged import read_turns
from demur.output import to_json_line, write_table
from demur.source import Source

__all__ = ["CheckedFile", "check_file"]

_TELL_EVERY = 256
_ADDED = ("decision", "category", "rule", "view", "score")


@dataclass(frozen=True)
class CheckedFile:
    """What was found in a file of requests."""

    n: int
    """Rows read."""
    decisions: Mapping[str, int]
    """Rows by decision, the commonest first."""


def check_file(
    guard: Guard,
    source: Path,
    out: Path | None = None,
    *,
    on_progress: Callable[[int, float | None], None] = lambda *_: None,
) -> CheckedFile:
    """Add the decision about it to every request of a file.

    Args:
        guard: decides.
        source: JSONL, JSON, CSV, TSV or Parquet; ``-`` is JSON Lines on standard input. Each row has ``prompt`` or ``messages``.
        out: JSONL, CSV or Parquet by its suffix; it appears when it is whole. None writes JSON Lines to standard output.
        on_progress: told the rows done, and the share of the source that is read, where that is known.

    Raises:
        DataError: the source cannot be read, or a row of it is no request.
        UsageError, IncompleteError: the output cannot be there, or be written to its end.
    """
    counts: Counter[str] = Counter()
    rows = _check_rows(guard, Source(source), counts, on_progress)
    if out is None:
        sys.stdout.writelines(map(to_json_line, rows))
    else:
        write_table(rows, out)
    return CheckedFile(counts.total(), dict(counts.most_common()))


def _check_rows(
    guard: Guard, source: Source, counts: Counter[str], on_progress: Callable[[int, float | None], None]
) -> Iterator[dict[str, Any]]:
    for row in source:
        asked = Conversation(read_turns(row.values, row.where), model="", is_stream=False)
        decision = guard.decide(asked)
        counts[decision.action] += 1
        found = (decision.action, decision.category, decision.rule, decision.view, decision.score)
        yield {**row.values, **dict(zip(_ADDED, found, strict=True))}
        if counts.total() % _TELL_EVERY == 0:
            on_progress(counts.total(), source.share)
    if not counts:
        raise DataError(f"{source.name}: holds no row; expected one or more, each with a prompt or messages")
