"""A model that has a server of its own: requests are passed on to it, and its answers back."""

from collections.abc import Mapping
from typing import Any

from demur.errors import DataError
from demur.guard.wire.sender import Sender
from demur.guard.wire.upstream import Header, Upstream

__all__ = ["PassingOn"]

_WEIGHTS = "lora"
"""What a request calls an adapter and its strength by, for llama.cpp."""
_JSON: Header = (b"content-type", b"application/json")


class PassingOn:
    """A `demur.serving.door.Speaker` in front of llama.cpp's server, which is open to nobody else.

    llama.cpp lets whoever reaches it switch an adapter off, for one request or for everybody. A model that was treated is to
    answer as it was measured, so only OpenAI's protocol passes.

    Args:
        name: of the model.
        upstream: its own server, with the key that opens it.
    """

    paths = ("/chat/completions", "/completions", "/responses")

    def __init__(self, name: str, upstream: Upstream) -> None:
        self._name, self._upstream = name, upstream

    async def open(self) -> None:
        """Open connections."""
        await self._upstream.open()

    async def close(self) -> None:
        """Close them."""
        await self._upstream.close()

    async def speak(self, path: str, asked: Mapping[str, Any], body: bytes, send: Sender) -> None:
        """Pass a request on as it came."""
        if _WEIGHTS in asked:
            raise DataError(f"{_WEIGHTS}: {self._name} answers as it was measured; leave it out")
        async with self._upstream.ask("POST", f"/v1{path}", (_JSON, *self._upstream.credentials), body) as reply:
            send.start(reply.status, [header for header in reply.headers if header[0].lower() == b"content-type"])
            async for piece in reply.pieces():
                await send.piece(piece)
            await send.end()
