"""Rows of a log into exchanges: one way through, whatever the format."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from demur.cases import Row
from demur.cases.fields import find_text, locale_tag
from demur.judge.logged import read_expect, read_reply
from demur.watch.exchange import Exchange
from demur.watch.formats import unfold
from demur.watch.mapping import LogMapping
from demur.watch.moment import read_moment

__all__ = ["Numbered", "read_exchange", "read_exchanges"]


class Numbered(NamedTuple):
    """An exchange, and which of its file it is."""

    number: int
    exchange: Exchange


def read_exchanges(rows: Iterable[Row], mapping: LogMapping) -> Iterator[Numbered | None]:
    """Read the exchanges of a log, in order.

    Args:
        rows: as they stand in the log, of any format; each is recognised by what it holds.
        mapping: which column is which.

    Yields:
        Each exchange; None for a row that holds none, such as a span around something else than a model.

    Raises:
        DataError: a row is of no known format, or lacks what is needed; the message names the place.
    """
    number = 0
    for row in rows:
        unfolded = [row] if mapping.is_plain else unfold(row)
        if not unfolded:
            yield None
        for each in unfolded:
            number += 1
            yield Numbered(number, read_exchange(each, mapping))


def read_exchange(row: Row, mapping: LogMapping) -> Exchange:
    """Read one exchange from a row that has its parts in columns.

    Raises:
        DataError: the row lacks what is needed, or it is of another kind than expected.
    """
    parts = mapping.read(row)
    reply, turns = read_reply(_without_renamed(parts, row), row.where)
    language = _text(parts, "lang", row)
    return Exchange(
        turns=turns,
        reply=reply,
        id=_text(parts, "id", row),
        at=read_moment(parts.get("ts"), row.where),
        model=_text(parts, "model", row),
        language=locale_tag(language) if language else None,
        tenant=_text(parts, "tenant", row),
        category=_text(parts, "category", row),
        user=_text(parts, "user", row),
        conversation=_text(parts, "conversation", row),
        expect=read_expect(parts, row.where),
    )


def _text(parts: Mapping[str, Any], part: str, row: Row) -> str | None:
    """Read a text that may be missing or empty; a number becomes one."""
    value = parts.get(part)
    if value is None:
        return None
    if isinstance(value, str):
        return value.strip() or None
    return find_text(Row(row.where, row.number, parts), part)


def _without_renamed(parts: dict[str, Any], row: Row) -> dict[str, Any]:
    """Give what was said; a row without a reply's column names the columns that it has instead."""
    return parts if "response" in parts else {name: row.values[name] for name in row.values if name != "response"}
