"""The gateway: an ASGI application between a caller and a model, which speaks OpenAI's protocol to both."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import quote

from demur.errors import DataError, EndpointError
from demur.guard.guard import Guard
from demur.guard.wire.answer import FinishReason, make_completion, make_error, stream_completion
from demur.guard.wire.conversation import Conversation, read_chat
from demur.guard.wire.reply_rail import ReplyRail, StreamRail
from demur.guard.wire.sse import DONE, EventReader, write_event
from demur.guard.wire.upstream import Header, Upstream, UpstreamReply

__all__ = ["Gateway"]

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_MOST_BYTES = 20 * 1024 * 1024
"""Of a request: pictures travel in it."""
_CHAT = "chat/completions"
"""How a path ends that is guarded, wherever a server has it."""
_JSON: Header = (b"content-type", b"application/json")
_EVENTS: Header = (b"content-type", b"text/event-stream; charset=utf-8")


class _GoneError(Exception):
    """The caller has hung up."""


class _Sender:
    """Sends, and remembers whether a response has begun."""

    def __init__(self, send: _Send) -> None:
        self._send = send
        self.has_begun = False

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        """Send one message."""
        self.has_begun = True
        await self._send(message)


class _Request(NamedTuple):
    method: str
    path: str
    """With its query."""
    headers: Iterable[Header]
    body: bytes


class Gateway:
    """An ASGI application.

    Args:
        upstream: the model behind it.
        guard: what decides.
        is_shadow: whether decisions are made and told, and not enforced.
    """

    def __init__(self, upstream: Upstream, guard: Guard, *, is_shadow: bool = False) -> None:
        self._upstream, self._guard, self._is_shadow = upstream, guard, is_shadow

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Serve a connection, as the ASGI specification 3.0 has it."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            # A caller that hangs up ends what is done for it, the upstream's work too.
            with suppress(_GoneError):
                await self._serve(scope, receive, send)

    async def _live(self, receive: _Receive, send: _Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._upstream.open()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self._upstream.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _serve(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        path = scope["path"]
        if not _is_plain(path):
            await _send_json(send, 400, make_error("the path is not plain", kind="invalid_request_error"))
            return
        query = scope.get("query_string", b"").decode("latin-1")
        raw = (scope.get("raw_path") or quote(path).encode()).decode("latin-1")
        try:
            body = await _read_body(receive)
        except ValueError as error:
            await _send_json(send, 413, make_error(str(error), kind="invalid_request_error"))
            return
        request = _Request(scope["method"].upper(), f"{raw}?{query}" if query else raw, scope["headers"], body)
        work = asyncio.ensure_future(self._answer(path, request, _Sender(send)))
        gone = asyncio.ensure_future(_hung_up(receive))
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise _GoneError
            work.result()
        finally:
            for task in (work, gone):
                task.cancel()
            await asyncio.gather(work, gone, return_exceptions=True)

    async def _answer(self, path: str, request: _Request, send: "_Sender") -> None:
        try:
            if path.rstrip("/").endswith(_CHAT) and request.method == "POST":
                await self._chat(request, send)
            else:
                await self._pass_on(request, send)
        except (DataError, EndpointError) as error:
            if send.has_begun:  # what has begun cannot become an error; that it is cut off is what the caller hears
                raise _GoneError from None
            if isinstance(error, DataError):
                await _send_json(send, 400, make_error(str(error), kind="invalid_request_error"))
            else:
                await _send_json(send, 502, make_error(str(error), kind="upstream_error"))

    async def _chat(self, request: _Request, send: _Send) -> None:
        asked = read_chat(_read_json(request.body))
        decision = self._guard.decide(asked)
        answer = None if self._is_shadow else self._guard.answer(asked, decision)
        headers = self._guard.headers(decision)
        if answer is not None:
            finish: FinishReason = "content_filter" if decision.action == "block" else "stop"
            await _send_own(send, asked, answer, finish, headers)
            return
        async with self._upstream.ask(request.method, request.path, request.headers, request.body) as reply:
            if not reply.is_ok or self._is_shadow:
                await _relay(send, reply, headers)
            elif reply.is_stream:
                rail = self._guard.stream_rail(asked)
                await _start(send, reply.status, (*reply.headers, *headers))
                async for event in _guarded_events(reply, rail):
                    await _send_piece(send, event)
                await _end(send)
            else:
                await self._whole(send, asked, reply, headers)

    async def _whole(self, send: _Send, asked: Conversation, reply: UpstreamReply, headers: Iterable[Header]) -> None:
        import orjson

        body = await reply.read()
        try:
            completion = orjson.loads(body)
        except ValueError:
            raise EndpointError("the upstream sent what is no JSON") from None
        if not isinstance(completion, dict):
            raise EndpointError(f"the upstream sent a JSON {type(completion).__name__}; expected an object")
        rail: ReplyRail = self._guard.reply_rail(asked)
        checked = rail.check(completion)
        await _start(send, reply.status, (*reply.headers, *headers))
        await send({"type": "http.response.body", "body": body if checked is None else orjson.dumps(checked)})

    async def _pass_on(self, request: _Request, send: _Send) -> None:
        async with self._upstream.ask(request.method, request.path, request.headers, request.body) as reply:
            await _relay(send, reply, ())


async def _guarded_events(reply: UpstreamReply, rail: StreamRail) -> AsyncIterator[bytes]:
    """Give the events of a stream as they may leave; a stream that breaks off ends as the part that came would have."""
    import orjson

    reader, is_done = EventReader(), False
    try:
        async for piece in reply.pieces():
            for data in reader.feed(piece):
                if data == b"[DONE]":
                    is_done = True
                    break
                for allowed in rail.feed(_read_chunk(data)):
                    yield write_event(orjson.dumps(allowed))
            if is_done or rail.is_over:
                break
    except (EndpointError, ValueError) as error:
        for rest in rail.end():
            yield write_event(orjson.dumps(rest))
        yield write_event(orjson.dumps(make_error(str(error), kind="upstream_error")))
        return
    for rest in rail.end():
        yield write_event(orjson.dumps(rest))
    yield DONE


def _read_chunk(data: bytes) -> Mapping[str, Any]:
    import orjson

    try:
        chunk = orjson.loads(data)
    except ValueError:
        raise EndpointError("the upstream sent an event that is no JSON") from None
    if not isinstance(chunk, dict):
        raise EndpointError(f"the upstream sent an event that is a {type(chunk).__name__}; expected an object")
    return chunk


async def _send_own(
    send: _Send, asked: Conversation, text: str, finish_reason: FinishReason, headers: Iterable[Header]
) -> None:
    import orjson

    if not asked.is_stream:
        await _send_json(send, 200, make_completion(asked, text, finish_reason), headers)
        return
    await _start(send, 200, (_EVENTS, *headers))
    for chunk in stream_completion(asked, text, finish_reason):
        await _send_piece(send, write_event(orjson.dumps(chunk)))
    await _send_piece(send, DONE)
    await _end(send)


async def _relay(send: _Send, reply: UpstreamReply, headers: Iterable[Header]) -> None:
    await _start(send, reply.status, (*reply.headers, *headers))
    async for piece in reply.pieces():
        await _send_piece(send, piece)
    await _end(send)


async def _send_json(send: _Send, status: int, body: Mapping[str, Any], headers: Iterable[Header] = ()) -> None:
    import orjson

    await _start(send, status, (_JSON, *headers))
    await send({"type": "http.response.body", "body": orjson.dumps(body)})


async def _start(send: _Send, status: int, headers: Iterable[Header]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})


async def _send_piece(send: _Send, piece: bytes) -> None:
    await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _end(send: _Send) -> None:
    await send({"type": "http.response.body", "body": b""})


async def _read_body(receive: _Receive) -> bytes:
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        piece = message.get("body", b"")
        size += len(piece)
        if size > _MOST_BYTES:
            raise ValueError(f"the request is longer than {_MOST_BYTES} bytes")
        pieces.append(piece)
        if not message.get("more_body"):
            return b"".join(pieces)


async def _hung_up(receive: _Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _is_plain(path: str) -> bool:
    """Tell whether a path is the same to everybody who reads it: what one takes for another's is how a rail is walked round."""
    parts = path.split("/")
    return (
        path.startswith("/")
        and not {".", ".."} & set(parts)
        and not any(sign in path for sign in "?#\\")
        and "//" not in path
    )


def _read_json(body: bytes) -> Mapping[str, Any]:
    import orjson

    try:
        value = orjson.loads(body)
    except ValueError as error:
        raise DataError(f"the request is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise DataError(f"found a JSON {type(value).__name__}; expected an object")
    return value
