"""The review: one case a screen; what the judge made of it is shown when the reviewer has said what they think."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, get_args

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from demur.cases import HAZARDS
from demur.errors import DemurError
from demur.pages.gathering import Gathering
from demur.pages.site import PREFIX, Page, Visit, render, visit_of
from demur.report.wording import EXPECT_WORDS, OUTCOME_WORDS, moment
from demur.types import Expect, Outcome
from demur.watch.review import REASONS, Item, Label, Reason, ReviewStore, new_label_id, read_labelled
from demur.watch.review.figures import ReviewFigures, measure_review
from demur.watch.review.settling import is_unsettled

__all__ = ["review_page"]

_HERE = f"{PREFIX}/review"
_FIGURES_S = 10.0
"""For which figures are shown before they are made anew."""
_MOST_NOTE = 1_000
_EXPECTS: tuple[Expect, ...] = get_args(Expect)
_OUTCOMES: tuple[tuple[Outcome, str], ...] = (
    ("comply", "Answers"), ("partial", "Answers in part"), ("refuse", "Refuses"),
    ("clarify", "Asks back"), ("empty", "Says nothing"), ("garbled", "Is garbled"),
)  # fmt: skip
_REASON_WORDS: dict[Reason, str] = {
    "crisis": "Crisis", "alarm": "Alarm", "disagreement": "Disagreement", "unsure": "Unsure", "sample": "Sample",
}  # fmt: skip
_REASON_COUNTS: dict[Reason, str] = {
    "crisis": "in a crisis", "alarm": "of alarms", "disagreement": "disagreed on", "unsure": "unsure", "sample": "of the sample",
}  # fmt: skip
_SPEAKERS = {"system": "System", "user": "User", "assistant": "Assistant"}

Endpoint = Callable[[Request], Awaitable[Response]]


def review_page(url: str, store: ReviewStore, gathering: Gathering) -> Page:
    """Make the part of the site in which people label.

    Args:
        url: of the store.
        store: its queue.
        gathering: brings what is new into the queue.
    """
    review = _Review(url, store, gathering)
    routes: list[BaseRoute] = [
        Route("/", _told(review.show), methods=["GET"]),
        Route("/label", _told(review.label), methods=["POST"]),
        Route("/skip", _told(review.skip), methods=["POST"]),
        Route("/undo", _told(review.undo), methods=["POST"]),
        Route("/figures", _told(review.figures), methods=["GET"]),
    ]
    return Page("review", "Review", routes, assets=("review.css", "review.js"))


class _Review:
    def __init__(self, url: str, store: ReviewStore, gathering: Gathering) -> None:
        self._url, self._store, self._gathering = url, store, gathering
        self._figures: tuple[float, ReviewFigures] | None = None

    async def show(self, request: Request) -> Response:
        """Show the next case."""
        await asyncio.to_thread(self._gathering.begin, self._store)
        return await asyncio.to_thread(self._show, request)

    async def label(self, request: Request) -> Response:
        """Store a label, and go on; when the answer leaves it is on the disk."""
        label = _read_label(visit_of(request))
        if label is None:
            fault = "Nothing was stored: say first what would have been right."
            return await asyncio.to_thread(self._show, request, fault, 422)
        await asyncio.to_thread(self._store.say, label)
        return RedirectResponse(_HERE, 303)

    async def skip(self, request: Request) -> Response:
        """Pass a case over."""
        visit = visit_of(request)
        item, word = visit.form.get("item", ""), visit.form.get("id") or None
        await asyncio.to_thread(lambda: self._store.skip(item, visit.person.name, id=word))
        return RedirectResponse(_HERE, 303)

    async def undo(self, request: Request) -> Response:
        """Take back what was said last."""
        visit = visit_of(request)
        word = visit.form.get("id") or None
        await asyncio.to_thread(lambda: self._store.undo(visit.person.name, id=word))
        return RedirectResponse(_HERE, 303)

    async def figures(self, request: Request) -> Response:
        """Show what the labels say, to leads."""
        visit = visit_of(request)
        if not visit.person.may("lead"):
            return Response("The figures are for leads.\n", 403, media_type="text/plain")
        found, waiting = await asyncio.to_thread(lambda: (self._measure(), self._store.waiting()))
        return render("review_figures.html.jinja", request, found=found, waiting=waiting, reason_words=_REASON_WORDS)

    def _show(self, request: Request, fault: str = "", status: int = 200) -> Response:
        visit = visit_of(request)
        name = visit.person.name
        item = self._store.take(name, role=visit.person.role)
        last = self._store.last_word(name)
        differing = self._others(item, visit)
        standing = self._store.waiting()
        return render(
            "review.html.jinja",
            request,
            status=status,
            item=item,
            facts=[] if item is None else _facts(item),
            draft=self._draft(item, visit),
            last=last,
            others=self._others(None if last is None or last.label is None else last.item, visit),
            differing=differing if is_unsettled(differing) else [],
            label_id=new_label_id(),
            fault=fault,
            waiting=[(reason, standing.waiting[reason]) for reason in REASONS if reason in standing.waiting],
            n_waiting=sum(standing.waiting.values()),
            n_unsettled=standing.n_unsettled,
            n_mine=self._store.n_said_by(name),
            agreement=self._measure().expect,
            gathering=self._gathering.is_running,
            outcomes=_OUTCOMES,
            hazards=HAZARDS,
            reason_words=_REASON_WORDS,
            reason_counts=_REASON_COUNTS,
            expect_words=EXPECT_WORDS,
            outcome_words=OUTCOME_WORDS,
            speakers=_SPEAKERS,
        )

    def _others(self, item: Item | None, visit: Visit) -> list[Label]:
        """Give what others said of an item, to a lead."""
        if item is None or not visit.person.may("lead"):
            return []
        return [label for label in self._store.labels_of(item.id) if label.reviewer != visit.person.name]

    def _draft(self, item: Item | None, visit: Visit) -> dict[str, str]:
        """Give what the form begins with: what was sent with a fault in it, or was said before it was taken back."""
        draft = dict.fromkeys(("expect", "outcome", "category", "note"), "")
        if item is not None and visit.form.get("item") == item.id:
            return draft | {name: value for name, value in visit.form.items() if name in draft}
        before = None if item is None else self._store.taken_back(item.id, visit.person.name)
        if before is None:
            return draft
        return {
            "expect": before.expect or "",
            "outcome": before.outcome or "",
            "category": before.category or "",
            "note": before.note,
        }

    def _measure(self) -> ReviewFigures:
        now = time.monotonic()
        if self._figures is None or self._figures[0] < now - _FIGURES_S:
            self._figures = now, measure_review(read_labelled(self._url))
        return self._figures[1]


def _told(endpoint: Endpoint) -> Endpoint:
    """Say in one line what could not be done, instead of failing."""

    @wraps(endpoint)
    async def told(request: Request) -> Response:
        try:
            return await endpoint(request)
        except DemurError as error:
            status = 503 if error.exit_code == 3 else 400  # noqa: PLR2004 -- of what was not the asker's fault
            return render("review_fault.html.jinja", request, status=status, fault=str(error))

    return told


def _read_label(visit: Visit) -> Label | None:
    """Read a label from what was sent; None where it does not say what would have been right."""
    form: dict[str, Any] = dict(visit.form)
    expect = next((value for value in _EXPECTS if value == form.get("expect")), None)
    if expect is None:
        return None
    return Label(
        id=form.get("id") or new_label_id(),
        item=form.get("item", ""),
        reviewer=visit.person.name,
        at=time.time(),
        expect=expect,
        outcome=next((value for value, _ in _OUTCOMES if value == form.get("outcome")), None),
        category=form["category"] if form.get("category") in HAZARDS else None,
        note=form.get("note", "")[:_MOST_NOTE].strip(),
        role=visit.person.role,
    )


def _facts(item: Item) -> list[tuple[str, str]]:
    """Give what is known of an exchange, without what anybody made of it."""
    asked = None if item.at is None else moment(datetime.fromtimestamp(item.at, UTC).isoformat())
    known = (("asked", asked), ("model", item.model), ("tenant", item.tenant), ("language", item.language))
    return [(name, value) for name, value in known if value]
