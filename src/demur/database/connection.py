"""A connection to a database."""

import time
from typing import TYPE_CHECKING, Any

from demur.database.location import Location
from demur.errors import DataError

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["connect", "make_durable"]

_BUSY_S = 2.0
"""How long SQLite waits for another process that writes; longer than any commit takes."""
_CONNECT_S = 5
_SILENCE_MS = 10_000
"""After which a connection that says nothing, or a statement that does not end, is given up."""


def connect(location: Location) -> "sa.Connection":
    """Connect.

    Raises:
        SQLAlchemyError: the database cannot be reached.
    """
    import sqlalchemy as sa

    arguments: dict[str, Any] = {"timeout": _BUSY_S, "check_same_thread": False}
    if location.file is None:
        # Not prepared: a pooler in between may give each statement another session.
        arguments = {"prepare_threshold": None, "connect_timeout": _CONNECT_S, "tcp_user_timeout": _SILENCE_MS}
    engine = sa.create_engine(
        location.url, connect_args=arguments, poolclass=sa.NullPool, hide_parameters=True, skip_autocommit_rollback=True
    )
    return engine.connect()


def make_durable(connection: "sa.Connection", location: Location) -> None:
    """Make a connection fit for writing: what is committed on it is on the disk.

    Raises:
        DataError: the file is in a place where SQLite keeps no write-ahead log. SQLAlchemyError: the database is gone.
    """
    if location.file is None:
        # A server may be set to acknowledge before it has written. Stronger settings than `on` are left alone.
        connection.exec_driver_sql(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
        # A gateway that is frozen in its turn must not hold up the others.
        for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.exec_driver_sql(f"SET {name} = {_SILENCE_MS}")
    else:
        mode = _keep_log(connection)
        if mode != "wal":
            raise DataError(
                f"{location.shown}: SQLite keeps no write-ahead log here but {mode}; expected a file on a local disk"
            )
        connection.exec_driver_sql("PRAGMA synchronous=FULL")
    connection.commit()


def _keep_log(connection: "sa.Connection") -> Any:
    import sqlalchemy as sa

    # SQLite does not wait for its turn when the mode is changed, as when two gateways make one file.
    deadline = time.monotonic() + _BUSY_S
    while True:
        try:
            return connection.exec_driver_sql("PRAGMA journal_mode=WAL").scalar()
        except sa.exc.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
