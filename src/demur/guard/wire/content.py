"""What the dialects have in common: roles, texts of contents, counts."""

import base64
import binascii
import codecs
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any
from urllib.parse import unquote_to_bytes

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
"""Keys under which an address stands, or bytes, or a text in their place."""
_ADDRESS = re.compile(r"https?://\S*\Z")
_BASE64 = re.compile(r"\s*(?i:data:[^,\s]{0,200};\s*base64)\s*,|(?=[\w+/-]{64,}={0,2}\s*\Z)", re.ASCII)
"""What goes before Base64: the head of a data URL, or nothing, where there is a long run of digits and no more."""
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_NO_DIGITS = re.sub(rb"[\w+/=-]", b"", bytes(range(256)))
"""Characters that many servers pass over, as Python does."""
_MOST_ESCAPED = 1 << 20
"""Characters of a data URL whose escapes are read, which takes a tenth of a second."""
_FAULT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]")
_MOST_FAULTS = 0.2
"""Of the characters: some, in a text of another encoding; in bytes that are no text, every other one is a fault."""
_SAMPLE = 1 << 15
"""Bytes of either end that tell whether a file is a text."""
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
    """Give the text of a file that is sent as Base64 or as a data URL, whatever its type says; None of any other, and of an address.

    What is neither is a text itself, and is given as it stands.
    """
    if _ADDRESS.match(data):
        return None
    if (head := _BASE64.match(data)) is not None:
        try:
            return _decode(_read_base64(data[head.end() :]))
        except binascii.Error:
            return data
    if data[:5].lower() == "data:" and len(data) <= _MOST_ESCAPED:
        return _decode(unquote_to_bytes(data.encode("utf-8", "replace")))
    return data


def _read_base64(text: str) -> bytes:
    digits = text.encode("utf-8", "replace").translate(_URL_SAFE, _NO_DIGITS).rstrip(b"=")
    if len(digits) % 4 == 1:  # the last one holds no byte
        digits = digits[:-1]
    return base64.b64decode(digits + b"=" * (-len(digits) % 4), validate=True)


def _decode(data: bytes) -> str | None:
    """Read bytes as a text; None where they are none."""
    # Both ends are looked at, since many a picture begins with a text, and many a document ends with one.
    ends = data if len(data) <= 2 * _SAMPLE else data[:_SAMPLE] + data[-_SAMPLE:]
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    # Not every server heeds the mark of UTF-16.
    encodings = [each for each in ("utf-8", "utf-16")[: 1 + is_wide] if _is_text(_read(ends, each))]
    return "\n".join(_read(data, each) for each in encodings) if encodings else None


def _read(data: bytes, encoding: str) -> str:
    return data.decode(encoding, "replace").replace("\0", "")  # beside every letter in UTF-16 without its mark


def _is_text(read: str) -> bool:
    return len(_FAULT.findall(read)) <= _MOST_FAULTS * len(read)


def _readable(value: Any, key: str, depth: int = 0) -> Iterator[str]:
    if depth > _DEEPEST:
        raise DataError(f"a content is nested more than {_DEEPEST} deep")
    if isinstance(value, str):
        text = text_of_file(value) if key in _DATA else value
        if text and key not in _NAMES:
            yield text
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
