"""The queue, kept beside the audit events: what waits, who looks at what, and what was said.

Every call is one transaction, and whatever it acknowledges is on the disk. Threads take turns.
"""

import json
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from demur.database import Location, StoreDownError, connect, describe_failure, make_durable, parse_location
from demur.errors import UsageError
from demur.records import from_plain, to_plain
from demur.watch.review.draw import draw
from demur.watch.review.item import REASONS, Item, Reason
from demur.watch.review.label import Label, Role
from demur.watch.review.schema import begin, make_schema, tables
from demur.watch.review.settling import is_unsettled

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = [
    "DOUBLE",
    "LastWord",
    "ReviewStore",
    "Waiting",
    "latest_words",
    "merge",
    "new_label_id",
    "read_item",
    "read_label",
]

DOUBLE = 0.1
"""Share of the items that two reviewers label, unless somebody asks for another."""
_LEASE_S = 600.0
"""How long an item that somebody looks at is given to nobody else."""
_BUSY_MS = 10_000
"""How long SQLite waits for others who write."""
_SAMPLE_TURN = 5
"""Every fifth label of a reviewer is on the random sample, so that it need not wait until nothing else does; crises go before."""
_CRISIS = REASONS.index("crisis")
_Says = Literal["label", "skip", "undo"]


class Waiting(NamedTuple):
    """How far the queue is."""

    waiting: Mapping[Reason, int]
    """Items that want a label, or another one, by their most urgent reason; those with none are left out."""
    n_labelled: int
    """Items that have all the labels they want."""
    n_unsettled: int
    """Of these, items on which people differ; they wait for a lead."""


class LastWord(NamedTuple):
    """What a reviewer said last."""

    item: Item
    label: Label | None
    """None where they passed it over."""


