"""The site: parts behind one door, each request of them with a session, each form with the session's own token."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, quote

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demur.pages.people import People, Person
from demur.pages.session import Session, Sessions
from demur.report.page import read_asset, read_template
from demur.watch.review import Role

__all__ = ["PREFIX", "Page", "Visit", "make_site", "render", "visit_of"]

PREFIX = "/admin"
_COOKIE, _DOOR_COOKIE = "demur_session", "demur_door"
_FORM_TOKEN = "form_token"  # noqa: S105 -- the name of a field
_MOST_BYTES = 64 * 1024
"""Of a form."""
_WRONG_S = 0.5
"""For which whoever signs in with a wrong token waits."""
_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


@dataclass(frozen=True)
class Page:
    """A part of the site."""

    path: str
    """Below ``/admin/``, such as ``review``."""
    title: str
    routes: Sequence[BaseRoute]
    """What answers there; the paths are below its own, and an endpoint finds who asks with `visit_of`."""
    role: Role = "reviewer"
    """The least that may see it."""
    assets: tuple[str, ...] = ()
    """Scripts and styles that ship with the report and are served to its pages; they hold nothing that is secret."""


@dataclass(frozen=True)
class Visit:
    """One request of somebody who is signed in."""

    person: Person
    form_token: str
    """To stand in every form, in the field ``form_token``."""
    form: Mapping[str, str] = field(default_factory=dict)
    """What was sent, if it was a form; its token has been checked."""
    pages: tuple[Page, ...] = ()
    """The parts that this person may see."""


def visit_of(request: Request) -> Visit:
    """Give who asks, and what they send."""
    found: Visit = request.scope["demur.visit"]
    return found


def render(template: str, request: Request, /, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Answer with a page from a template of the report's room; whatever is put into it is escaped."""
    visit = request.scope.get("demur.visit")
    text = read_template(template).render(
        visit=visit, asset=_address_of, prefix=PREFIX, path=request.scope["path"], **values
    )
    return HTMLResponse(text.encode("utf-8", "replace"), status)


def make_site(pages: Sequence[Page], people: People, sessions: Sessions) -> ASGIApp:
    """Put parts together to an ASGI application for the paths from ``/admin`` on; the first is where one comes in."""
    door = _Door(people, sessions, f"{PREFIX}/{pages[0].path}")
    assets = {"page.css", "admin.css", *(name for page in pages for name in page.assets)}

    async def send_asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in assets:
            raise HTTPException(404)
        headers = {"cache-control": "private, max-age=86400"}  # its address changes with it
        return Response(read_asset(name), headers=headers, media_type=_TYPES[name.rpartition(".")[2]])

    routes: list[BaseRoute] = [
        Route(PREFIX, door.welcome),
        Route(f"{PREFIX}/", door.welcome),
        Route(f"{PREFIX}/sign-in", door.show, methods=["GET"]),
        Route(f"{PREFIX}/sign-in", door.enter, methods=["POST"]),
        Route(f"{PREFIX}/sign-out", door.leave, methods=["POST"]),
        Route(f"{PREFIX}/static/{{name}}", send_asset),
    ]
    for page in pages:
        gate = _Gate(Router(routes=page.routes), page, tuple(pages), people, sessions)
        routes += [Route(f"{PREFIX}/{page.path}", gate), Mount(f"{PREFIX}/{page.path}", app=gate)]
    return _Sealed(Starlette(routes=routes))


