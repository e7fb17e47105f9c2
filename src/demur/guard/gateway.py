"""The gateway: an ASGI application between a caller and a model, which speaks OpenAI's protocol to both."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from hashlib import blake2b
from urllib.parse import quote

from demur.errors import DemurError
from demur.guard.admin import PREFIX, Admin, is_page
from demur.guard.callers import Caller, Callers
from demur.guard.conduct import Conduct
from demur.guard.history import History
from demur.guard.limits import Limiter
from demur.guard.passage import objection_to, reads_stored, send_stored
from demur.guard.recorder import Recorder
from demur.guard.wire.chat import Chat
from demur.guard.wire.dialect import Dialect
from demur.guard.wire.errors import GoneError, error_of, make_error
from demur.guard.wire.request import Request, is_plain, read_body
from demur.guard.wire.responses import Responses
from demur.guard.wire.sender import Receive, Scope, Send, Sender
from demur.guard.wire.upstream import Header, Upstream

__all__ = ["Gateway"]

_LOG = logging.getLogger("demur.guard")

_DIALECTS: Sequence[Dialect] = (Chat(), Responses())


class Gateway:
    """An ASGI application.

    Args:
        upstream: the model behind it.
        callers: who is let in, with the guard of each; put another one in its place to change the policy while it runs.
        recorder: where events go.
        limiter: keeps count of what callers use; None counts nothing.
        admin: answers whoever runs it; None answers nobody.
        pages: an ASGI application that has the paths below ``/admin/`` to itself, but for the metrics; None has none.
        is_shadow: whether decisions are made and told, and not enforced.
        salt: of the hashes of addresses; several gateways with one store have one salt. Random where none is given.
    """

    def __init__(
        self,
        upstream: Upstream,
        callers: Callers,
        *,
        recorder: Recorder | None = None,
        limiter: Limiter | None = None,
        admin: Admin | None = None,
        pages: Callable[[Scope, Receive, Send], Awaitable[None]] | None = None,
        is_shadow: bool = False,
        salt: bytes = b"",
    ) -> None:
        self.callers = callers
        self._admin, self._pages = admin or Admin(None, None), pages
        self._upstream, self._recorder, self._limiter = upstream, recorder or Recorder(), limiter
        self._is_shadow = is_shadow
        self._history = History()
        self._salt = salt or os.urandom(16)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection, as the ASGI specification 3.0 has it."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http" and self._pages is not None and is_page(scope["path"]):
            await self._pages(scope, receive, send)
        elif scope["type"] == "http":
            await self._serve_or_say(scope, receive, Sender(send))
        elif scope["type"] == "websocket":  # nothing said there could be looked at
            await send({"type": "websocket.close"})

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._upstream.open()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await send(await self._close())
                return

    async def _close(self) -> dict[str, str]:
        """Close everything, one after the other, whatever fails on the way, and say how it went."""
        failed = []
        for part in (self._upstream, self._recorder, self._limiter):
            try:
                if part is not None:
                    await part.close()
            except Exception as error:  # noqa: BLE001 -- the others are to be closed all the same
                _LOG.exception("the gateway could not close everything")
                failed.append(str(error))
        if failed:
            return {"type": "lifespan.shutdown.failed", "message": "; ".join(failed)}
        return {"type": "lifespan.shutdown.complete"}

    async def _serve_or_say(self, scope: Scope, receive: Receive, send: Sender) -> None:
        """Serve a request; whatever goes wrong, the caller hears of it as long as that is possible, and is cut off after."""
        try:
            await self._serve(scope, receive, send)
        except GoneError:  # who hangs up ends what is done for them, the upstream's work too
            return
        except Exception as error:  # noqa: BLE001 -- whatever it is
            if not isinstance(error, DemurError):
                _LOG.exception("%s: the gateway failed", scope["path"])
            if not send.has_begun:
                with suppress(GoneError):
                    await send.json(*error_of(error))

    async def _serve(self, scope: Scope, receive: Receive, send: Sender) -> None:
        path = scope["path"]
        if path == "/healthz":
            await send.json(200, {"status": "ok"})
            return
        if path == "/readyz":
            policy = self.callers.policy
            is_down = all(self._recorder.must_refuse(each.fail.audit) for each in (policy, *policy.tenants.values()))
            told = {"status": "the audit store does not answer"} if is_down else {"status": "ok"}
            await send.json(503 if is_down else 200, told)
            return
        if not is_plain(path) or not scope.get("raw_path", b"/").startswith(b"/"):
            await send.json(400, make_error("the path is not plain", kind="invalid_request_error"))
            return
        caller = self.callers.admit(scope["headers"])
        if caller is None and not path.startswith(PREFIX):
            # OpenAI's words: LiteLLM knows by them that it is the key.
            error = make_error("Incorrect API key provided", kind="invalid_request_error", code="invalid_api_key")
            await send.json(401, error, ((b"connection", b"close"),))  # its body is not read
            return
        try:
            body = await read_body(receive)
        except ValueError as error:
            await send.json(413, make_error(str(error), kind="invalid_request_error"))
            return
        except TimeoutError:
            late = make_error("the rest of the request did not come", kind="invalid_request_error")
            await send.json(408, late, ((b"connection", b"close"),))
            return
        if body is None:
            raise GoneError
        work = asyncio.ensure_future(self._answer(caller, self._request(scope, body), send))
        gone = asyncio.ensure_future(_hung_up(receive))
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done() and not send.has_ended:
                raise GoneError
            await work  # who has the answer is gone as well, and is yet to be charged
        finally:
            for task in (work, gone):
                task.cancel()
            await asyncio.gather(work, gone, return_exceptions=True)

    def _request(self, scope: Scope, body: bytes) -> Request:
        query = scope.get("query_string", b"").decode("latin-1")
        raw = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1")
        client = scope.get("client")
        return Request(
            method=scope["method"].upper(),
            path=scope["path"],
            target=f"{raw}?{query}" if query else raw,
            headers=scope["headers"],
            body=body,
            address=None if client is None else client[0],
            address_hash=None
            if client is None
            else blake2b(client[0].encode(), digest_size=8, key=self._salt).hexdigest(),
        )

    async def _answer(self, caller: Caller | None, request: Request, send: Sender) -> None:
        if caller is None or request.path.startswith(PREFIX):
            await self._admin.answer(request, send)
            return
        dialect = _dialect_of(request)
        if dialect is None:
            await self._pass_on(caller, request, send)
        else:
            await self._conduct(caller, request, send).run(dialect)

    def _conduct(self, caller: Caller, request: Request, send: Sender) -> Conduct:
        return Conduct(
            caller=caller,
            request=request,
            send=send,
            upstream=self._upstream,
            upstream_headers=self._headers_for_upstream(request.headers),
            recorder=self._recorder,
            limiter=self._limiter,
            history=self._history,
            is_shadow=self._is_shadow,
        )

    async def _pass_on(self, caller: Caller, request: Request, send: Sender) -> None:
        objection = objection_to(request, caller, self._history)
        if objection is not None:
            await send.json(403, make_error(objection, kind="invalid_request_error"))
            return
        headers = self._headers_for_upstream(request.headers)
        async with self._upstream.ask(request.method, request.target, headers, request.body) as reply:
            if reads_stored(request) and not self._is_shadow:
                await send_stored(request, caller, reply, send)
                return
            send.start(reply.status, reply.headers)
            async for piece in reply.pieces():
                await send.piece(piece)
            await send.end()

    def _headers_for_upstream(self, headers: Iterable[Header]) -> Iterable[Header]:
        """Keep a caller's key from the model where it is this gateway's; the model gets its own."""
        if not self.callers.has_keys:
            return headers
        kept = [(name, value) for name, value in headers if name.lower() not in (b"authorization", b"api-key")]
        return [*kept, *self._upstream.credentials]


def _dialect_of(request: Request) -> Dialect | None:
    if request.method != "POST" and not request.body:
        return None
    path = request.path.rstrip("/").lower()  # some servers do not tell capitals apart
    return next((dialect for dialect in _DIALECTS if path.endswith(dialect.suffix)), None)


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
