"""What can go wrong with the store, told in one line without anybody's text or password."""

from demur.errors import IncompleteError

__all__ = ["RowRefusedError", "StoreDownError", "describe_failure", "is_fault_of_rows"]

_LONGEST = 200
"""Characters of a database's message that are told."""


class StoreDownError(IncompleteError):
    """The audit store cannot be reached, or has no room for what waits; nothing that was acknowledged is concerned."""


class RowRefusedError(IncompleteError):
    """The database refuses this event whenever it is tried; the others are stored."""


def is_fault_of_rows(error: Exception) -> bool:
    """Tell whether the database refuses what is written, and would do so again, rather than being out of reach."""
    from sqlalchemy import exc

    if isinstance(error, (exc.DataError, exc.IntegrityError)):
        return True
    if isinstance(error, exc.DBAPIError):
        # SQLite's name for a value of a type it does not know.
        return "binding parameter" in str(error.orig)
    return isinstance(error, (ArithmeticError, AttributeError, TypeError, ValueError))


def describe_failure(error: Exception) -> str:
    """Give the first line of what the database said: later ones may quote the row."""
    from sqlalchemy import exc

    said = error.orig if isinstance(error, exc.DBAPIError) and error.orig is not None else error
    primary = getattr(getattr(said, "diag", None), "message_primary", None)
    lines = (primary or str(said)).strip().splitlines()
    return f"{type(said).__name__}: {lines[0][:_LONGEST]}" if lines else type(said).__name__
