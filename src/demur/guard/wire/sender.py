"""What is sent to a caller: begun when there is something to say, and ended when that may be."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

from demur.guard.wire.errors import GoneError
from demur.guard.wire.upstream import Header

__all__ = ["Receive", "Scope", "Send", "Sender"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_LONGEST_S = 60.0
"""For one piece to be taken: who does not read is not waited for, as the model's connection is held meanwhile."""
_JSON: Header = (b"content-type", b"application/json")
_EVENTS: Header = (b"content-type", b"text/event-stream; charset=utf-8")


class Sender:
    """Sends one answer.

    Nothing leaves before the first byte of the body, so that until then the answer can become an error. Before the last piece
    leaves, `before_end` is waited for, if there is one: what it raises, the caller hears of in place of the end.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._head: MutableMapping[str, Any] | None = None
        self.began = time.perf_counter()
        self.before_end: Callable[[], Awaitable[None]] | None = None
        self.status: int | None = None
        self.first_byte_s: float | None = None
        """From the making of this to the first byte."""
        self.has_begun = False
        """Whether anything has left."""
        self.has_ended = False
        """Whether the last piece has left, or is leaving."""

    def start(self, status: int, headers: Iterable[Header]) -> None:
        """Say how the answer begins."""
        self.status = status
        self._head = {"type": "http.response.start", "status": status, "headers": list(headers)}

    async def piece(self, body: bytes) -> None:
        """Send a piece of the body."""
        if body:
            await self._begin()
            await self._pass({"type": "http.response.body", "body": body, "more_body": True})

    async def end(self, body: bytes = b"") -> None:
        """Send the last piece."""
        hook, self.before_end = self.before_end, None
        if hook is not None:
            await hook()
        if body and self._head is not None:
            self._head["headers"].append((b"content-length", str(len(body)).encode()))
        await self._begin()
        self.has_ended = True
        await self._pass({"type": "http.response.body", "body": body})

    async def json(self, status: int, body: Mapping[str, Any], headers: Iterable[Header] = ()) -> None:
        """Send an answer that is there as a whole."""
        import orjson

        self.start(status, (_JSON, *headers))
        await self.end(orjson.dumps(body))

    def start_events(self, headers: Iterable[Header]) -> None:
        """Say that the answer is a stream of events."""
        self.start(200, (_EVENTS, *headers))

    async def _begin(self) -> None:
        if self._head is not None:
            head, self._head = self._head, None
            self.has_begun = True
            self.first_byte_s = time.perf_counter() - self.began
            await self._pass(head)

    async def _pass(self, message: MutableMapping[str, Any]) -> None:
        """Send, for as long as a caller who reads takes.

        Raises:
            GoneError: the caller does not read.
        """
        try:
            async with asyncio.timeout(_LONGEST_S):
                await self._send(message)
        except TimeoutError:
            raise GoneError from None
