"""What asks: a light HTTP client, as many requests at a time as one likes, or each at its time whatever became of those before."""

import asyncio
import gc
import re
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import NamedTuple, cast

import httptools
import orjson
import uvicorn

__all__ = ["Answer", "ask_at", "ask_in_turn", "check", "event_loop", "make_request"]

_HEAD = (
    "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: identity\r\nConnection: keep-alive\r\nAccept: application/json\r\n"
    "Content-Type: application/json\r\nUser-Agent: AsyncOpenAI/Python 3.4.0\r\nX-Stainless-Lang: python\r\nX-Stainless-Package-Version: 3.4.0\r\n"
    "X-Stainless-OS: Linux\r\nX-Stainless-Arch: x64\r\nX-Stainless-Runtime: CPython\r\nX-Stainless-Runtime-Version: 3.11.7\r\n"
    "X-Stainless-Async: async:asyncio\r\nX-Stainless-Retry-Count: 0\r\nX-Stainless-Read-Timeout: 600\r\n"
)
"""As the OpenAI client writes it."""
_SPOKEN = re.compile(rb'"content": ?"[^"]')
_OWN, _FILTERED = b'"chatcmpl-demur-', b'"guardrail_name"'
"""What an answer of demur's own holds, and one that LiteLLM's filter put an end to."""
_END = b"[DONE]"
_OK = 200
_SHOWN = 200
"""Bytes of an answer that are kept, to be shown where it failed."""


class Answer(NamedTuple):
    """What came of a request."""

    status: int
    lag_s: float
    """How much later than due it was sent; 0 where nothing was due."""
    first_s: float
    """From sending to the first byte of the body."""
    spoken_s: float | None
    """To the first text in it; None where there was none."""
    done_s: float
    """To its end."""
    is_whole: bool
    """Whether a stream ended as it should."""
    is_own: bool
    """Whether the guard answered, be it with an error, in the model's place."""
    end: bytes
    """The last of its body."""


def make_request(messages: Sequence[dict[str, str]], model: str, *, is_stream: bool, key: str = "bench") -> bytes:
    """Write a request as the OpenAI client does."""
    body = orjson.dumps({"messages": messages, "model": model, **({"stream": True} if is_stream else {})})
    return f"{_HEAD}Authorization: Bearer {key}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@contextmanager
def event_loop() -> Iterator[asyncio.Runner]:
    """Make the loop the servers have, too, and keep the collector of garbage out of it."""
    gc.collect()
    gc.freeze()
    with asyncio.Runner(loop_factory=uvicorn.Config("").get_loop_factory()) as runner:
        yield runner


class _Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    @property
    def is_open(self) -> bool:
        """Whether it can be asked; a server closes what is idle for some seconds."""
        return self._transport is not None and not self._transport.is_closing()

    def ask(self, request: bytes, due: float | None) -> asyncio.Future[Answer]:
        """Send a request.

        Raises:
            ConnectionResetError: it is not open.
        """
        if self._transport is None or not self.is_open:
            raise ConnectionResetError("the server closed the connection")
        self._answer = asyncio.get_running_loop().create_future()
        self._first = self._spoken = None
        self._tail, self._is_own = b"", False
        self._is_stream = b'"stream":true' in request[-20:]
        self._sent = time.perf_counter()
        self._lag = 0.0 if due is None else self._sent - due
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        """Take a piece; called by the parser."""
        if self._first is None:
            self._first = time.perf_counter() - self._sent
            self._is_own = _OWN in body
        self._is_own = self._is_own or _FILTERED in body
        if self._spoken is None and _SPOKEN.search(body):
            self._spoken = time.perf_counter() - self._sent
        self._tail = (self._tail + body)[-_SHOWN:]

    def on_message_complete(self) -> None:
        """Take the end; called by the parser."""
        self._end(is_whole=not self._is_stream or _END in self._tail)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 -- as asyncio calls it
        self._end(is_whole=False)

    def _end(self, *, is_whole: bool) -> None:
        if self._answer is None or self._answer.done():
            return
        done = time.perf_counter() - self._sent
        first = done if self._first is None else self._first
        self._answer.set_result(
            Answer(
                self._parser.get_status_code(), self._lag, first, self._spoken, done, is_whole, self._is_own, self._tail
            )
        )

    def close(self) -> None:
        """End it."""
        if self._transport is not None:
            self._transport.close()

    _first: float | None
    _spoken: float | None


async def _connect(port: int) -> _Connection:
    _, connection = await asyncio.get_running_loop().create_connection(_Connection, "127.0.0.1", port)
    return connection


async def ask_in_turn(port: int, requests: Iterable[bytes], *, concurrency: int, within_s: float) -> list[Answer]:
    """Ask so many at a time, each as soon as one before is done.

    Raises:
        SystemExit: a connection failed, or it took longer.
    """
    answers: list[Answer] = []
    waiting = iter(requests)

    async def work() -> None:
        connection = await _connect(port)
        for request in waiting:
            if not connection.is_open:
                connection = await _connect(port)
            answers.append(await connection.ask(request, None))
        connection.close()

    async with _together(port, within_s) as group:
        for _ in range(concurrency):
            group.create_task(work())
    return answers


async def ask_at(port: int, requests: Sequence[bytes], offsets_s: Sequence[float], *, within_s: float) -> list[Answer]:
    """Ask each at its time, whatever became of those before.

    Args:
        port: of the server.
        requests: to be asked.
        offsets_s: when, from the beginning.
        within_s: longest that all of it may take.

    Raises:
        SystemExit: a connection failed, or it took longer.
    """
    answers: list[Answer] = []
    free: list[_Connection] = [await _connect(port) for _ in range(16)]

    async def ask(request: bytes, due: float) -> None:
        while free and not free[-1].is_open:
            free.pop()
        connection = free.pop() if free else await _connect(port)
        answers.append(await connection.ask(request, due))
        free.append(connection)

    begun = time.perf_counter()
    async with _together(port, within_s) as group:
        for request, offset in zip(requests, offsets_s, strict=True):
            due = begun + offset
            if (left := due - time.perf_counter()) > 0:
                await asyncio.sleep(left)
            group.create_task(ask(request, due))
    for connection in free:
        connection.close()
    return answers


@asynccontextmanager
async def _together(port: int, within_s: float) -> AsyncIterator[asyncio.TaskGroup]:
    """Run tasks until all are done, and say in one line what failed."""
    try:
        async with asyncio.timeout(within_s), asyncio.TaskGroup() as group:
            yield group
    except TimeoutError:
        raise SystemExit(f"port {port}: not everything was answered within {within_s:.0f} s") from None
    except ExceptionGroup as failures:
        raise SystemExit(
            f"port {port}: {len(failures.exceptions)} connections failed: {failures.exceptions[0]}"
        ) from None


def check(name: str, answers: Sequence[Answer]) -> None:
    """End where a gateway did not answer as it should: its figures would be those of something else.

    Raises:
        SystemExit: it did not.
    """
    failed = [one for one in answers if not one.is_own and (one.status != _OK or not one.is_whole)]
    if failed:
        first = failed[0]
        raise SystemExit(
            f"{name}: {len(failed)} of {len(answers)} answers failed; the first has status {first.status} and ends {first.end!r}"
        )
