"""Servers that do what no server should: they stall, lie about lengths, break off, and send what is no protocol."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["CUT", "Misbehaving", "Step", "completion", "events", "head", "misbehaving", "reply", "said"]

CUT = None
"""A step: the connection is reset."""
Step = bytes | float | None
"""What a server does next: it sends bytes, waits for seconds, or cuts the connection."""

_MOST_HEADERS = 1 << 20


@dataclass
class Misbehaving:
    """A server of raw sockets; each request is met with the steps, and then the connection is closed."""

    steps: Sequence[Step] = ()
    bodies: list[bytes] = field(default_factory=list)
    """Of the requests that came."""
    url: str = ""
    n_done: int = 0
    """Steps, of all requests."""
    n_gone: int = 0
    """Callers that went before the steps were done."""
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    """Of all connections: at the end none is left to the collector of garbage, which complains in whatever test it runs."""

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read a request, and do the steps."""
        self.writers.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, asyncio.CancelledError):
            headers = await reader.readuntil(b"\r\n\r\n")
            lengths = [line[15:] for line in headers.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            self.bodies.append(await reader.readexactly(int(lengths[0]) if lengths else 0))
            gone = asyncio.ensure_future(_gone(reader))
            for step in self.steps:
                if step is CUT:
                    writer.transport.abort()
                elif isinstance(step, bytes):
                    writer.write(step)
                    await asyncio.wait({gone, asyncio.ensure_future(_drained(writer))}, return_when="FIRST_COMPLETED")
                else:
                    await asyncio.wait({gone}, timeout=step)
                if gone.done():
                    self.n_gone += 1
                    break
                self.n_done += 1
            gone.cancel()
        writer.close()


@contextlib.contextmanager
def misbehaving(*steps: Step, port: int = 0) -> Iterator[Misbehaving]:
    """Serve in a thread for as long as a test lasts, on a free port or on this one."""
    server = Misbehaving(steps)
    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(
        asyncio.start_server(server.meet, "127.0.0.1", port, limit=_MOST_HEADERS, backlog=1000)
    )
    server.url = "http://{}:{}".format(*listening.sockets[0].getsockname())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_close(server, listening), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _gone(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(ConnectionError):
        while await reader.read(65_536):
            pass


async def _drained(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        await writer.drain()


async def _close(server: Misbehaving, listening: asyncio.Server) -> None:
    listening.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for writer in server.writers:
        writer.transport.abort()
    await asyncio.sleep(0)


def head(kind: str = "application/json", *, status: str = "200 OK", **headers: str) -> bytes:
    """Make the head of a reply; underscores in names of headers stand for hyphens."""
    lines = [f"HTTP/1.1 {status}", f"content-type: {kind}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "connection: close", "", ""]).encode()


def reply(body: bytes, kind: str = "application/json", *, status: str = "200 OK", **headers: str) -> bytes:
    """Make a whole reply, its length said truly."""
    return head(kind, status=status, content_length=str(len(body)), **headers) + body


def completion(content: Any = "Hello there.", **more: Any) -> bytes:
    """Make a chat completion with one choice."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop", **more}
    return json.dumps({"id": "c", "object": "chat.completion", "model": "m", "choices": [choice]}).encode()


def said(text: Any, *, finish: str | None = None, index: Any = 0) -> bytes:
    """Make the data of a chunk of a stream."""
    choice = {"index": index, "delta": {"content": text}, "finish_reason": finish}
    return json.dumps({"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [choice]}).encode()


def events(*data: bytes, end: bytes = b"\n") -> bytes:
    """Write data as events, each line closed by `end`."""
    return b"".join(b"data: " + each + 2 * end for each in data)
