"""What the dialects have in common: roles, texts of contents, counts."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from demur.errors import DataError
from demur.types import Role

__all__ = ["check_spelling", "kind_of", "positive", "read_count", "read_model", "read_role", "text_of_file", "texts_of"]

_ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "user",
    "function": "user",
}
"""What a tool returns was not written by the assistant, and may press as a user does."""
_NAMES = frozenset({"type", "id", "file_id", "tool_call_id", "tool_use_id", "format", "detail", "media_type", "ttl"})
"""Keys of a part whose values are no texts."""
_NOTES = frozenset({"annotations", "logprobs"})
"""Lists that say again what the text of a reply says."""
_DATA = frozenset({"url", "data", "file_data", "image_url", "video_url", "b64_json", "signature"})
_BLOB = re.compile(r"(?:data:|https?://)\S*\Z|[\w+/-]{64,}={0,2}\s*\Z", re.ASCII)
"""An address or bytes in Base64, under one of these keys."""
_DATA_TEXT = re.compile(r"data:(?:text/|application/(?:json|xml|yaml))[^,]{0,200};base64,", re.IGNORECASE)
_DEEPEST = 32
_LONGEST_NAME = 512


def read_role(message: Mapping[str, Any], where: str) -> Role:
    """Read who says a message.

    Raises:
        DataError: it is nobody; the line names the place.
    """
    role = message.get("role")
    if not isinstance(role, str) or role not in _ROLES:
        raise DataError(f"{where}.role: found {role!r:.60}; expected one of {', '.join(_ROLES)}")
    return _ROLES[role]


def check_spelling(body: Mapping[str, Any], known: AbstractSet[str], where: str) -> None:
    """See that no key is written so that only some readers take it for another: Go's, for one, read Content as content.

    Raises:
        DataError: one is; the line names the place.
    """
    for key in body:
        if key not in known and (read := key.casefold()) in known:
            raise DataError(f"{where}: found the key {key!r}, which some servers read as {read!r}; write it as they do")


def texts_of(content: Any) -> Iterator[str]:
    """Give the texts of a message's content: text itself, or whatever can be read in its parts, of whatever type they are.

    Raises:
        DataError: it is nested deeper than any content is.
    """
    if isinstance(content, str):
        yield content
    elif isinstance(content, list | Mapping):
        yield from _readable(content, "")


def text_of_file(data: str) -> str | None:
    """Give the text of a file that is sent as the Base64 of a text; None of any other."""
    found = _DATA_TEXT.match(data)
    if found is None:
        return None
    try:
        return base64.b64decode(data[found.end() :]).decode("utf-8", "replace")
    except binascii.Error:
        return None


def _readable(value: Any, key: str, depth: int = 0) -> Iterator[str]:
    if depth > _DEEPEST:
        raise DataError(f"a content is nested more than {_DEEPEST} deep")
    if isinstance(value, str):
        if key == "file_data" and (text := text_of_file(value)) is not None:
            yield text
        elif key not in _NAMES and not (key in _DATA and _BLOB.match(value)):
            yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in _NOTES or not isinstance(inner, list):
                yield from _readable(inner, name, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _readable(inner, key, depth + 1)


def read_model(body: Mapping[str, Any]) -> str:
    """Read the name of the model; empty where there is none.

    Raises:
        DataError: it is something else, or longer than any name.
    """
    model = body.get("model")
    if model is None:
        return ""
    if not isinstance(model, str) or len(model) > _LONGEST_NAME:
        raise DataError(f"model: found {model!r:.60}; expected a name of at most {_LONGEST_NAME} characters")
    return model


def read_count(body: Mapping[str, Any], key: str, *, most: int | None = None) -> int | None:
    """Read a whole number from 1; None where there is none.

    Raises:
        DataError: it is something else, or more than `most`.
    """
    value = body.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1 or (most is not None and value > most):
        raise DataError(f"{key}: found {value!r:.60}; expected a whole number from 1" + (f" to {most}" if most else ""))
    return value


def positive(value: Any) -> int | None:
    """Give a whole number above 0; None for anything else, which servers read in ways of their own."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def kind_of(value: Any) -> str:
    """Say what was found where something else was expected, in 60 characters at most."""
    return "nothing" if value is None else f"{type(value).__name__} {value!r}"[:60]
