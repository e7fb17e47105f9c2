"""A gateway in front of a server that misbehaves, and what can be seen of both."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from misbehaving import Misbehaving, completion, events, misbehaving, reply, said
from serving import serve

from demur.guard import parse_policy
from demur.guard.audit import AuditStore
from demur.guard.callers import Callers
from demur.guard.gateway import Gateway
from demur.guard.limits import Limiter
from demur.guard.recorder import Recorder
from demur.guard.wire.upstream import Limits, Upstream

__all__ = ["HI", "RULES", "SILENCE_S", "Echo", "Front", "front", "wait_for"]

RULES = """
intent: off
rules:
  - {name: lures, category: fraud, action: block, at: [input], phrases: [phishing mail]}
  - {name: codes, category: privacy, action: block, at: [output], patterns: ['CODE-[0-9]{4}']}
"""
HI = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
SILENCE_S = 0.4
"""For which the upstream may be silent, where a test is about that."""


@dataclass
class Front:
    """A gateway, what stands behind it, and what came out of it."""

    url: str
    upstream: Misbehaving
    events: list[Any] = field(default_factory=list)
    raised: list[BaseException] = field(default_factory=list)
    """What came out of the application, which should be nothing."""
    app: Gateway | None = None
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=20))

    def ask(self, *, is_stream: bool = False, **more: Any) -> httpx.Response:
        """Ask one question."""
        return self.client.post(f"{self.url}/v1/chat/completions", json={**HI, "stream": is_stream, **more})

    def meet(self, *steps: Any, is_stream: bool = False) -> httpx.Response:
        """Ask one question, and have the upstream do this."""
        self.upstream.steps = steps
        return self.ask(is_stream=is_stream)

    def clear(self) -> None:
        """Forget what came so far."""
        self.events.clear()
        self.raised.clear()
        self.upstream.bodies.clear()
        self.upstream.n_gone = 0

    def is_well(self) -> bool:
        """Tell whether nothing was raised and the next request is answered."""
        self.upstream.steps = (reply(completion("Fine.")),)
        answer = self.ask()
        return self.raised == [] and answer.json()["choices"][0]["message"]["content"] == "Fine."


@contextlib.contextmanager
def front(
    policy: str = RULES,
    *,
    store: AuditStore | None = None,
    limits: Limits | None = None,
    limiter: Limiter | None = None,
    is_shadow: bool = False,
) -> Iterator[Front]:
    """Serve a gateway in front of a server that misbehaves."""
    with misbehaving() as upstream:
        shown = Front("", upstream)
        app = Gateway(
            Upstream(upstream.url, limits=limits),
            Callers(parse_policy(policy, "policy.yaml")),
            recorder=Recorder(store, [shown.events.append]),
            limiter=limiter,
            is_shadow=is_shadow,
        )

        shown.app = app

        async def watched(scope, receive, send):
            try:
                await app(scope, receive, send)
            except BaseException as error:
                shown.raised.append(error)
                raise

        with serve(watched) as shown.url, shown.client:
            yield shown


def wait_for(is_so: Callable[[], Any], seconds: float = 5.0) -> None:
    """Wait for something to come true."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


class Echo:
    """An upstream that says what it was asked, some characters at a time, with a turn for everybody in between."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer as OpenAI does."""
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{message['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = b""
        while (message := await receive()).get("more_body"):
            body += message["body"]
        request = json.loads(body + message["body"])
        text = request["messages"][-1]["content"]
        is_stream = request.get("stream") is True
        kind = b"text/event-stream" if is_stream else b"application/json"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
        if not is_stream:
            await send({"type": "http.response.body", "body": completion(text)})
            return
        for start in range(0, len(text), 3):
            piece = events(said(text[start : start + 3]))
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": events(said("", finish="stop"), b"[DONE]")})
