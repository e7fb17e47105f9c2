"""The routes for who runs the gateway: closed to everybody until a token is set."""

from hmac import compare_digest

from demur.guard.metrics import Metrics
from demur.guard.wire.errors import make_error
from demur.guard.wire.request import Request
from demur.guard.wire.sender import Sender

__all__ = ["PREFIX", "Admin", "is_page"]

PREFIX = "/admin/"
_METRICS = f"{PREFIX}metrics"
_METRICS_TYPE = (b"content-type", b"text/plain; version=0.0.4; charset=utf-8")


def is_page(path: str) -> bool:
    """Tell whether a path is of the pages for people, where there are any: they know who is signed in, and no bearer's token."""
    return path.startswith(PREFIX) and path != _METRICS


class Admin:
    """Answers under ``/admin/``.

    Args:
        token: opens the routes to whoever sends it as a bearer's; None closes them.
        metrics: what ``/admin/metrics`` shows; None shows nothing.
    """

    def __init__(self, token: str | None, metrics: Metrics | None) -> None:
        self._token, self._metrics = token, metrics

    async def answer(self, request: Request, send: Sender) -> None:
        """Answer a request; to who may not ask, nothing is there."""
        is_metrics = request.path == _METRICS and request.method == "GET"
        if self._metrics is None or not is_metrics or not self._is_let_in(request):
            await send.json(404, make_error("nothing is here", kind="invalid_request_error"))
            return
        send.start(200, (_METRICS_TYPE,))
        await send.end(self._metrics.text())

    def _is_let_in(self, request: Request) -> bool:
        if not self._token:
            return False
        sent = next((value for name, value in request.headers if name.lower() == b"authorization"), b"")
        return compare_digest(sent, f"Bearer {self._token}".encode())
