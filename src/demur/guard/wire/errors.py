"""Errors as OpenAI's clients read them."""

from typing import Any

from demur.errors import DataError, DemurError, EndpointError

__all__ = ["GoneError", "error_of", "make_error"]


class GoneError(Exception):
    """The caller has hung up, or is to be cut off: what has begun cannot become an error."""


def make_error(message: str, *, kind: str, code: str | None = None) -> dict[str, Any]:
    """Make the body of an error."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def error_of(error: Exception) -> tuple[int, dict[str, Any]]:
    """Give the status and the body that tell a caller of an error: theirs, the upstream's, or the guard's.

    Of an error that nobody foresaw nothing is told: its words may be anything.
    """
    if isinstance(error, DataError):
        return 400, make_error(str(error), kind="invalid_request_error")
    if isinstance(error, EndpointError):
        return 502, make_error(str(error), kind="upstream_error")
    if isinstance(error, DemurError):
        return 503, make_error(str(error), kind="guard_error")
    return 500, make_error("the gateway failed; its log says how", kind="guard_error")
