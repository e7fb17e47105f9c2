"""The tables of the audit store, and their version."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from demur.errors import DataError
from demur.guard.audit.row import COLUMNS, Column

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["VERSION", "Tables", "check_schema", "make_schema", "tables"]

VERSION = 1
"""Of the tables; raised when a column changes its meaning, comes or goes."""

_LOCK = 0x64656D7572
"""Held in PostgreSQL while tables are made: of two gateways that start at once, one waits."""


@dataclass(frozen=True)
class Tables:
    """What the database holds."""

    metadata: "sa.MetaData"
    events: "sa.Table"
    """One row an event, named as its fields; ``seq`` numbers them in the order in which they were stored."""
    versions: "sa.Table"
    """One row: the version of the tables."""


@cache
def tables() -> Tables:
    """Describe the tables."""
    import sqlalchemy as sa

    metadata = sa.MetaData()
    events = sa.Table(
        "events",
        metadata,
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        *(sa.Column(column.name, _type_of(column), nullable=column.is_optional) for column in COLUMNS),
        sa.UniqueConstraint("id"),
        sa.Index("events_at", "at"),
    )
    versions = sa.Table("demur_schema", metadata, sa.Column("version", sa.Integer, nullable=False))
    return Tables(metadata, events, versions)


def make_schema(connection: "sa.Connection", where: str) -> None:
    """Make the tables where there are none, in one transaction.

    Raises:
        DataError: the database's tables are newer, or not demur's.
    """
    import sqlalchemy as sa

    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    present = sa.inspect(connection)
    if not present.has_table("demur_schema"):
        if present.has_table("events"):
            raise DataError(f"{where}: has a table events that is not demur's; expected a database of demur's own")
        tables().metadata.create_all(connection)
        connection.execute(tables().versions.insert().values(version=VERSION))
    check_schema(connection, where)
    connection.commit()


def check_schema(connection: "sa.Connection", where: str) -> None:
    """Read the version of the tables.

    Raises:
        DataError: there are none, or they are of another version.
    """
    import sqlalchemy as sa

    if not sa.inspect(connection).has_table("demur_schema"):
        raise DataError(f"{where}: no audit store; expected a database that demur guard serve has written")
    found = connection.execute(sa.select(tables().versions.c.version)).scalars().all()
    if found != [VERSION]:
        raise DataError(
            f"{where}: an audit store of version {', '.join(map(str, found)) or 'unknown'}; this demur knows {VERSION}: "
            f"use the demur that wrote it, or another database"
        )


def _type_of(column: Column) -> Any:
    import sqlalchemy as sa

    return {"text": sa.Text, "json": sa.Text, "real": sa.Double, "whole": sa.BigInteger, "truth": sa.Boolean}[
        column.kind
    ]()
