"""Rows that the database refuses, told from a database that is down."""

from demur.errors import IncompleteError

__all__ = ["RowRefusedError", "is_fault_of_rows"]


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
