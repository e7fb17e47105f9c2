"""A caller's request, as it came."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from demur.errors import DataError
from demur.guard.wire.sender import Receive
from demur.guard.wire.upstream import Header

__all__ = ["Request", "is_plain", "read_body", "read_object"]

_MOST_BYTES = 20 * 1024 * 1024
"""Of a request: pictures travel in it."""
_LONGEST_SILENCE_S = 30.0
"""Between two pieces of a request."""


class Request(NamedTuple):
    """A caller's request, as it came."""

    method: str
    path: str
    target: str
    """The path as it was written, with its query."""
    headers: Iterable[Header]
    body: bytes
    address: str | None
    """Of the client."""
    address_hash: str | None


async def read_body(receive: Receive) -> bytes | None:
    """Read the body of a request; None where the caller hung up in the middle.

    Raises:
        ValueError: it is longer than 20 MB.
        TimeoutError: nothing more came for 30 s.
    """
    pieces, size = [], 0
    while True:
        async with asyncio.timeout(_LONGEST_SILENCE_S):
            message = await receive()
        if message["type"] == "http.disconnect":
            return None
        piece = message.get("body", b"")
        size += len(piece)
        if size > _MOST_BYTES:
            raise ValueError(f"the request is longer than {_MOST_BYTES} bytes")
        pieces.append(piece)
        if not message.get("more_body"):
            return b"".join(pieces)


def read_object(body: bytes) -> Mapping[str, Any]:
    """Read a JSON object that is the same to everybody who reads it.

    Of two values under one key some readers take the first, some the last, and some both: what one checks another would not see.

    Raises:
        DataError: it is none, or a key is given twice.
    """
    import orjson

    try:
        value = orjson.loads(body)
    except ValueError as error:
        raise DataError(f"the request is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise DataError(f"found a JSON {type(value).__name__}; expected an object")
    try:
        json.loads(body, object_pairs_hook=_check_keys, parse_int=str, parse_float=str)  # numbers stay as written
    except RecursionError:
        raise DataError("the request is nested too deep") from None
    return value


def is_plain(path: str) -> bool:
    """Tell whether a path is the same to everybody who reads it: what one takes for another's is how a rail is walked round."""
    parts = path.split("/")
    return (
        path.startswith("/")
        and not {".", ".."} & set(parts)
        and not any(sign in path for sign in "?#\\%;")
        and "//" not in path
        and path.isprintable()
        and not any(sign.isspace() for sign in path)
    )


def _check_keys(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise DataError(f"the request has a key twice in one object: {key!r:.60}")
        seen.add(key)
