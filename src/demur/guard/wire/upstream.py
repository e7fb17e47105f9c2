"""The model behind the guard: any OpenAI-compatible server, spoken to as its client would."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from demur.errors import EndpointError, UsageError

if TYPE_CHECKING:
    import aiohttp

__all__ = ["Header", "Limits", "Upstream", "UpstreamReply", "too_long"]

Header = tuple[bytes, bytes]

_HOP_BY_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"te", b"trailer", b"transfer-encoding",
     b"upgrade", b"host", b"content-length", b"accept-encoding", b"expect"}
)  # fmt: skip
"""RFC 9110, 7.6.1; and what the two connections settle for themselves."""
_OWN = frozenset({b"content-encoding", b"date", b"server"})
"""Of a reply: it is decoded here and not encoded again, and sent by this server now."""
_LARGE = 256 * 1024
"""Bytes of a request from which it is written piece by piece, so that it holds up nobody else."""
_LAST_S = 0.1
_GUARDS = b"x-demur-"
"""How this gateway's own headers begin: nobody else speaks for it."""
_UNFIT = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
"""In the value of a header: no server sends it on (RFC 9110, 5.5)."""


@dataclass(frozen=True)
class Limits:
    """How long, how much and how many."""

    connect_s: float = 10
    silence_s: float = 300
    """Longest without a byte."""
    connections: int = 1000
    reply_bytes: int = 64 * 1024 * 1024
    """Of a reply that is read as a whole."""


class UpstreamReply:
    """A reply that has begun."""

    def __init__(self, response: "aiohttp.ClientResponse", limits: Limits) -> None:
        self._response = response
        self.limits = limits
        self.status = response.status
        self.headers: Sequence[Header] = [
            (name, value)
            for name, value in _kept(response.raw_headers)
            if name.lower() not in _OWN and not name.lower().startswith(_GUARDS) and _UNFIT.search(value) is None
        ]
        self.is_stream = response.content_type == "text/event-stream"
        self.is_ok = 200 <= response.status < 300  # noqa: PLR2004 -- RFC 9110, 15.3

    async def read(self) -> bytes:
        """Read all of it.

        Raises:
            EndpointError: it is too long, or broke off.
        """
        pieces, size = [], 0
        async for piece in self.pieces():
            size += len(piece)
            if size > self.limits.reply_bytes:
                raise too_long(self.limits)
            pieces.append(piece)
        return b"".join(pieces)

    async def finish(self) -> None:
        """Wait a moment for the end of a stream that has said all: then its connection can be used again."""
        with suppress(TimeoutError, EndpointError):
            async with asyncio.timeout(_LAST_S):
                async for _ in self.pieces():
                    pass

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give its bytes as they come.

        Raises:
            EndpointError: it broke off.
        """
        import aiohttp

        try:
            async for piece in self._response.content.iter_any():
                yield piece
        except (aiohttp.ClientError, TimeoutError) as error:
            raise EndpointError(f"the upstream broke off: {_word(error)}") from None


_BASE = re.compile(r"https?://[^/?#\s]+[^?#\s]*")


class Upstream:
    """A connection pool to one server."""

    def __init__(self, url: str, *, limits: Limits | None = None, key: str | None = None) -> None:
        """Take the server's base, with or without ``/v1`` at its end, and the key to show it where callers have keys of ours.

        Raises:
            UsageError: it is no address of a server.
        """
        if _BASE.fullmatch(url) is None:
            raise UsageError(
                f"upstream: found {url!r:.200}; expected the base of a server, such as http://localhost:8000/v1"
            )
        self._base = url.rstrip("/").removesuffix("/v1")
        self._limits = limits or Limits()
        self._session: aiohttp.ClientSession | None = None
        self.credentials: tuple[Header, ...] = ((b"authorization", f"Bearer {key}".encode()),) if key else ()

    async def open(self) -> None:
        """Make the pool."""
        import aiohttp

        limits = self._limits
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=limits.connections),
            timeout=aiohttp.ClientTimeout(total=None, connect=limits.connect_s, sock_read=limits.silence_s),
            auto_decompress=True,
            cookie_jar=aiohttp.DummyCookieJar(),  # one caller's cookies are not another's
        )

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def ask(self, method: str, path: str, headers: Iterable[Header], body: bytes) -> AsyncIterator[UpstreamReply]:
        """Pass a request on; whoever leaves early ends it.

        Args:
            method: of the request.
            path: with its query.
            headers: of the request; those of the connection are left out.
            body: of the request.

        Raises:
            EndpointError: the server cannot be reached, or does not answer in time.
        """
        import aiohttp
        from yarl import URL

        if self._session is None:
            raise EndpointError("the gateway has not started yet")
        try:
            response = await self._session.request(
                method,
                URL(self._base + path, encoded=True),
                headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in _kept(headers)],
                data=BytesIO(body) if len(body) > _LARGE else body or None,
                allow_redirects=False,
            )
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError, OSError, ValueError) as error:
            raise EndpointError(f"the upstream cannot be reached: {_word(error)}") from None
        try:
            if not 200 <= response.status < 600:  # noqa: PLR2004 -- RFC 9110, 15: no status of a reply that is one
                raise EndpointError(f"the upstream answered with the status {response.status}")
            yield UpstreamReply(response, self._limits)
        finally:
            response.close()


def _kept(headers: Iterable[Header]) -> list[Header]:
    return [(name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP]


def too_long(limits: Limits) -> EndpointError:
    """Make the error of a reply that is not read to its end."""
    return EndpointError(f"the upstream's reply is longer than {limits.reply_bytes} bytes")


def _word(error: BaseException) -> str:
    """Say what went wrong without the upstream's address, which is nobody's business, and without the bytes it sent."""
    import aiohttp

    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection ({type(error.os_error).__name__})"
    if isinstance(error, aiohttp.ServerDisconnectedError | ConnectionError | asyncio.IncompleteReadError):
        return "it hung up"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "its reply is not whole"
    return f"it does not speak HTTP as it should ({type(error).__name__})"
