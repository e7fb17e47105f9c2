"""Reading back what people said."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from demur.database import StoreDownError, connect, describe_failure, parse_location
from demur.errors import DataError
from demur.watch.review.item import Item
from demur.watch.review.label import Label
from demur.watch.review.schema import check_schema, has_schema, tables
from demur.watch.review.store import latest_words, read_item, read_label

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["read_labelled"]

_PAGE = 500
"""Items read at a time: between pages no transaction is open."""


def read_labelled(url: str) -> Iterator[tuple[Item, list[Label]]]:
    """Read the items that somebody has labelled, in the order in which they came into the queue, with what was said of each.

    Of each reviewer the latest word counts, and what they took back is gone.

    Args:
        url: of the store, as `demur.watch.review.ReviewStore` takes it.

    Raises:
        UsageError: the URL is none of the forms. MissingExtraError: a library is not installed.
        DataError: there is no store, or its review is of another version. StoreDownError: it cannot be read.
    """
    import sqlalchemy as sa

    location = parse_location(url)
    if location.file is not None and not location.file.is_file():
        raise DataError(
            f"{location.shown}: no such file; expected a store that demur guard serve or demur review has written"
        )
    try:
        with connect(location) as connection:
            if not has_schema(connection):
                return
            check_schema(connection, location.shown)
            connection.rollback()
            yield from _read(connection)
    except sa.exc.SQLAlchemyError as error:
        raise StoreDownError(f"{location.shown}: {describe_failure(error)}; is it running and readable?") from None


def _read(connection: "sa.Connection") -> Iterator[tuple[Item, list[Label]]]:
    import sqlalchemy as sa

    items, words = tables().items, tables().words
    start = 0
    while True:
        pages = sa.select(items.c.seq, items.c.id, items.c.item).where(items.c.seq > start, items.c.n_said > 0)
        rows = connection.execute(pages.order_by(items.c.seq).limit(_PAGE)).all()
        said = latest_words().where(words.c.says == "label", words.c.item.in_([row.id for row in rows]))
        labels: dict[str, list[Label]] = {}
        for word in connection.execute(said.order_by(words.c.seq)):
            labels.setdefault(word.item, []).append(read_label(word.label))
        connection.rollback()
        yield from ((read_item(row.item), labels[row.id]) for row in rows if row.id in labels)
        if len(rows) < _PAGE:
            return
        start = rows[-1].seq
