"""A streamed reply on its way to the caller: cut into events, put on the output rail, and written again."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from demur.errors import EndpointError
from demur.guard.exchange import Exchange, RailFailedError
from demur.guard.wire.dialect import Dialect, StreamRail
from demur.guard.wire.errors import error_of
from demur.guard.wire.sse import EventReader, write_event
from demur.guard.wire.upstream import UpstreamReply

__all__ = ["GuardedStream", "read_reply"]

_DONE = b"[DONE]"


class GuardedStream:
    """Gives of a stream what may leave.

    Args:
        dialect: that it is written in.
        rail: that decides.
        exchange: that it belongs to.
    """

    def __init__(self, dialect: Dialect, rail: StreamRail, exchange: Exchange) -> None:
        self._dialect, self._rail, self._exchange = dialect, rail, exchange
        self._is_unguarded = False
        """Whether the rail broke, and the policy says that the stream goes on without it."""
        self._rail_s = 0.0
        self.broken: Exception | None = None
        """How the stream broke off."""

    async def events(self, reply: UpstreamReply) -> AsyncIterator[bytes]:
        """Give the events as they may leave; a stream that breaks off ends as the part that came would have, and then says so."""
        import orjson

        rail = self._rail
        try:
            async for some in _data_of(reply):
                ready, is_done, failure = self._ready(some)
                if ready:
                    yield ready
                if failure is not None:
                    raise failure
                if is_done:
                    await reply.finish()
                if is_done or rail.is_over:
                    break
            else:
                if rail.said.finish is None:
                    self._break_off(EndpointError("the upstream broke off: the stream ended before the reply did"))
        except (EndpointError, RailFailedError) as error:
            self._break_off(error)
        for rest in self._rest():
            yield self._dialect.write(rest)
        if self.broken is not None:
            _, body = error_of(self.broken)
            yield write_event(orjson.dumps(body))

    def _ready(self, some: Sequence[bytes]) -> tuple[bytes, bool, Exception | None]:
        """Give what may leave of events that came together, in one piece: each is a call of the system's.

        Returns:
            That, whether the stream says that it is over, and how it broke off.
        """
        ready = b""
        try:
            for data in some:
                if data == _DONE:
                    return ready, True, None
                for event in self._feed(read_reply(data, "an event that")):
                    ready += self._dialect.write(event)
                if self._rail.is_over:
                    break
        except (EndpointError, RailFailedError) as error:
            return ready, False, error
        return ready, False, None

    async def pieces(self, reply: UpstreamReply) -> AsyncIterator[bytes]:
        """Give the stream as it comes, and look at it on the side."""
        reader = EventReader()
        async for piece in reply.pieces():
            try:
                for data in reader.feed(piece):
                    if data != _DONE:
                        self._feed(read_reply(data, "an event that"))
            except EndpointError as error:
                self._exchange.error = str(error)
            yield piece
        self._rest()

    def finish(self) -> None:
        """Take down what the rail came to."""
        self._exchange.warn(self._rail.warned)
        if not self._is_unguarded and not isinstance(self.broken, RailFailedError):
            self._exchange.ran("output", self._exchange.rail_result, self._rail_s * 1000)

    def _feed(self, event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Put an event on the rail.

        Raises:
            EndpointError: it is none. RailFailedError: the rail broke, and fails closed.
        """
        if self._is_unguarded:
            return [event]
        began = time.perf_counter()
        try:
            return list(self._rail.feed(event))
        except EndpointError:
            raise
        except Exception as error:
            failure = self._exchange.failed("output", error, self._rail_s * 1000)
            if failure is not None:
                raise failure from error
            rest = self._rest()
            self._is_unguarded = True
            return [*rest, event]
        finally:
            self._rail_s += time.perf_counter() - began

    def _rest(self) -> Sequence[Mapping[str, Any]]:
        """Give what the rail still holds."""
        if self._is_unguarded or isinstance(self.broken, RailFailedError):
            return []
        try:
            return list(self._rail.end())
        except Exception as error:  # noqa: BLE001 -- whatever it is, what is held stays held
            if (failure := self._exchange.failed("output", error, self._rail_s * 1000)) is not None:
                self._break_off(failure)
            return []

    def _break_off(self, error: Exception) -> None:
        self.broken = error
        self._exchange.error = self._exchange.error or str(error)


def read_reply(data: bytes, what: str) -> Mapping[str, Any]:
    """Read a JSON object that the upstream sent.

    Raises:
        EndpointError: it is none.
    """
    import orjson

    try:
        value = orjson.loads(data)
    except ValueError:
        raise EndpointError(f"the upstream sent {what} is no JSON") from None
    if not isinstance(value, dict):
        raise EndpointError(f"the upstream sent {what} is a JSON {type(value).__name__}; expected an object")
    return value


async def _data_of(reply: UpstreamReply) -> AsyncIterator[list[bytes]]:
    """Give the data of the events that came together."""
    reader = EventReader()
    async for piece in reply.pieces():
        if some := list(reader.feed(piece)):
            yield some
    if some := list(reader.end()):  # some servers do not close the last one
        yield some
