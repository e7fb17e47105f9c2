"""The least a proxy can do: it passes a request on and the reply back as it comes, and looks at nothing."""

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import aiohttp
import uvicorn

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_NOT_PASSED_ON = frozenset(
    (b"host", b"content-length", b"connection", b"accept-encoding", b"transfer-encoding", b"date", b"server")
)


class BareProxy:
    """An ASGI application in front of one server."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve a connection."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._relay(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while (message := await receive())["type"] != "lifespan.shutdown":
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1000))
            await send({"type": f"{message['type']}.complete"})
        if self._session is not None:
            await self._session.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _relay(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if self._session is None:
            raise RuntimeError("the proxy has not started")
        pieces, more = [], True
        while more:
            message = await receive()
            pieces.append(message.get("body", b""))
            more = message.get("more_body", False)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in _kept(scope["headers"])]
        async with self._session.request(
            scope["method"], self._upstream + scope["path"], headers=headers, data=b"".join(pieces) or None
        ) as reply:
            kept = _kept(reply.raw_headers)
            await send({"type": "http.response.start", "status": reply.status, "headers": kept})
            async for piece in reply.content.iter_any():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def _kept(headers: Any) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name.lower() not in _NOT_PASSED_ON]


if __name__ == "__main__":
    uvicorn.run(
        BareProxy(sys.argv[2]),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="warning",
        access_log=False,
        server_header=False,
    )
