"""The door of a served model: what of OpenAI's protocol passes, and nothing else."""

import asyncio
import logging
import time
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from demur.errors import DataError, DemurError
from demur.guard.wire.errors import GoneError, error_of, make_error
from demur.guard.wire.request import read_body, read_object
from demur.guard.wire.sender import Receive, Scope, Send, Sender

__all__ = ["Door", "Speaker"]

_LOG = logging.getLogger("demur.serving")


class Speaker(Protocol):
    """Who answers behind a door."""

    @property
    def paths(self) -> Sequence[str]:
        """Those it answers, below /v1."""
        ...

    async def open(self) -> None:
        """Get ready."""
        ...

    async def close(self) -> None:
        """Be done."""
        ...

    async def speak(self, path: str, asked: Mapping[str, Any], body: bytes, send: Sender) -> None:
        """Answer a request.

        Args:
            path: one of its own.
            asked: what the body says.
            body: as it came.
            send: takes the answer.

        Raises:
            DataError: it is no request that can be answered. DemurError: there is no answer now.
        """
        ...


class Door:
    """An ASGI application between callers and a model.

    Args:
        name: of the model, as callers ask for it.
        speaker: who answers for it.
    """

    def __init__(self, name: str, speaker: Speaker) -> None:
        self._name, self._speaker = name, speaker
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
        for stage, act in (("startup", self._speaker.open), ("shutdown", self._speaker.close)):
            await receive()
            await act()
            await send({"type": f"lifespan.{stage}.complete"})

    async def _serve(self, scope: Scope, receive: Receive, send: Sender) -> None:
        method, path = scope["method"], scope["path"].removeprefix("/v1")
        if method == "GET" and path == "/models":
            model = {"id": self._name, "object": "model", "created": self._since, "owned_by": "demur"}
            await send.json(200, {"object": "list", "data": [model]})
        elif method == "POST" and path in self._speaker.paths:
            try:
                body = await read_body(receive)
            except (ValueError, TimeoutError) as error:
                raise DataError(str(error) or "the rest of the request did not come") from None
            if body is None:
                raise GoneError
            await _unless_gone(self._speak(path, body, send), receive)
        else:
            here = ", ".join(f"/v1{each}" for each in ("/models", *self._speaker.paths))
            message = f"{method} {scope['path']:.200} is not served; {here} are"
            await send.json(404, make_error(message, kind="invalid_request_error"))

    async def _speak(self, path: str, body: bytes, send: Sender) -> None:
        asked = read_object(body)
        if asked.get("model", self._name) != self._name:
            message = f"model: found {asked['model']!r:.200}; expected {self._name!r}, which is served here"
            await send.json(404, make_error(message, kind="invalid_request_error", code="model_not_found"))
            return
        await self._speaker.speak(path, asked, body, send)


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
