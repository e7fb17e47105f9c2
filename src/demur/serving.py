"""A subject as a server: a model of demur's own behind OpenAI's protocol, for a check-up, the guard, or any client."""

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from demur.errors import DataError, DemurError, IncompleteError, MissingExtraError, UsageError
from demur.guard.wire.errors import GoneError, error_of, make_error
from demur.guard.wire.request import read_body, read_object
from demur.guard.wire.sender import Receive, Scope, Send, Sender
from demur.guard.wire.upstream import Header, Limits, Upstream
from demur.subjects import list_subjects, open_subject
from demur.subjects.bundled import SmolLM2
from demur.subjects.local import LOCAL

__all__ = ["Door", "Place", "serve_subject", "served"]

Place = tuple[str, int]
"""Host and port."""

_SPOKEN = ("/chat/completions", "/completions", "/responses")
"""What is passed on: OpenAI's part of the model's own server."""
_WEIGHTS = "lora"
"""What a request calls an adapter and its strength by, for llama.cpp."""
_PATIENCE = Limits(silence_s=3600)
"""A whole reply is silent until it is there, and may wait for others before."""
_JSON: Header = (b"content-type", b"application/json")
_READY_S, _LAST_S = 0.02, 1

_LOG = logging.getLogger("demur.serving")


class Door:
    """An ASGI application between callers and the model's own server, which is open to nobody else.

    llama.cpp lets whoever reaches it switch an adapter off, for one request or for everybody. A model that was treated is to
    answer as it was measured, so only OpenAI's protocol passes.

    Args:
        name: of the model, as callers ask for it.
        upstream: its own server, with the key that opens it.
    """

    def __init__(self, name: str, upstream: Upstream) -> None:
        self._name, self._upstream = name, upstream
        self._since = int(time.time())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection, as the ASGI specification 3.0 has it."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        sender = Sender(send)
        try:
            await self._serve(scope, receive, sender)
        except GoneError:
            return
        except Exception as error:  # noqa: BLE001 -- whatever it is
            if not isinstance(error, DemurError):
                _LOG.exception("%s: could not be served", scope["path"])
            if not sender.has_begun:
                with suppress(GoneError):
                    await sender.json(*error_of(error))

    async def _live(self, receive: Receive, send: Send) -> None:
        for stage, act in (("startup", self._upstream.open), ("shutdown", self._upstream.close)):
            await receive()
            await act()
            await send({"type": f"lifespan.{stage}.complete"})

    async def _serve(self, scope: Scope, receive: Receive, send: Sender) -> None:
        method, path = scope["method"], scope["path"].removeprefix("/v1")
        if method == "GET" and path == "/models":
            model = {"id": self._name, "object": "model", "created": self._since, "owned_by": "demur"}
            await send.json(200, {"object": "list", "data": [model]})
        elif method == "POST" and path in _SPOKEN:
            try:
                body = await read_body(receive)
            except (ValueError, TimeoutError) as error:
                raise DataError(str(error) or "the rest of the request did not come") from None
            if body is None:
                raise GoneError
            await _unless_gone(self._pass_on(path, body, send), receive)
        else:
            here = ", ".join(f"/v1{each}" for each in ("/models", *_SPOKEN))
            message = f"{method} {scope['path']:.200} is not served; {here} are"
            await send.json(404, make_error(message, kind="invalid_request_error"))

    async def _pass_on(self, path: str, body: bytes, send: Sender) -> None:
        asked = read_object(body)
        if asked.get("model", self._name) != self._name:
            message = f"model: found {asked['model']!r:.200}; expected {self._name!r}, which is served here"
            await send.json(404, make_error(message, kind="invalid_request_error", code="model_not_found"))
            return
        if _WEIGHTS in asked:
            raise DataError(f"{_WEIGHTS}: {self._name} answers as it was measured; leave it out")
        async with self._upstream.ask("POST", f"/v1{path}", (_JSON, *self._upstream.credentials), body) as reply:
            send.start(reply.status, [header for header in reply.headers if header[0].lower() == b"content-type"])
            async for piece in reply.pieces():
                await send.piece(piece)
            await send.end()


async def _unless_gone(work: Coroutine[Any, Any, None], receive: Receive) -> None:
    """Do the work of a request; who hangs up ends it, and the model's work with it."""
    tasks = asyncio.ensure_future(work), asyncio.ensure_future(receive())
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks[0].done():
            await tasks[0]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def serve_subject(name: str, *, place: Place, on_ready: Callable[[str], None] = lambda _: None) -> None:
    """Serve a model of demur's own until interrupted.

    Args:
        name: such as ``demur/smollm2``, with an adapter ``demur/smollm2@FOLDER``.
        place: where to listen.
        on_ready: told its address when it listens.

    Raises:
        UsageError: it is no model that can be served. MissingExtraError: it, or the server's libraries, are not installed.
        IncompleteError: the place cannot be had.
    """
    with served(name, place) as address:
        on_ready(address)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


@contextmanager
def served(name: str, place: Place = ("127.0.0.1", 0)) -> Iterator[str]:
    """Serve a model of demur's own from a thread, and give its address, such as ``http://127.0.0.1:8080``.

    Args:
        name: such as ``demur/smollm2``, with an adapter ``demur/smollm2@FOLDER``.
        place: where to listen; at port 0, wherever there is room.

    Raises:
        UsageError: it is no model that can be served. MissingExtraError: it, or the server's libraries, are not installed.
        IncompleteError: the place cannot be had.
    """
    try:
        import uvicorn
    except ImportError:
        raise MissingExtraError("serving needs uvicorn and aiohttp: pip install 'demur[guard]'") from None
    with _listen(place) as listener:  # before the weights are loaded, which takes a while
        subject = _open(name)
        door = Door(subject.name, Upstream(subject.address, key=subject.key, limits=_PATIENCE))
        config = uvicorn.Config(
            door,
            log_level="critical",
            access_log=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=_LAST_S,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(_READY_S)
            host, port = place[0], listener.getsockname()[1]
            yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        finally:
            server.should_exit = True
            thread.join()


def _open(name: str) -> SmolLM2:
    """Open a model that has a server of its own.

    Raises:
        UsageError: it is another's, which is served where it is, or a scripted subject.
    """
    models = [info.name for info in list_subjects() if not _is_scripted(info.name)]
    subject = open_subject(name) if name.partition("@")[0] in models else None
    if not isinstance(subject, SmolLM2):
        what = "is no model of demur's own"
        if _is_scripted(name):
            what = "is told the truth about each question, which no client sends"
        elif name.startswith(LOCAL):
            what = "is run by transformers, and cannot be served yet"
        raise UsageError(
            f"{name} {what}; what can be served: {', '.join(models)}, or demur/smollm2@FOLDER with an adapter"
        )
    return subject


def _is_scripted(name: str) -> bool:
    return name.startswith("demur/scripted/")


def _listen(place: Place) -> socket.socket:
    host, port = place
    try:
        return socket.create_server(place, family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError:
        raise IncompleteError(f"{host}:{port}: cannot listen there; choose another --port, or --host") from None
