"""The form a grader fills in: one JSON object, taken as it is or not at all."""

import json
from typing import Any, TypeVar

from demur.errors import DataError
from demur.records import from_plain

__all__ = ["read_form"]

T = TypeVar("T")

_WHERE = "the grader's answer"
_SHOWN = 120
"""Characters of an answer that are shown in a message: enough to tell a refusal to grade from chat."""


def read_form(kind: type[T], answer: str, *, code: str) -> T:
    """Read an answer that is to be one JSON object and nothing else.

    Args:
        kind: what the object must be; it says itself that its types are strict and other keys forbidden.
        answer: all that the grader said.
        code: of the question, which the object must repeat as its ``code``: one copied out of the material cannot.

    Raises:
        DataError: it is anything else; the message is one line.
    """
    try:
        value = json.loads(answer, object_pairs_hook=_without_repetition, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair could not be kept
    except (ValueError, RecursionError):
        raise DataError(f"{_WHERE}: not one JSON object and nothing else: {_line(answer)!r}") from None
    if not isinstance(value, dict) or value.get("code") != code:
        raise DataError(f"{_WHERE}: not the form of this question: its code is missing or another")
    try:
        return from_plain(kind, value, _WHERE)
    except DataError as error:  # it names keys, and the grader chose them
        raise DataError(_line(str(error))) from None


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "…"


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key is there twice")
    return dict(pairs)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
