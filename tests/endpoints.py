"""A model endpoint that does as it is told."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Answer:
    """What the endpoint says to one request."""

    text: str | None = "Sure. Here is how to go about it: begin with the basics, then take it step by step."
    status: int = 200
    finish_reason: str = "stop"
    delay_s: float = 0.0
    reasoning: str | None = None
    error: dict[str, Any] | None = None
    body: bytes | None = None
    """Sent as it is, instead of a chat completion."""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class Endpoint:
    """An OpenAI-compatible endpoint on this machine; `answer` decides what it says to each request."""

    def __init__(self) -> None:
        self.answer: Callable[[dict[str, Any], int], Answer] = lambda _request, _n: Answer()
        self.requests: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with endpoint._lock:
                    endpoint.requests.append(request)
                    n = len(endpoint.requests)
                answer = endpoint.answer(request, n)
                time.sleep(answer.delay_s)
                body = answer.body if answer.body is not None else json.dumps(_body(request, answer)).encode()
                # A client that has gone away is what some tests are about.
                with suppress(BrokenPipeError, ConnectionResetError):
                    self.send_response(answer.status)
                    self.send_header("Content-Type", answer.content_type)
                    self.send_header("Content-Length", str(len(body)))
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing on the test's output."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def asked(self) -> Counter[str]:
        """How often each last message was asked."""
        return Counter(request["messages"][-1]["content"] for request in self.requests)

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _body(request: dict[str, Any], answer: Answer) -> dict[str, Any]:
    if answer.error is not None:
        return {"error": answer.error}
    message: dict[str, Any] = {"role": "assistant", "content": answer.text}
    if answer.reasoning is not None:
        message["reasoning_content"] = answer.reasoning
    n_tokens = len((answer.text or "").split())
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": request["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": answer.finish_reason}],
        "usage": {"prompt_tokens": 10, "completion_tokens": n_tokens, "total_tokens": 10 + n_tokens},
    }


@pytest.fixture
def endpoint(monkeypatch) -> Iterator[Endpoint]:
    """Run an endpoint that Inspect knows as ``openai-api/fake/MODEL``."""
    running = Endpoint()
    monkeypatch.setenv("FAKE_BASE_URL", running.url)
    monkeypatch.setenv("FAKE_API_KEY", "test")
    yield running
    running.close()
