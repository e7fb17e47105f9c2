"""A model that costs next to nothing: chat completions, whole or streamed, of a reply that was made beforehand.

The model's name says how it answers: ``mock-100-1`` streams 100 chunks with 1 ms between them, ``mock-100-0`` all of them at once,
and ``refuse-100-0`` refuses. Every reply has an id of its own.
"""

import asyncio
import itertools
import random
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from typing import Any, NamedTuple

import orjson
import uvicorn

from gateway_parts.texts import make_reply

__all__ = ["Directions", "read_directions"]

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_VARIANTS = 64
"""Different replies of each length."""
_ID = b"chatcmpl-0000000000"
_REFUSAL = (
    "I'm sorry, but I can't help with that, because it could hurt somebody. I can help with something else instead. "
)
_JSON, _EVENTS = b"application/json", b"text/event-stream; charset=utf-8"


class Directions(NamedTuple):
    """What a model's name asks for."""

    kind: str
    n_chunks: int
    pause_s: float


def read_directions(model: str) -> Directions:
    """Read a model's name."""
    kind, n_chunks, pause_ms = model.rsplit("/", 1)[-1].split("-")
    return Directions(kind, int(n_chunks), int(pause_ms) / 1000)


class Upstream:
    """An ASGI application."""

    def __init__(self) -> None:
        self._numbers = itertools.count()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{message['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["method"] == "GET":
            await _send_whole(send, b"{}")
        else:
            await self._answer(await _read(receive), send)

    async def _answer(self, body: bytes, send: Send) -> None:
        request, number = orjson.loads(body), next(self._numbers)
        model = request["model"]
        own = b"chatcmpl-%010d" % number
        if not request.get("stream"):
            await _send_whole(send, _whole(model, number % _VARIANTS).replace(_ID, own))
            return
        pause_s = read_directions(model).pause_s
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", _EVENTS)]})
        if not pause_s:
            await send({"type": "http.response.body", "body": _burst(model, number % _VARIANTS).replace(_ID, own)})
            return
        for event in _events(model, number % _VARIANTS):
            await send({"type": "http.response.body", "body": event.replace(_ID, own), "more_body": True})
            await asyncio.sleep(pause_s)
        await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})


async def _read(receive: Receive) -> bytes:
    pieces = []
    while True:
        message = await receive()
        pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(pieces)


async def _send_whole(send: Send, body: bytes) -> None:
    headers = [(b"content-type", _JSON), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@cache
def _pieces(model: str, variant: int) -> list[str]:
    kind, n_chunks, _ = read_directions(model)
    pieces = make_reply(random.Random(variant), n_chunks)
    return pieces if kind == "mock" else [_REFUSAL, *pieces[1:]]


@cache
def _whole(model: str, variant: int) -> bytes:
    text = "".join(_pieces(model, variant))
    message = {"role": "assistant", "content": text, "refusal": None}
    return orjson.dumps(
        {
            **_head(model, "chat.completion"),
            "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
            "usage": {"prompt_tokens": 30, "completion_tokens": 100, "total_tokens": 130},
        }
    )


@cache
def _events(model: str, variant: int) -> list[bytes]:
    """Give the events of a stream: who speaks, one a piece, and how it ends."""
    contents = [{"content": piece} for piece in _pieces(model, variant)]
    deltas: list[dict[str, str]] = [{"role": "assistant", "content": ""}, *contents, {}]
    finish = [*[None] * (len(deltas) - 1), "stop"]
    chunks = (
        {
            **_head(model, "chat.completion.chunk"),
            "choices": [{"index": 0, "delta": delta, "finish_reason": end, "logprobs": None}],
        }
        for delta, end in zip(deltas, finish, strict=True)
    )
    return [b"data: " + orjson.dumps(chunk) + b"\n\n" for chunk in chunks]


@cache
def _burst(model: str, variant: int) -> bytes:
    return b"".join(_events(model, variant)) + b"data: [DONE]\n\n"


def _head(model: str, kind: str) -> dict[str, Any]:
    return {"id": _ID.decode(), "object": kind, "created": 1_700_000_000, "model": model, "system_fingerprint": "fp_0"}


if __name__ == "__main__":
    uvicorn.run(
        Upstream(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False, server_header=False
    )
