"""How a guarded exchange is conducted: limits, the input rail, the model, the output rail, the record."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from demur.errors import DataError, DemurError, EndpointError, IncompleteError
from demur.guard.callers import Caller
from demur.guard.exchange import Exchange
from demur.guard.history import History
from demur.guard.limits import Allowance, Limiter
from demur.guard.meter import Meter
from demur.guard.recorder import Recorder
from demur.guard.stream import GuardedStream, read_reply
from demur.guard.wire.conversation import Conversation
from demur.guard.wire.dialect import Dialect, FinishReason
from demur.guard.wire.errors import GoneError, error_of, make_error
from demur.guard.wire.request import Request, read_object
from demur.guard.wire.responses_unsent import Unsent, after_own_answer, is_own_id, resume
from demur.guard.wire.sender import Sender
from demur.guard.wire.upstream import Header, Upstream, UpstreamReply, too_long

__all__ = ["Conduct"]

_LOG = logging.getLogger("demur.guard")

_LARGE = 32 * 1024
"""Bytes from which a request is read and looked at in a thread, so that it holds up nobody else."""
_MOST_UNSENT = 16 * 1024
"""Bytes of a request that is kept where the guard answered it itself, so that the model's server can be told of it later."""


@dataclass
class Conduct:
    """Conducts one exchange."""

    caller: Caller
    request: Request
    send: Sender
    upstream: Upstream
    upstream_headers: Any
    recorder: Recorder
    limiter: Limiter | None
    history: History
    is_shadow: bool
    _exchange: Exchange = field(init=False)
    _meter: Meter = field(init=False)
    _is_recorded: bool = field(default=False, init=False)
    _body: Mapping[str, Any] = field(default_factory=dict, init=False)
    """Of the request, as the caller sent it."""
    _unsent: Unsent | None = field(default=None, init=False)
    """What the model's server had not seen of the conversation before."""
    _is_kept: bool = field(default=False, init=False)
    """Whether somebody may go on from the reply by its id."""
    _own_id: str | None = field(default=None, init=False)
    """Of the guard's own answer, as the caller saw it."""

    async def run(self, dialect: Dialect) -> None:
        """Answer the request, be it with an error, and record what happened.

        Raises:
            DataError: the request cannot be read. IncompleteError: nothing may be said that is not recorded, and it cannot be.
            GoneError: the answer broke off when it had begun.
        """
        self._is_kept = dialect.is_kept
        is_large = len(self.request.body) > _LARGE
        asked = await asyncio.to_thread(self._read, dialect) if is_large else self._read(dialect)
        self._resume(asked)
        asked = self.history.complete(asked, caller=self.caller.identity)
        if asked.is_history_unknown and self.caller.name is not None:
            raise DataError(
                "previous_response_id: found one that is not known to be yours; send the conversation as input"
            )
        self._exchange = Exchange(
            self.caller,
            asked,
            path=self.request.path,
            address=self.request.address_hash,
            began=self.send.began,
            is_shadow=self.is_shadow,
        )
        self._meter = Meter(self.limiter, self._exchange, address=self.request.address)
        if self.recorder.must_refuse(self.caller.guard.policy.fail.audit):
            raise IncompleteError("the audit store is down, and nothing is said that is not recorded")
        self.send.before_end = self._record
        try:
            await self._answer(dialect)
        except (asyncio.CancelledError, GoneError) as error:
            is_silent = isinstance(error, GoneError)
            self._exchange.error = "the caller does not read" if is_silent else "the caller hung up"
            with suppress(IncompleteError):
                await self._record()
            await self._meter.settle()
            raise
        except Exception as error:  # noqa: BLE001 -- whatever it is, the caller hears of it and it is recorded
            await self._fail(error)

    async def _fail(self, error: Exception) -> None:
        """Tell the caller of an error, if that is still possible."""
        if not isinstance(error, DemurError):
            _LOG.error("%s: the gateway failed", self.request.path, exc_info=error)
        told = str(error) if isinstance(error, DemurError) else type(error).__name__
        self._exchange.error = self._exchange.error or told
        if self.send.has_begun:
            with suppress(IncompleteError):
                await self._record()
            await self._meter.settle()
            raise GoneError from None
        await self.send.json(*error_of(error))

    async def _answer(self, dialect: Dialect) -> None:
        exchange = self._exchange
        allowance = await self._meter.take()
        if allowance is not None and not allowance.is_allowed and not self.is_shadow:
            await self._send_limited(allowance)
            return
        if len(self.request.body) > _LARGE:
            await asyncio.to_thread(exchange.see)
        else:
            exchange.see()
        own = exchange.answer()
        if own is None:
            await self._ask(dialect)
            return
        if exchange.decision.action == "block":
            await self._meter.hold_off()
        finish: FinishReason = "content_filter" if exchange.decision.action == "block" else "stop"
        await self._send_own(dialect, own, finish)

    async def _send_limited(self, allowance: Allowance) -> None:
        self._exchange.limited(allowance.which)
        what = "too many blocked requests" if allowance.is_penalty else f"the limit per {allowance.which} is used up"
        error = make_error(f"{what}; try again later", kind="rate_limit_error", code="rate_limit_exceeded")
        await self.send.json(429, error, self._headers())

    # -- the model

    async def _ask(self, dialect: Dialect) -> None:
        request = self.request
        async with self.upstream.ask(request.method, request.target, self.upstream_headers, request.body) as reply:
            if not reply.is_ok:
                await self._send_error(dialect, reply)
            elif reply.is_stream:
                await self._stream(dialect, reply)
            else:
                await self._whole(dialect, reply)
        await self._meter.settle()
        if self._exchange.has_blocked_reply:
            await self._meter.hold_off()

    async def _send_error(self, dialect: Dialect, reply: UpstreamReply) -> None:
        """Pass an error of the upstream on, and see whether it is its filter's.

        Raises:
            EndpointError: it leads the caller elsewhere, past the guard.
        """
        if reply.status < 400:  # noqa: PLR2004 -- RFC 9110, 15.4
            raise EndpointError(f"the upstream answered {reply.status}, which would lead past the guard")
        body = await reply.read()
        if b"content_filter" in body or b"content_policy" in body:
            self._exchange.said.finish = "content_filter"
        self._exchange.error = f"the upstream answered {reply.status}"
        if self._is_forbidden(dialect, body) and not self.is_shadow:
            error = make_error(self._exchange.error, kind="upstream_error")
            await self.send.json(reply.status, error, self._headers())
            return
        self.send.start(reply.status, self._all_headers(reply))
        await self.send.end(body)

    def _is_forbidden(self, dialect: Dialect, body: bytes) -> bool:
        """Tell whether an error says what may not leave: some give what the model had said."""
        exchange = self._exchange
        try:
            said = read_reply(body, "what")
        except EndpointError:
            said = {"error": body.decode("utf-8", "replace")}
        rail = dialect.reply_rail(exchange.asked, exchange.hold_back, exchange.block_reply)
        return rail.check(said) is not None

    async def _whole(self, dialect: Dialect, reply: UpstreamReply) -> None:
        import orjson

        exchange = self._exchange
        body = await reply.read()
        completion = read_reply(body, "what")
        rail = dialect.reply_rail(exchange.asked, exchange.hold_back, exchange.block_reply)
        checked = exchange.check(rail, completion)
        instead = await self._judge()
        if instead is not None:
            checked = dialect.answer(exchange.asked, instead, "content_filter")
            self._own_id = _id_of(checked)
        self.send.start(reply.status, self._all_headers(reply))
        await self.send.end(body if checked is None or self.is_shadow else orjson.dumps(checked))

    async def _stream(self, dialect: Dialect, reply: UpstreamReply) -> None:
        exchange = self._exchange
        rail = dialect.stream_rail(exchange.asked, exchange.hold_back, exchange.block_reply)
        exchange.hear(rail.said)
        stream = GuardedStream(dialect, rail, exchange)
        self.send.start(reply.status, self._all_headers(reply))
        try:
            if self.is_shadow:
                async for piece in stream.pieces(reply):
                    await self.send.piece(piece)
                await self._judge()
            elif exchange.guard.output.needs_whole(exchange.harm):
                await self._stream_when_judged(dialect, stream, reply)
            else:
                async for event in stream.events(reply):
                    await self.send.piece(event)
                await self._judge()
        finally:
            stream.finish()
        await self.send.end(b"" if self.is_shadow or stream.broken is not None else dialect.end)

    async def _stream_when_judged(self, dialect: Dialect, stream: GuardedStream, reply: UpstreamReply) -> None:
        """Send a stream when all of it has come and the judge has read it.

        Raises:
            EndpointError: it is longer than any reply that is read as a whole.
        """
        events, size = [], 0
        async for event in stream.events(reply):
            events.append(event)
            size += len(event)
            if size > reply.limits.reply_bytes:
                raise too_long(reply.limits)
        instead = await self._judge()
        if instead is not None:
            asked = self._exchange.asked
            own = list(dialect.stream(asked, instead, "content_filter"))
            self._own_id = _id_of(own[0])
            events = [dialect.write(event) for event in own]
        for event in events:
            await self.send.piece(event)

    async def _judge(self) -> str | None:
        """Judge the reply: in a thread where it has several texts, which may take a second."""
        exchange = self._exchange
        return await asyncio.to_thread(exchange.judge) if exchange.said.has_more else exchange.judge()

    # -- answers and the record

    async def _send_own(self, dialect: Dialect, text: str, finish: FinishReason) -> None:
        exchange = self._exchange
        if not exchange.asked.is_stream:
            answer = dialect.answer(exchange.asked, text, finish)
            self._own_id = _id_of(answer)
            await self.send.json(200, answer, self._headers())
            return
        self.send.start_events(self._headers())
        for event in dialect.stream(exchange.asked, text, finish):
            self._own_id = self._own_id or _id_of(event)
            await self.send.piece(dialect.write(event))
        await self.send.end(dialect.end)

    def _all_headers(self, reply: UpstreamReply) -> tuple[Header, ...]:
        """Give the upstream's headers and the guard's; where both speak of limits, those that hold here."""
        own = self._headers()
        names = {name for name, _ in own}
        return (*((name, value) for name, value in reply.headers if name.lower() not in names), *own)

    def _headers(self) -> tuple[Header, ...]:
        return (*self._meter.headers, *self._exchange.headers())

    async def _record(self) -> None:
        """Record the exchange, once."""
        if self._is_recorded:
            return
        self._is_recorded = True
        self._remember()
        self._exchange.end(self.send.status or 0, first_byte_s=self.send.first_byte_s)
        await self.recorder.record(self._exchange, mode=self.caller.guard.policy.fail.audit)

    def _read(self, dialect: Dialect) -> Conversation:
        self._body = read_object(self.request.body)
        return dialect.read(self._body)

    def _resume(self, asked: Conversation) -> None:
        """Put into the request what the model's server has not seen of the conversation.

        Raises:
            DataError: it goes on from an answer of the guard's own that is not known here.
        """
        self._unsent = self.history.unsent(asked, caller=self.caller.identity)
        if self._unsent is not None:
            import orjson

            self.request = self.request._replace(body=orjson.dumps(resume(self._body, self._unsent)))
        elif is_own_id(asked.previous):
            raise DataError(
                "previous_response_id: found an answer that the guard gave and does not keep; expected a later one, "
                "or the conversation as input"
            )

    def _remember(self) -> None:
        """Keep the exchange under the id that the caller saw: before the answer's end, for a follow-up may come at once."""
        exchange = self._exchange
        reply = self._own_id or exchange.said.id
        if reply is None or not self._is_kept:
            return
        said = exchange.own or exchange.said.text
        is_short = is_own_id(self._own_id) and len(self.request.body) <= _MOST_UNSENT
        unsent = after_own_answer(self._body, said, self._unsent) if is_short else None
        self.history.remember(
            reply, said, exchange.asked, caller=self.caller.identity, root=exchange.conversation, unsent=unsent
        )


def _id_of(answer: Mapping[str, Any]) -> str | None:
    """Give the id of an answer, as it or one of its events says it."""
    response = answer.get("response")
    name = (response if isinstance(response, Mapping) else answer).get("id")
    return name if isinstance(name, str) else None
