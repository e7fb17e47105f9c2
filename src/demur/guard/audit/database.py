"""The writer's connection to the database."""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from demur.database import Location, StoreDownError, connect, describe_failure, make_durable
from demur.errors import DataError
from demur.guard.audit.row import COLUMNS
from demur.guard.audit.schema import make_schema

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["Database"]

_TURN = 0x64656D7573
"""Of several gateways one writes at a time, so that rows become visible in the order of their numbers."""

_NAMES = ", ".join(column.name for column in COLUMNS)
_TYPES = {"text": "text", "json": "text", "real": "double precision", "whole": "bigint", "truth": "boolean"}
_SQLITE = f"INSERT INTO events ({_NAMES}) VALUES ({', '.join('?' * len(COLUMNS))}) ON CONFLICT (id) DO NOTHING"  # noqa: S608
_POSTGRES = f"""
    WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock({_TURN}))
    INSERT INTO events ({_NAMES})
    SELECT {", ".join(f"r.{column.name}" for column in COLUMNS)} FROM turn,
        json_to_recordset(%s) AS r({", ".join(f"{column.name} {_TYPES[column.kind]}" for column in COLUMNS)})
    ON CONFLICT (id) DO NOTHING
"""  # noqa: S608


class Database:
    """Inserts rows; used by one thread at a time. After an error it connects anew."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self._connection: sa.Connection | None = None

    def open(self) -> "sa.Connection":
        """Connect, and make the tables where there are none; once connected, give the connection.

        Raises:
            DataError: the database's tables are newer, or not demur's. StoreDownError: it cannot be reached.
        """
        import sqlalchemy as sa

        if self._connection is not None:
            return self._connection
        try:
            self.location.make_file()
            self._connection = connect(self.location)
            make_durable(self._connection, self.location)
            make_schema(self._connection, self.location.shown)
            if self.location.file is None:
                # One statement is one transaction, and one round trip instead of three.
                self._connection.execution_options(isolation_level="AUTOCOMMIT")
        except (OSError, sa.exc.SQLAlchemyError) as error:
            self.close()
            raise StoreDownError(
                f"{self.location.shown}: {describe_failure(error)}; is it running and writable?"
            ) from None
        except DataError:
            self.close()
            raise
        return self._connection

    def insert(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Store rows, as `to_row` makes them, all or none; those that are there already are passed over.

        Every row is on the disk when this returns.

        Raises:
            DataError, StoreDownError: as `open` does. SQLAlchemyError, ValueError: the database refuses them, or is gone.
        """
        import sqlalchemy as sa

        was_open = self._connection is not None
        try:
            self._insert(rows)
        except sa.exc.DBAPIError as error:
            # Ended while nothing was written, by a restart or on the way: that is no outage yet.
            if not (was_open and error.connection_invalidated):
                raise
            self._insert(rows)

    def _insert(self, rows: Sequence[tuple[Any, ...]]) -> None:
        connection = self.open()
        try:
            # Not through SQLAlchemy's own insert, which takes twice the time for each row, and with PostgreSQL five times.
            if self.location.file is not None:
                connection.exec_driver_sql(_SQLITE, list(rows))
                connection.commit()
            else:
                connection.exec_driver_sql(_POSTGRES, (_dump(rows),))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the connection up."""
        import sqlalchemy as sa

        connection, self._connection = self._connection, None
        if connection is not None:
            # It may be what has failed.
            with suppress(sa.exc.SQLAlchemyError):
                connection.close()
            connection.engine.dispose()


def _dump(rows: Sequence[tuple[Any, ...]]) -> str:
    import orjson

    names = [column.name for column in COLUMNS]
    return orjson.dumps([dict(zip(names, row, strict=True)) for row in rows]).decode()
