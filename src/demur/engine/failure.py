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
    for cause in chain:
        status = getattr(cause, "status_code", None)
        if isinstance(status, int):
            hint = f"; {_HINTS[status]}" if status in _HINTS else ""
            return Failure(_line(f"the endpoint answered {status}: {_said(cause)}{hint}"), status in _FATAL_STATUS)
    for cause in chain:
        if isinstance(cause, DemurError):
            return Failure(_line(str(cause)), is_fatal=False)
        if isinstance(cause, json.JSONDecodeError) or _is_text_for_json(cause):
            return Failure(
                "the endpoint answered with something that is not the JSON of a chat completion", is_fatal=False
            )
    for cause in chain:
        if "timeout" in type(cause).__name__.casefold():
            return Failure("the endpoint did not answer in time; allow more with --timeout", is_fatal=False)
    for cause in reversed(chain):
        if isinstance(cause, OSError) or "connect" in type(cause).__name__.casefold():
            return Failure(_line(f"the endpoint cannot be reached: {cause or type(cause).__name__}"), is_fatal=False)
    last = chain[-1]
    return Failure(_line(f"{type(last).__name__}: {last}"), is_fatal=False)


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


def _is_text_for_json(cause: BaseException) -> bool:
    # The OpenAI client hands on a body that is not declared as JSON as a plain string.
    return isinstance(cause, AttributeError) and isinstance(cause.obj, str)


def _said(cause: BaseException) -> str:
    body = getattr(cause, "body", None)
    if isinstance(body, dict) and isinstance(body.get("message"), str):
        return str(body["message"])
    return str(getattr(cause, "message", cause))


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MAX_LENGTH else line[: _MAX_LENGTH - 1] + "…"