class ReviewStore:
    """The queue of a store.

    Args:
        url: ``sqlite:///FILE``, a path that ends in ``.db`` or ``.sqlite``, or ``postgresql://USER:PASSWORD@HOST/DATABASE``.
        double: share of the items that two reviewers label.

    Raises:
        UsageError: the URL is none of the forms. MissingExtraError: a library is not installed.
        DataError: the review's tables are of another version. StoreDownError: the database cannot be reached.
    """

    def __init__(self, url: str, *, double: float = DOUBLE) -> None:
        self._location: Location = parse_location(url)
        self._double = double
        self._connection: sa.Connection | None = None
        self._turn = Lock()
        try:
            self._location.make_file()
        except OSError as error:
            raise StoreDownError(f"{self._location.shown}: {error.strerror or error}; is it writable?") from None
        with self._connected() as connection:
            make_schema(connection, self._location.shown)

    def add(self, items: Iterable[Item], *, source: str | None = None, after: str | None = None) -> int:
        """Put items into the queue; of one that is there already, the reasons are put together.

        Args:
            items: what is to be looked at.
            source: of the items, where it is read bit by bit.
            after: how far it has been read with these: `position` gives it back.

        Returns:
            How many were not there before.
        """
        n_new = 0
        with self._transaction() as connection:
            for item in items:
                n_new += self._put(connection, item)
            if source is not None and after is not None:
                sources = tables().sources
                connection.execute(sources.delete().where(sources.c.name == source))
                connection.execute(sources.insert().values(name=source, after=after))
        return n_new

    def position(self, source: str) -> str | None:
        """Say how far a source has been read; None where nothing has."""
        import sqlalchemy as sa

        sources = tables().sources
        with self._connected() as connection:
            found: str | None = connection.execute(sa.select(sources.c.after).where(sources.c.name == source)).scalar()
        return found

    def find(self, item: str) -> Item | None:
        """Find an item by its id."""
        with self._connected() as connection:
            return _find(connection, item)

    def take(self, reviewer: str, *, role: Role = "reviewer", now: float | None = None) -> Item | None:
        """Give a reviewer the next item, and hold it for them; None where none waits for them.

        It is the one that they were looking at, if they have said nothing of it. Else it is the most urgent that still wants a
        label, on which they have not spoken, and which nobody else is looking at unless it is meant for two. To a lead come after the
        crises those on which others differ.
        """
        now = time.time() if now is None else now
        with self._transaction() as connection:
            found = _held(connection, reviewer, now) or self._choose(connection, reviewer, role, now)
            if found is not None:
                _lease(connection, found.id, reviewer, now + _LEASE_S)
            return found

    def say(self, label: Label) -> bool:
        """Store a label; one that has been stored already is passed over.

        Returns:
            Whether it was not there before. Either way it is on the disk.

        Raises:
            UsageError: there is no such item.
        """
        return self._say(label, "undo" if label.expect is None else "label")

    def skip(self, item: str, reviewer: str, *, id: str | None = None) -> bool:  # noqa: A002 -- as the record has it
        """Pass an item over: it goes to others, and not to this reviewer again.

        Raises:
            UsageError: there is no such item.
        """
        return self._say(_silence(item, reviewer, id), "skip")

    def undo(self, reviewer: str, *, id: str | None = None) -> str | None:  # noqa: A002 -- likewise
        """Take back what a reviewer said last, and give them the item again.

        Returns:
            Id of the item; None where there is nothing to take back.
        """
        with self._transaction() as connection:
            last = _last_said(connection, reviewer)
            if last is None or (id is not None and _is_said(connection, id)):
                return None
            _write(connection, _silence(last.item, reviewer, id), "undo")
            _lease(connection, last.item, reviewer, time.time() + _LEASE_S)
            return str(last.item)

    def last_word(self, reviewer: str) -> LastWord | None:
        """Give what a reviewer said last and has not taken back."""
        with self._connected() as connection:
            row = _last_said(connection, reviewer)
            item = None if row is None else _find(connection, row.item)
        if row is None or item is None:
            return None
        return LastWord(item, read_label(row.label) if row.says == "label" else None)

    def taken_back(self, item: str, reviewer: str) -> Label | None:
        """Give the label that a reviewer has taken back last, if they have said nothing of the item since."""
        import sqlalchemy as sa

        words = tables().words
        said = sa.select(words).where(words.c.item == item, words.c.reviewer == reviewer).order_by(words.c.seq.desc())
        with self._connected() as connection:
            rows = connection.execute(said.limit(2)).all()
        is_so = [row.says for row in rows] == ["undo", "label"]
        return read_label(rows[1].label) if is_so else None

    def labels_of(self, item: str) -> list[Label]:
        """Give what stands of an item, the oldest first."""
        with self._connected() as connection:
            return _labels_of(connection, item)

    def waiting(self) -> Waiting:
        """Say how far the queue is."""
        import sqlalchemy as sa

        items = tables().items
        is_open = items.c.n_said < items.c.n_wanted
        with self._connected() as connection:
            rows = connection.execute(
                sa.select(items.c.rank, sa.func.count()).where(is_open).group_by(items.c.rank).order_by(items.c.rank)
            )
            waiting = {REASONS[rank]: n for rank, n in rows}
            n_labelled = connection.execute(sa.select(sa.func.count()).where(~is_open)).scalar_one()
            n_unsettled = connection.execute(sa.select(sa.func.count()).where(items.c.is_unsettled)).scalar_one()
        return Waiting(waiting, n_labelled, n_unsettled)

    def n_said_by(self, reviewer: str) -> int:
        """Count the items that a reviewer has labelled."""
        with self._connected() as connection:
            return _n_labels(connection, reviewer)

    def _say(self, label: Label, says: _Says) -> bool:
        with self._transaction() as connection:
            if _find(connection, label.item) is None:
                raise UsageError(f"{self._location.shown}: no item {label.item[:40]!r} in the queue")
            if _is_said(connection, label.id):
                return False
            _write(connection, label, says)
            leases = tables().leases
            connection.execute(leases.delete().where(leases.c.item == label.item, leases.c.reviewer == label.reviewer))
        return True

    def _put(self, connection: "sa.Connection", item: Item) -> bool:
        items = tables().items
        known = _find(connection, item.id)
        if known is not None:
            item = merge(known, item)
        values = {**_keys_of(item), "item": json.dumps(to_plain(item))}
        if known is not None:
            if item != known:
                connection.execute(items.update().where(items.c.id == item.id).values(**values))
            return False
        n_wanted = 2 if draw(item.id, "double") < self._double else 1
        connection.execute(items.insert().values(id=item.id, n_wanted=n_wanted, n_said=0, is_unsettled=False, **values))
        return True

    def _choose(self, connection: "sa.Connection", reviewer: str, role: Role, now: float) -> Item | None:
        import sqlalchemy as sa

        items, words, leases = tables().items, tables().words, tables().leases
        latest = sa.select(words.c.says).where(words.c.item == items.c.id, words.c.reviewer == reviewer)
        has_spoken = latest.order_by(words.c.seq.desc()).limit(1).correlate(items).scalar_subquery()
        n_looking = (
            sa.select(sa.func.count())
            .where(leases.c.item == items.c.id, leases.c.reviewer != reviewer, leases.c.until > now)
            .correlate(items)
            .scalar_subquery()
        )
        unspoken = sa.select(items.c.item).where(sa.func.coalesce(has_spoken, "undo") == "undo")
        free = unspoken.where(
            items.c.n_said < items.c.n_wanted,  # the index's own condition
            items.c.n_said + n_looking < items.c.n_wanted,
        )
        in_order = free.order_by(items.c.rank, items.c.place, items.c.seq)
        turns = [in_order]
        if _n_labels(connection, reviewer) % _SAMPLE_TURN == _SAMPLE_TURN - 1:
            turns.insert(0, free.where(items.c.draw.is_not(None)).order_by(items.c.draw))
        if role == "lead":
            turns.insert(0, unspoken.where(items.c.is_unsettled, n_looking == 0).order_by(items.c.seq))
        turns.insert(0, in_order.where(items.c.rank <= _CRISIS))
        for turn in turns:
            found = connection.execute(turn.limit(1)).scalar()
            if found is not None:
                return read_item(found)
        return None

    def close(self) -> None:
        """Give the connection up; it is made anew when it is needed."""
        import sqlalchemy as sa

        connection, self._connection = self._connection, None
        if connection is not None:
            # It may be what has failed.
            with suppress(sa.exc.SQLAlchemyError):
                connection.close()
            connection.engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator["sa.Connection"]:
        with self._connected() as connection:
            begin(connection)
            yield connection
            connection.commit()

    @contextmanager
    def _connected(self) -> Iterator["sa.Connection"]:
        import sqlalchemy as sa

        with self._turn:
            try:
                connection = self._open()
                yield connection
                connection.rollback()
            except sa.exc.SQLAlchemyError as error:
                self.close()
                raise StoreDownError(
                    f"{self._location.shown}: {describe_failure(error)}; is it running and writable?"
                ) from None
            except BaseException:
                self.close()
                raise

    def _open(self) -> "sa.Connection":
        import sqlalchemy as sa

        if self._connection is not None and self._location.file is None:
            try:  # a server may have been started anew since somebody last said something
                self._connection.exec_driver_sql("SELECT 1")
            except sa.exc.SQLAlchemyError:
                self.close()
        if self._connection is None:
            self._connection = connect(self._location)
            make_durable(self._connection, self._location)
            if self._location.file is not None:
                # A gateway that writes to the same file goes first: who labels can wait, and is not to be told that it failed.
                self._connection.exec_driver_sql(f"PRAGMA busy_timeout={_BUSY_MS}")
        return self._connection


