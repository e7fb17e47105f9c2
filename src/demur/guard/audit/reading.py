"""Reading events back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from demur.database import Location, StoreDownError, connect, describe_failure, parse_location
from demur.errors import DataError
from demur.guard.audit.event import Event
from demur.guard.audit.row import COLUMNS, from_row
from demur.guard.audit.schema import check_schema, tables

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["find_events", "has_events", "read_events"]

_PAGE = 1_000
"""Rows read at a time: between pages no transaction is open, which would keep the writer's log from being trimmed."""


def has_events(url: str, event: str | None = None) -> bool:
    """Tell whether there is an audit store at all, since a database may hold a review and no events; or whether it has a certain event.

    Raises:
        UsageError, MissingExtraError: as `open_store`. StoreDownError: the database cannot be read.
    """
    import sqlalchemy as sa

    location = parse_location(url)
    if location.file is not None and not location.file.is_file():
        return False
    events = tables().events
    try:
        with connect(location) as connection:
            if not sa.inspect(connection).has_table("demur_schema"):
                return False
            found = sa.select(events.c.seq).where(events.c.id == event)
            return event is None or connection.execute(found).scalar() is not None
    except sa.exc.SQLAlchemyError as error:
        raise StoreDownError(f"{location.shown}: {describe_failure(error)}; is it running and readable?") from None


def read_events(
    url: str, *, since: float | None = None, after: str | None = None, limit: int | None = None
) -> Iterator[Event]:
    """Read events in the order in which they were stored, which is not quite that of their times.

    Args:
        url: as of `open_store`.
        since: leaves out requests that arrived earlier, in seconds since 1970 UTC.
        after: id of an event; leaves out what was stored before it, and itself. A reader that goes on from the last
            event it has seen misses none, however many gateways write.
        limit: of events.

    Raises:
        UsageError, MissingExtraError: as `open_store`. DataError: there is no store, or it is newer; there is no event
            of the id. StoreDownError: the database cannot be read.
    """
    with _opened(url) as (connection, location):
        start = _start(connection, location, since=since, after=after)
        yield from _read(connection, start, since=since, limit=limit)


def find_events(url: str, ids: Sequence[str]) -> list[Event]:
    """Read the events of some ids, in the order of the ids; those that are not stored are left out.

    Raises:
        UsageError, MissingExtraError, DataError, StoreDownError: as `read_events`.
    """
    import sqlalchemy as sa

    events = tables().events
    wanted = sa.select(*(events.c[column.name] for column in COLUMNS)).where(events.c.id.in_(ids))
    with _opened(url) as (connection, _):
        found = {event.id: event for event in map(from_row, connection.execute(wanted))}
    return [found[each] for each in ids if each in found]


@contextmanager
def _opened(url: str) -> "Iterator[tuple[sa.Connection, Location]]":
    """Connect to a store that is there."""
    import sqlalchemy as sa

    location = parse_location(url)
    if location.file is not None and not location.file.is_file():
        raise DataError(f"{location.shown}: no such file; expected a store that demur guard serve has written")
    try:
        connection = connect(location)
        try:
            check_schema(connection, location.shown)
            yield connection, location
        finally:
            connection.close()
    except sa.exc.SQLAlchemyError as error:
        raise StoreDownError(f"{location.shown}: {describe_failure(error)}; is it running and readable?") from None


def _start(connection: "sa.Connection", location: Location, *, since: float | None, after: str | None) -> int | None:
    """Find the number of the row before the first; None where there is nothing to read."""
    import sqlalchemy as sa

    events = tables().events
    start: int | None = 0
    if after is not None:
        start = connection.execute(sa.select(events.c.seq).where(events.c.id == after)).scalar()
        if start is None:
            raise DataError(f"{location.shown}: no event {after[:40]!r}; expected the id of one that is stored")
    if since is not None:
        # By the index of times; else every older row would be read to get to the first.
        first = connection.execute(sa.select(sa.func.min(events.c.seq)).where(events.c.at >= since)).scalar()
        start = None if first is None else max(start, first - 1)
    return start


def _read(connection: "sa.Connection", start: int | None, *, since: float | None, limit: int | None) -> Iterator[Event]:
    import sqlalchemy as sa

    events = tables().events
    pages = sa.select(events.c.seq, *(events.c[column.name] for column in COLUMNS)).order_by(events.c.seq)
    if since is not None:
        pages = pages.where(events.c.at >= since)
    left = limit
    while start is not None and (left is None or left > 0):
        n = _PAGE if left is None else min(_PAGE, left)
        rows: list[Any] = list(connection.execute(pages.where(events.c.seq > start).limit(n)))
        connection.rollback()
        for row in rows:
            yield from_row(row[1:])
        start = rows[-1][0] if len(rows) == n else None
        left = None if left is None else left - n
