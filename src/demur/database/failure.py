"""What can go wrong with a database, told in one line without anybody's text or password."""

from demur.errors import IncompleteError

__all__ = ["StoreDownError", "describe_failure"]

_LONGEST = 200
"""Characters of a database's message that are told."""


class StoreDownError(IncompleteError):
    """The store cannot be reached, or has no room for what waits; nothing that was acknowledged is concerned."""


def describe_failure(error: Exception) -> str:
    """Give the first line of what the database said: later ones may quote the row."""
    from sqlalchemy import exc

    said = error.orig if isinstance(error, exc.DBAPIError) and error.orig is not None else error
    primary = getattr(getattr(said, "diag", None), "message_primary", None)
    lines = (primary or str(said)).strip().splitlines()
    return f"{type(said).__name__}: {lines[0][:_LONGEST]}" if lines else type(said).__name__
