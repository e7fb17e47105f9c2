"""The dashboard's pages, as an ASGI application: to be served alone, or mounted by whoever sees to it that only the right people come."""

import asyncio
import time
from hashlib import blake2b
from typing import TYPE_CHECKING, get_args

from demur.errors import DemurError, MissingExtraError
from demur.following.follower import Follower, name_store
from demur.guard.audit import Event, StoreDownError, find_events
from demur.report.dashboard import dashboard_policy, render_dashboard, render_examples, render_parts
from demur.watch.live.metrics import CONTENT_TYPE, metrics_text, read_figures
from demur.watch.live.picture import Picture, Span, take_picture
from demur.watch.live.webhook import Webhook
from demur.watch.review import read_labelled
from demur.watch.review.balance import LiveBalance, measure_balance

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

__all__ = ["dashboard_routes", "make_alone"]

_NAMES = ["127.0.0.1", "localhost"]
_OLDEST_S, _BALANCE_S = 2.0, 20.0
"""Of a picture, and of what people said, that is shown once more: however many look, they are taken so often."""


def dashboard_routes(follower: Follower, *, where: str) -> "list[Route]":
    """Make the pages: ``/``, ``/parts`` with what changes in it, and ``/alarms/N`` with the exchanges that show an alarm.

    Args:
        follower: of the store.
        where: what is watched, in words.

    Raises:
        MissingExtraError: Starlette is not installed.
    """
    try:
        from starlette.routing import Route
    except ImportError:
        raise MissingExtraError("the dashboard needs starlette: pip install 'demur[guard]'") from None
    pages = _Pages(follower, where)
    return [
        Route("/", pages.whole),
        Route("/parts", pages.parts),
        Route("/alarms/{number:int}", pages.examples),
    ]


def make_alone(follower: Follower, webhook: Webhook | None) -> "Starlette":
    """Make an application of the pages and ``/metrics`` for whoever is at this machine; no other name of it is answered to.

    A page of another site cannot read it: a name that leads here, which somebody else has made, is not one of this machine's.

    Raises:
        MissingExtraError: a library is not installed.
    """
    routes = dashboard_routes(follower, where=name_store(follower.store))
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.responses import Response
    from starlette.routing import Route

    async def show_metrics(_: "Request") -> "Response":
        text = await asyncio.to_thread(metrics_text, lambda: follower.look(read_figures), webhook)
        return Response(text, media_type=CONTENT_TYPE)

    return Starlette(
        routes=[*routes, Route("/metrics", show_metrics)],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=_NAMES, www_redirect=False)],
    )


class _Pages:
    """Answers requests; what takes a while is done in a thread."""

    def __init__(self, follower: Follower, where: str) -> None:
        self._follower, self._where = follower, where
        self._pictures: dict[Span, tuple[float, Picture]] = {}
        self._taking = asyncio.Lock()
        self._balance: tuple[float, LiveBalance | None] = (-_BALANCE_S, None)

    async def whole(self, request: "Request") -> "Response":
        """Answer with the whole page."""
        picture, balance = await self._picture(request), await self._measure()
        visit = request.scope.get("demur.visit")  # of somebody who is signed in
        links = [(page.title, f"/admin/{page.path}") for page in (visit.pages if visit else ())]
        base = request.scope.get("root_path", "")
        return _page(
            await asyncio.to_thread(
                render_dashboard, picture, balance, where=self._where, base=base, links=links, visit=visit
            )
        )

    async def parts(self, request: "Request") -> "Response":
        """Answer with what changes, or that nothing has."""
        picture, balance = await self._picture(request), await self._measure()
        page = await asyncio.to_thread(render_parts, picture, balance, base=request.scope.get("root_path", ""))
        tag = f'"{blake2b(page.encode(), digest_size=8).hexdigest()}"'
        if request.headers.get("if-none-match") == tag:
            return _page("", status=304, tag=tag)
        return _page(page, tag=tag)

    async def examples(self, request: "Request") -> "Response":
        """Answer with the exchanges that show an alarm."""
        from starlette.responses import PlainTextResponse

        number = request.path_params["number"]
        alarms = self._follower.look(lambda watch: list(watch.drift.alarms))
        if not 1 <= number <= len(alarms):
            return PlainTextResponse("there is no such alarm", status_code=404)
        alarm = alarms[number - 1]
        try:
            events = await asyncio.to_thread(self._find, alarm.examples)
        except StoreDownError as error:
            return PlainTextResponse(str(error), status_code=503)
        base = request.scope.get("root_path", "")
        return _page(await asyncio.to_thread(render_examples, number, alarm, events, base=base))

    async def _picture(self, request: "Request") -> Picture:
        asked = request.query_params.get("span", "")
        span: Span = next((span for span in get_args(Span) if span == asked), "day")
        async with self._taking:
            taken_at, picture = self._pictures.get(span, (0.0, None))
            if picture is None or time.monotonic() - taken_at > _OLDEST_S:
                picture = await asyncio.to_thread(self._follower.look, lambda watch: take_picture(watch, span))
                self._pictures[span] = (time.monotonic(), picture)
        return picture

    async def _measure(self) -> LiveBalance | None:
        """Measure both sides on what people have labelled; None where that cannot be read."""
        measured_at, balance = self._balance
        if time.monotonic() - measured_at > _BALANCE_S:
            balance = await asyncio.to_thread(self._read_balance)
            self._balance = (time.monotonic(), balance)
        return balance

    def _read_balance(self) -> LiveBalance | None:
        try:
            return measure_balance(read_labelled(self._follower.store))
        except DemurError:
            return None  # the review has pages of its own, which say what is wrong

    def _find(self, ids: tuple[str, ...]) -> list[Event]:
        return find_events(self._follower.store, ids)


def _page(text: str, *, status: int = 200, tag: str | None = None) -> "Response":
    from starlette.responses import HTMLResponse

    headers = {
        "content-security-policy": dashboard_policy(),
        "cache-control": "no-cache, private",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
    return HTMLResponse(text, status_code=status, headers=headers | ({"etag": tag} if tag else {}))