def new_label_id() -> str:
    """Make an id for a label."""
    return uuid.uuid4().hex


def merge(known: Item, other: Item) -> Item:
    """Put two items of one exchange together: all the reasons, the words of the most urgent, and whatever either knows."""
    reasons = tuple(reason for reason in REASONS if reason in known.reasons or reason in other.reasons)
    first, second = (other, known) if other.reasons[:1] == reasons[:1] != known.reasons[:1] else (known, other)
    plain = {name: value for name, value in to_plain(second).items() if value not in (None, [], "")}
    whole = plain | {name: value for name, value in to_plain(first).items() if value not in (None, [], "")}
    return replace(from_plain(Item, to_plain(first) | whole, "item"), reasons=reasons)


def read_item(text: str) -> Item:
    """Read an item from its row."""
    return from_plain(Item, json.loads(text), "review_items")


def read_label(text: str) -> Label:
    """Read a label from its row."""
    return from_plain(Label, json.loads(text), "review_words")


def _keys_of(item: Item) -> dict[str, Any]:
    """Give what an item is chosen by."""
    reason = item.reasons[0]
    place = {"unsure": item.confidence or 0.0, "sample": draw(item.id, "order")}.get(reason, -(item.at or 0.0))
    in_sample = draw(item.id, "order") if "sample" in item.reasons else None
    return {"rank": REASONS.index(reason), "place": place, "draw": in_sample}


