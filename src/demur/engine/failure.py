"""What went wrong with a question, in one line a person can act on."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from tenacity import RetryError

from demur.errors import DemurError

__all__ = ["Failure", "describe_failure"]

_FATAL_STATUS = frozenset({401, 402, 403, 404, 405})
_HINTS = {
    401: "check the API key",
    402: "check the account's credit",
    403: "check what the API key may use",
    404: "check the model's name and the base URL",
    429: "ask for fewer at a time with --connections, or resume later",
}
_MAX_LENGTH = 300


class Failure(NamedTuple):
    """Why a question got no reply."""

    message: str
    is_fatal: bool
    """Whether every other question would fail the same way."""


def describe_failure(error: BaseException) -> Failure:
    """Find the cause behind retries and wrappers, and say it in one line."""
    chain = list(_causes(error))
    for recognise in (_status, _own, _unreadable, _late, _unreachable):
        # The outermost cause that is recognised says most about what was being done.
        found = next((failure for cause in chain if (failure := recognise(cause))), None)
        if found is not None:
            return Failure(_line(found.message), found.is_fatal)
    return Failure(_line(f"{type(chain[-1]).__name__}: {chain[-1]}"), is_fatal=False)


def _status(cause: BaseException) -> Failure | None:
    status = getattr(cause, "status_code", None)
    if not isinstance(status, int):
        return None
    hint = f"; {_HINTS[status]}" if status in _HINTS else ""
    return Failure(f"the endpoint answered {status}: {_said(cause)}{hint}", status in _FATAL_STATUS)


def _own(cause: BaseException) -> Failure | None:
    return Failure(str(cause), is_fatal=False) if isinstance(cause, DemurError) else None


def _unreadable(cause: BaseException) -> Failure | None:
    if isinstance(cause, json.JSONDecodeError) or "non-ChatCompletion response" in str(cause):
        detail = ""
    elif isinstance(cause, (AttributeError, IndexError, KeyError, TypeError)):
        # What a provider's code runs into when the answer lacks what a completion has.
        detail = f" ({type(cause).__name__}: {cause})"
    else:
        return None
    return Failure(f"the endpoint's answer is not the JSON of a chat completion{detail}", is_fatal=False)


def _late(cause: BaseException) -> Failure | None:
    if "timeout" not in type(cause).__name__.casefold():
        return None
    return Failure("the endpoint did not answer in time; allow more with --timeout", is_fatal=False)


def _unreachable(cause: BaseException) -> Failure | None:
    if not (isinstance(cause, OSError) or "connect" in type(cause).__name__.casefold()):
        return None
    return Failure(f"the endpoint cannot be reached: {cause or type(cause).__name__}", is_fatal=False)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Walk from an error to what caused it, through retries, groups and ``raise ... from``."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, RetryError):
            error = error.last_attempt.exception()
            continue
        yield error
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        else:
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _said(cause: BaseException) -> str:
    body = getattr(cause, "body", None)
    if isinstance(body, dict) and isinstance(body.get("message"), str):
        return str(body["message"])
    return str(getattr(cause, "message", cause))


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MAX_LENGTH else line[: _MAX_LENGTH - 1] + "…"
