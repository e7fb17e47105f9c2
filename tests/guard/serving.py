"""A gateway and what stands behind it, served on this machine for as long as a test lasts."""

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from demur.guard import parse_policy
from demur.guard.callers import Callers
from demur.guard.gateway import Gateway
from demur.guard.limits import Limiter
from demur.guard.recorder import Recorder
from demur.guard.wire.upstream import Limits, Upstream

__all__ = ["Model", "gateway", "serve"]


@dataclass
class Model:
    """An upstream that says what it is told, a piece at a time."""

    pieces: list[str] = field(default_factory=lambda: ["Hello", " there."])
    """Of the reply's content; a stream sends each as a chunk."""
    status: int = 200
    raw: bytes | None = None
    """Sent in place of everything, after the headers."""
    breaks_after: int | None = None
    """Chunks after which the connection is cut."""
    delta: dict[str, Any] | None = None
    """Sent as the delta of one chunk in place of the pieces."""
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    n_cancelled: int = 0
    pause_s: float = 0.0

    async def __call__(self, scope, receive, send):
        """Answer as OpenAI does."""
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{message['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope, receive, send):
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        request = json.loads(body) if body else {}
        self.requests.append({"path": scope["path"], **request})
        self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        is_stream = request.get("stream") is True
        kind = b"text/event-stream" if is_stream else b"application/json"
        await send({"type": "http.response.start", "status": self.status, "headers": [(b"content-type", kind)]})
        if self.raw is not None:
            await send({"type": "http.response.body", "body": self.raw})
            return
        head = {"id": "chatcmpl-1", "created": 0, "model": request.get("model", "m")}
        if not is_stream:
            message = {"role": "assistant", "content": "".join(self.pieces), "refusal": None}
            whole = {
                **head, "object": "chat.completion",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
                "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
            }  # fmt: skip
            await send({"type": "http.response.body", "body": json.dumps(whole).encode()})
            return
        await self._stream(head, receive, send)

    async def _stream(self, head, receive, send):
        deltas = [{"role": "assistant", "content": ""}, *({"content": piece} for piece in self.pieces)]
        if self.delta is not None:
            deltas = [self.delta]
        gone = asyncio.ensure_future(receive())
        for n, delta in enumerate(deltas):
            if n == self.breaks_after:
                raise ConnectionError("cut")
            if gone.done():
                self.n_cancelled += 1
                return
            chunk = {
                **head,
                "object": "chat.completion.chunk",
                "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
            }
            await send(
                {"type": "http.response.body", "body": f"data: {json.dumps(chunk)}\n\n".encode(), "more_body": True}
            )
            await asyncio.sleep(self.pause_s)
        end = {
            **head,
            "object": "chat.completion.chunk",
            "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
        }
        await send({"type": "http.response.body", "body": f"data: {json.dumps(end)}\n\ndata: [DONE]\n\n".encode()})
        gone.cancel()


@contextlib.contextmanager
def serve(app: Any) -> Iterator[str]:
    """Serve an application in a thread, and give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@contextlib.contextmanager
def gateway(
    upstream: Any,
    policy: str = "",
    *,
    is_shadow: bool = False,
    limits: Limits | None = None,
    recorder: Recorder | None = None,
    limiter: Limiter | None = None,
) -> Iterator[str]:
    """Serve a gateway in front of an application or an address, and give its address."""
    with contextlib.ExitStack() as stack:
        url = upstream if isinstance(upstream, str) else stack.enter_context(serve(upstream))
        callers = Callers(parse_policy(policy, "policy.yaml"))
        app = Gateway(
            Upstream(url, limits=limits, key="upstream-secret"),
            callers,
            recorder=recorder,
            limiter=limiter,
            is_shadow=is_shadow,
        )
        yield stack.enter_context(serve(app))
