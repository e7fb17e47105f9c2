"""The dashboard's pages, as an ASGI application: to be served alone, or mounted by whoever sees to it that only the right people come."""

import asyncio
import time
from hashlib import blake2b
from typing import TYPE_CHECKING, get_args

from demur.errors import MissingExtraError
from demur.following.follower import Follower
from demur.guard.audit import Event, StoreDownError, find_events
from demur.report.dashboard import dashboard_policy, render_dashboard, render_examples, render_parts
from demur.watch.live.picture import Picture, Span, take_picture

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["dashboard_app"]

_OLDEST_S = 2.0
"""Of a picture that is shown once more: however many look, it is taken so often."""


def dashboard_app(follower: Follower, *, where: str, home: str | None = None) -> "Starlette":
    """Make the pages: ``/``, ``/parts`` with what changes in it, and ``/alarms/N`` with the exchanges that show an alarm.

    Args:
        follower: of the store.
        where: what is watched, in words.
        home: address of a page to go back to; None where there is none.

    Raises:
        MissingExtraError: Starlette is not installed.
    """
    try:
        from starlette.applications import Starlette
        from starlette.routing import Route
    except ImportError:
        raise MissingExtraError("the dashboard needs starlette: pip install 'demur[guard]'") from None
    pages = _Pages(follower, where, home)
    return Starlette(
        routes=[
            Route("/", pages.whole),
            Route("/parts", pages.parts),
            Route("/alarms/{number:int}", pages.examples),
        ]
    )


class _Pages:
    """Answers requests; what takes a while is done in a thread."""

    def __init__(self, follower: Follower, where: str, home: str | None) -> None:
        self._follower, self._where, self._home = follower, where, home
        self._pictures: dict[Span, tuple[float, Picture]] = {}
        self._taking = asyncio.Lock()

    async def whole(self, request: "Request") -> "Response":
        """Answer with the whole page."""
        picture = await self._picture(request)
        page = await asyncio.to_thread(render_dashboard, picture, where=self._where, home=self._home)
        return _page(page)

    async def parts(self, request: "Request") -> "Response":
        """Answer with what changes, or that nothing has."""
        picture = await self._picture(request)
        page = await asyncio.to_thread(render_parts, picture)
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
        return _page(await asyncio.to_thread(render_examples, number, alarm, events))

    async def _picture(self, request: "Request") -> Picture:
        asked = request.query_params.get("span", "")
        span: Span = next((span for span in get_args(Span) if span == asked), "day")
        async with self._taking:
            taken_at, picture = self._pictures.get(span, (0.0, None))
            if picture is None or time.monotonic() - taken_at > _OLDEST_S:
                picture = await asyncio.to_thread(self._follower.look, lambda watch: take_picture(watch, span))
                self._pictures[span] = (time.monotonic(), picture)
        return picture

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
