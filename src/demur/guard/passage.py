"""Requests by paths that no rail knows: which pass, and what of a reply that a server has stored may be read again."""

from urllib.parse import parse_qs

from demur.errors import DataError, EndpointError
from demur.guard.callers import Caller
from demur.guard.history import History
from demur.guard.stream import read_reply
from demur.guard.wire.errors import make_error
from demur.guard.wire.request import Request
from demur.guard.wire.responses import Responses
from demur.guard.wire.sender import Sender
from demur.guard.wire.upstream import UpstreamReply

__all__ = ["objection_to", "reads_stored", "send_stored"]

_STORES = ("responses", "conversations", "completions")
"""Parts of a path under which servers keep what was said."""
_OPEN = (
    "embeddings",
    "moderations",
    "completions",
    "generations",
    "speech",
    "transcriptions",
    "translations",
    "rerank",
    "tokenize",
)
"""How a path ends that answers from what is sent alone, and from nothing that somebody else has stored."""


def objection_to(request: Request, caller: Caller, history: History) -> str | None:
    """Say why a request may not pass; None where it may.

    Where the policy closes what is not guarded, only the list of models is open. Where callers have keys, they share the
    upstream's account: none of them reads, changes or deletes what another has stored there.
    """
    parts = request.path.lower().strip("/").split("/")
    if request.method in ("GET", "HEAD") and ("models" in parts[-2:] or parts[-1] in ("health", "version")):
        return None
    if caller.guard.policy.unguarded == "refuse":
        return f"{request.path} is not guarded, and not open here"
    if caller.name is None or (request.method == "POST" and parts[-1] in _OPEN):
        return None
    if reads_stored(request) and history.has(parts[-1], caller=caller.identity):
        return None
    return f"{request.path} may hold what others have stored, and is not open to a key of this gateway"


def reads_stored(request: Request) -> bool:
    """Tell whether a request reads what was said before."""
    return request.method == "GET" and any(part in _STORES for part in request.path.lower().split("/"))


async def send_stored(request: Request, caller: Caller, reply: UpstreamReply, send: Sender) -> None:
    """Send what was stored, if none of it is to be blocked: a reply that was blocked is stored as the model gave it.

    Raises:
        DataError: it is asked for as a stream, which no rail follows here. EndpointError: it cannot be read.
    """
    if "true" in parse_qs(request.target.partition("?")[2]).get("stream", []):
        raise DataError("stream: a stored reply is given as a whole here; leave it out")
    body = await reply.read()
    if not reply.is_ok:
        send.start(reply.status, reply.headers)
        await send.end(body)
        return
    asked = Responses().read({"input": ""})
    output = caller.guard.output
    rail = Responses().reply_rail(asked, output.hold_back, lambda _: "")
    try:
        is_blocked = rail.check(read_reply(body, "what")) is not None
    except EndpointError:
        is_blocked = True
    if is_blocked:
        error = make_error(
            "what is stored there may not be read here", kind="invalid_request_error", code="content_filter"
        )
        await send.json(403, error)
        return
    send.start(reply.status, reply.headers)
    await send.end(body)
