"""Judged exchanges in the order of time, from shards that are in the order of a log.

A shard says what its first moment is, so one is opened when that has come, and closed when its last row is given. What is
in memory is what overlaps: of one log written as it happened, a shard; of a log in no order, all of it, as columns.
"""

import heapq
from collections.abc import Iterator, Sequence
from math import inf
from typing import Any, NamedTuple

from demur.watch.folder import ShardFolder
from demur.watch.place import Place

__all__ = ["ShardSpan", "rows_in_time"]


class ShardSpan(NamedTuple):
    """A shard to be read."""

    name: str
    first: float | None
    """Its earliest moment; None where it has none."""
    columns: tuple[str, ...]
    """Those that are wanted, ``at`` among them."""


class _Next(NamedTuple):
    """The next row of an open shard; the first two put it in order, and no two open shards have the same number."""

    at: float
    number: int
    place: Place
    row: dict[str, Any]
    rest: Iterator[tuple[int, dict[str, Any]]]


def rows_in_time(folder: ShardFolder, spans: Sequence[ShardSpan]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Give all rows of some shards in the order of time; of equal moments in the order of the shards and in theirs.

    Rows without a moment stand at the beginning of their shard, and shards without any come first.
    """
    starts = sorted((-inf if span.first is None else span.first, number) for number, span in enumerate(spans))
    open_: list[_Next] = []
    for start in starts:
        yield from _give(open_, until=start)
        span = spans[start[1]]
        _advance(open_, start, span.name, folder.iter_rows_in_time(span.name, span.columns))
    yield from _give(open_, until=(inf, len(spans)))


def _give(open_: list[_Next], *, until: tuple[float, int]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Give the rows that come before the next shard begins."""
    while open_ and open_[0][:2] < until:
        one = heapq.heappop(open_)
        yield one.place, one.row
        _advance(open_, one[:2], one.place.shard, one.rest)


def _advance(
    open_: list[_Next], before: tuple[float, int], shard: str, rest: Iterator[tuple[int, dict[str, Any]]]
) -> None:
    found = next(rest, None)
    if found is not None:
        index, row = found
        at = before[0] if row["at"] is None else row["at"]
        heapq.heappush(open_, _Next(at, before[1], Place(shard, index), row, rest))
