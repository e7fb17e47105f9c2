"""The site of a store: opened when somebody first asks for it, for the gateway or alone."""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from demur.errors import DemurError, UsageError
from demur.pages.gathering import Gathering
from demur.pages.people import LEAD_TOKEN, REVIEW_TOKEN, People, read_people
from demur.pages.review import review_page
from demur.pages.session import Sessions, session_key
from demur.pages.site import PREFIX, make_site
from demur.serving.running import Place, check_server, listen, running
from demur.watch.review import ReviewStore

__all__ = ["LazySite", "serve_review"]

_LOG = logging.getLogger("demur.review")


class LazySite:
    """An ASGI application: the pages of a store, which is not opened before somebody asks.

    Args:
        url: of the store.
        people: who may sign in.
        key: that sessions are signed with.
    """

    def __init__(self, url: str, people: People, key: bytes) -> None:
        self._url, self._people, self._sessions = url, people, Sessions(key)
        self._store: ReviewStore | None = None
        self._gathering = Gathering(url)
        self._site: ASGIApp | None = None
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; while the store cannot be had, say so."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        try:
            async with self._turn:
                if self._site is None:
                    self._site = await asyncio.to_thread(self._open)
        except DemurError as error:
            _LOG.error("the pages cannot be shown: %s", error)
            await Response("The store does not answer.\n", 503, media_type="text/plain")(scope, receive, send)
            return
        await self._site(scope, receive, send)

    def close(self) -> None:
        """End what runs beside."""
        self._gathering.close()
        if self._store is not None:
            self._store.close()

    def _open(self) -> ASGIApp:
        self._store = ReviewStore(self._url)
        return make_site([review_page(self._url, self._store, self._gathering)], self._people, self._sessions)


def serve_review(
    url: str, *, place: Place, reviewers: Path | None = None, on_ready: Callable[[str], None] = lambda _: None
) -> None:
    """Serve the review of a store by itself until interrupted.

    Args:
        url: of the store.
        place: where to listen.
        reviewers: file of who may sign in, beside those with a token of the environment.
        on_ready: told the page's address when it listens.

    Raises:
        UsageError: nobody may sign in, or the URL is no store's. MissingExtraError: a library is not installed.
        DataError: the file, or the review's tables, cannot be read. IncompleteError: the place or the store cannot be had.
    """
    check_server()
    people = read_people(reviewers)
    if not people:
        raise UsageError(
            f"nobody may sign in: set {REVIEW_TOKEN} or {LEAD_TOKEN}, or give --reviewers; demur review token makes a token"
        )
    ReviewStore(url).close()  # what is wrong with it is said now
    site = LazySite(url, people, session_key())
    try:
        with listen(place) as listener, running(site, listener) as address, suppress(KeyboardInterrupt):
            on_ready(f"{address}{PREFIX}/review")
            threading.Event().wait()
    finally:
        site.close()


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