def _find(connection: "sa.Connection", item: str) -> Item | None:
    import sqlalchemy as sa

    items = tables().items
    found = connection.execute(sa.select(items.c.item).where(items.c.id == item)).scalar()
    return None if found is None else read_item(found)


def _held(connection: "sa.Connection", reviewer: str, now: float) -> Item | None:
    """Find what a reviewer is looking at: the last that they were given, and have not spoken of."""
    import sqlalchemy as sa

    items, leases = tables().items, tables().leases
    held = sa.select(items.c.item).join(leases, leases.c.item == items.c.id)
    held = held.where(leases.c.reviewer == reviewer, leases.c.until > now).order_by(leases.c.until.desc()).limit(1)
    found = connection.execute(held).scalar()
    return None if found is None else read_item(found)


def _lease(connection: "sa.Connection", item: str, reviewer: str, until: float) -> None:
    leases = tables().leases
    connection.execute(leases.delete().where(leases.c.item == item, leases.c.reviewer == reviewer))
    connection.execute(leases.insert().values(item=item, reviewer=reviewer, until=until))


def _silence(item: str, reviewer: str, id: str | None) -> Label:  # noqa: A002 -- as the record has it
    return Label(id=id or new_label_id(), item=item, reviewer=reviewer, at=time.time(), expect=None, outcome=None)


def _is_said(connection: "sa.Connection", word: str) -> bool:
    import sqlalchemy as sa

    words = tables().words
    return connection.execute(sa.select(words.c.seq).where(words.c.id == word)).scalar() is not None


def _write(connection: "sa.Connection", label: Label, says: _Says) -> None:
    items, words = tables().items, tables().words
    connection.execute(
        words.insert().values(
            id=label.id,
            item=label.item,
            reviewer=label.reviewer,
            at=label.at,
            says=says,
            label=json.dumps(to_plain(label)),
        )
    )
    labels = _labels_of(connection, label.item)
    connection.execute(
        items.update().where(items.c.id == label.item).values(n_said=len(labels), is_unsettled=is_unsettled(labels))
    )


def _labels_of(connection: "sa.Connection", item: str) -> list[Label]:
    words = tables().words
    said = latest_words().where(words.c.item == item, words.c.says == "label").order_by(words.c.seq)
    return [read_label(row.label) for row in connection.execute(said)]


def latest_words() -> "sa.Select[Any]":
    """Select the last word of each reviewer on each item."""
    import sqlalchemy as sa

    words = tables().words
    later = words.alias()
    is_last = ~sa.exists().where(
        later.c.item == words.c.item, later.c.reviewer == words.c.reviewer, later.c.seq > words.c.seq
    )
    return sa.select(words).where(is_last)


def _last_said(connection: "sa.Connection", reviewer: str) -> Any:
    """Find the row of what a reviewer said last and has not taken back; None where there is none."""
    import sqlalchemy as sa

    last = latest_words().where(tables().words.c.reviewer == reviewer).subquery()
    said = sa.select(last).where(last.c.says != "undo").order_by(last.c.seq.desc()).limit(1)
    return connection.execute(said).first()


def _n_labels(connection: "sa.Connection", reviewer: str) -> int:
    import sqlalchemy as sa

    last = latest_words().subquery()
    count = sa.select(sa.func.count()).select_from(last).where(last.c.reviewer == reviewer, last.c.says == "label")
    return connection.execute(count).scalar_one()
