"""The tables of the review, beside those of the audit store, and their version."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from demur.errors import DataError

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["VERSION", "Tables", "begin", "check_schema", "has_schema", "make_schema", "tables"]

VERSION = 1
"""Of the tables; raised when a column changes its meaning, comes or goes."""

_LOCK = 0x64656D7276
"""Held in PostgreSQL while tables are made: of two that start at once, one waits."""


@dataclass(frozen=True)
class Tables:
    """What the review keeps."""

    metadata: "sa.MetaData"
    items: "sa.Table"
    """One row an item: the record as JSON, and what it is chosen by: the rank of its most urgent reason, its place among those
    of that rank, its place in the random sample if it is of it, how many reviewers it is
    for, how many have labelled it, and whether they differ so that a lead is to speak."""
    words: "sa.Table"
    """What was said, in the order in which it was said, nothing ever changed: labels, skips, and what takes them back. Of
    one reviewer's words on one item the last one counts."""
    leases: "sa.Table"
    """Who is looking at what, and until when nobody else is given it."""
    sources: "sa.Table"
    """How far the events have been read."""
    versions: "sa.Table"
    """One row: the version of these tables."""


@cache
def tables() -> Tables:
    """Describe the tables."""
    import sqlalchemy as sa

    metadata = sa.MetaData()
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    is_open = sa.text("n_said < n_wanted")
    items = sa.Table(
        "review_items",
        metadata,
        sa.Column("seq", number, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("place", sa.Double, nullable=False),
        sa.Column("draw", sa.Double),
        sa.Column("n_wanted", sa.Integer, nullable=False),
        sa.Column("n_said", sa.Integer, nullable=False),
        sa.Column("is_unsettled", sa.Boolean, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.Index("review_items_open", "rank", "place", sqlite_where=is_open, postgresql_where=is_open),
    )
    words = sa.Table(
        "review_words",
        metadata,
        sa.Column("seq", number, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("reviewer", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("says", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Index("review_words_of", "item", "reviewer", "seq"),
        sa.Index("review_words_by", "reviewer", "seq"),
    )
    leases = sa.Table(
        "review_leases",
        metadata,
        sa.Column("item", sa.Text, primary_key=True),
        sa.Column("reviewer", sa.Text, primary_key=True),
        sa.Column("until", sa.Double, nullable=False),
        sa.Index("review_leases_of", "reviewer", "until"),
    )
    sources = sa.Table(
        "review_sources",
        metadata,
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("after", sa.Text, nullable=False),
    )
    versions = sa.Table("review_schema", metadata, sa.Column("version", sa.Integer, nullable=False))
    return Tables(metadata, items, words, leases, sources, versions)


def begin(connection: "sa.Connection") -> None:
    """Begin a transaction in which nobody else writes to the review; it ends with a commit or a rollback."""
    import sqlalchemy as sa

    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def make_schema(connection: "sa.Connection", where: str) -> None:
    """Make the tables where there are none, in one transaction.

    Raises:
        DataError: they are of another version.
    """
    if not has_schema(connection):
        connection.rollback()
        begin(connection)
    if not has_schema(connection):  # nobody else has made them meanwhile
        tables().metadata.create_all(connection)
        connection.execute(tables().versions.insert().values(version=VERSION))
    check_schema(connection, where)
    connection.commit()


def has_schema(connection: "sa.Connection") -> bool:
    """Tell whether anything was ever put into a queue here."""
    import sqlalchemy as sa

    return sa.inspect(connection).has_table("review_schema")


def check_schema(connection: "sa.Connection", where: str) -> None:
    """Read the version of the tables.

    Raises:
        DataError: they are of another version.
    """
    import sqlalchemy as sa

    found = connection.execute(sa.select(tables().versions.c.version)).scalars().all()
    if found != [VERSION]:
        shown = ", ".join(map(str, found)) or "unknown"
        raise DataError(
            f"{where}: a review of version {shown}; this demur knows {VERSION}: use the demur that wrote it"
        )