class _Sealed:
    """Puts the headers on every answer that keep what somebody wrote from doing anything."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sealed)


class _Gate:
    """Lets only those into a part who are signed in and may see it, and only forms of their own session."""

    def __init__(self, app: ASGIApp, page: Page, pages: tuple[Page, ...], people: People, sessions: Sessions) -> None:
        self._app, self._page, self._pages = app, page, pages
        self._people, self._sessions = people, sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        request = Request(scope, receive)
        session = self._sessions.open(request.cookies.get(_COOKIE))
        if session is None or session.person is None or not self._people.knows(session.person):
            await _to_door(request)(scope, receive, send)
            return
        if not session.person.may(self._page.role):
            await _say("This is for leads only.", 403)(scope, receive, send)
            return
        form: Mapping[str, str] = {}
        if scope["method"] not in ("GET", "HEAD"):
            sent = await _read_form(request)
            if sent is None or not self._sessions.is_own_form(session, sent.get(_FORM_TOKEN, "")):
                await _say(
                    "This form is not of your session: go back, load the page again, and send it once more.", 403
                )(scope, receive, send)
                return
            form = sent
        person = session.person
        seen = tuple(page for page in self._pages if person.may(page.role))
        scope["demur.visit"] = Visit(person, self._sessions.form_token(session), form, seen)
        if not scope.get("root_path", "").endswith(
            f"{PREFIX}/{self._page.path}"
        ):  # the part itself, without anything below it
            scope = {**scope, "root_path": scope["path"], "path": f"{scope['path']}/"}
        await self._app(scope, receive, send)


class _Door:
    """Signs people in and out."""

    def __init__(self, people: People, sessions: Sessions, first: str) -> None:
        self._people, self._sessions, self._first = people, sessions, first

    async def welcome(self, request: Request) -> Response:  # noqa: ARG002 -- Starlette's signature
        return RedirectResponse(self._first, 303)

    async def show(self, request: Request) -> Response:
        """Show the form, which has a session of its own until somebody is signed in."""
        return self._form(request, to=_safe(request.query_params.get("to"), self._first))

    async def enter(self, request: Request) -> Response:
        """Sign in; the session is a new one."""
        form = await _read_form(request)
        door = self._sessions.open(request.cookies.get(_DOOR_COOKIE))
        to = _safe((form or {}).get("to"), self._first)
        if form is None or door is None or not self._sessions.is_own_form(door, form.get(_FORM_TOKEN, "")):
            return self._form(
                request, to=to, fault="The page had been open for too long. Please try again.", status=403
            )
        person = self._people.admit(form.get("name", ""), form.get("token", ""))
        if person is None:
            await asyncio.sleep(_WRONG_S)
            fault = "Name and token do not belong together."
            return self._form(request, to=to, fault=fault, name=form.get("name", ""), status=403)
        answer = RedirectResponse(to, 303)
        self._set(request, answer, _COOKIE, self._sessions.begin(person))
        answer.delete_cookie(_DOOR_COOKIE, path=PREFIX)
        return answer

    async def leave(self, request: Request) -> Response:
        """Sign out."""
        form = await _read_form(request)
        session = self._sessions.open(request.cookies.get(_COOKIE))
        if session is not None and form is not None:
            if not self._sessions.is_own_form(session, form.get(_FORM_TOKEN, "")):
                return _say("This form is not of your session.", 403)
            self._sessions.end(session)
        answer = RedirectResponse(f"{PREFIX}/sign-in", 303)
        answer.delete_cookie(_COOKIE, path=PREFIX)
        return answer

    def _form(self, request: Request, *, to: str, fault: str = "", name: str = "", status: int = 200) -> Response:
        door = self._sessions.begin(None)
        token = self._sessions.form_token(door)
        answer = render("sign_in.html.jinja", request, status=status, to=to, fault=fault, name=name, form_token=token)
        self._set(request, answer, _DOOR_COOKIE, door)
        return answer

    def _set(self, request: Request, answer: Response, name: str, session: Session) -> None:
        answer.set_cookie(
            name,
            self._sessions.seal(session),
            path=PREFIX,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )


async def _read_form(request: Request) -> dict[str, str] | None:
    """Read a form; None where it is none, or too long."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BYTES:
            return None
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100))
    except ValueError:
        return None


def _to_door(request: Request) -> Response:
    if request.method not in ("GET", "HEAD"):
        return _say("You are not signed in, or no longer: sign in and send it again.", 401)
    return RedirectResponse(f"{PREFIX}/sign-in?to={quote(request.scope['path'])}", 303)


def _safe(to: str | None, otherwise: str) -> str:
    """Give where to go on: nowhere but a path of this site."""
    return (
        to
        if to and to.startswith(f"{PREFIX}/") and "//" not in to and "\\" not in to and to.isprintable()
        else otherwise
    )


def _say(text: str, status: int) -> Response:
    return Response(f"{text}\n", status, media_type="text/plain; charset=utf-8")


@cache
def _address_of(name: str) -> str:
    return f"{PREFIX}/static/{name}?{sha256(read_asset(name).encode()).hexdigest()[:8]}"
