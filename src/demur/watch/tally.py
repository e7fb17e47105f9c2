"""Partial sums: what a shard counts, so that shards add up without their rows being read again."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from demur.types import Expect
from demur.watch.moment import day_of
from demur.watch.shard import JudgedExchange

__all__ = ["BECAUSE", "DIMENSIONS", "UNDATED", "Key", "Tally", "count_shard", "read_tally", "tally_rows"]

DIMENSIONS = ("all", "category", "language", "tenant", "model")
"""What exchanges are told apart by: one at a time, each with the days."""
BECAUSE = "because "
"""Before the reason for a missing verdict, where those are counted."""
UNDATED = "undated"
"""In place of the day, where a log does not say when."""


class Key(NamedTuple):
    """What is counted together."""

    by: str
    """One of `DIMENSIONS`."""
    value: str | None
    """Of that dimension; None where the log does not say."""
    day: str
    expect: Expect | None
    what: str
    """An outcome or ``unjudged``, of which each exchange has one; ``leaked``, ``by model`` or ``by filter`` besides, and in the
    dimension ``all`` the reason for a missing verdict, after ``because``."""


Tally = Counter[Key]


def count_shard(judged: Iterable[JudgedExchange]) -> Tally:
    """Count what some exchanges are, in every dimension."""
    tally: Tally = Counter()
    for one in judged:
        exchange, outcome = one.exchange, one.verdict.outcome
        day = UNDATED if exchange.at is None else day_of(exchange.at)
        values = (None, exchange.category, one.language, exchange.tenant, exchange.model)
        what: list[str] = [outcome or "unjudged"]
        if one.is_leak:
            what.append("leaked")
        if outcome == "refuse":
            what.append(f"by {one.verdict.layer or 'model'}")
        if outcome is None:
            tally[Key("all", None, day, exchange.expect, f"{BECAUSE}{one.verdict.note}")] += 1
        for by, value in zip(DIMENSIONS, values, strict=True):
            for each in what:
                tally[Key(by, value, day, exchange.expect, each)] += 1
    return tally


def tally_rows(tally: Tally) -> list[list[Any]]:
    """Give a tally as lists of plain values, in an order that does not depend on how it came about."""
    return sorted(([*key, n] for key, n in tally.items()), key=repr)


def read_tally(rows: Iterable[Iterable[Any]]) -> Tally:
    """Read what `tally_rows` gave."""
    return Counter({Key(*key): n for *key, n in rows})
