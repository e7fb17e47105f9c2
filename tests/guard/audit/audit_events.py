"""Events to store, plain and arbitrary."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import get_args

from hypothesis import strategies as st

from demur.guard.audit import AuditStore, Event, RailRun, new_event_id, open_store
from demur.guard.audit.event import DecidedBy, RefusedBy, Review, Verdict

__all__ = ["arbitrary_events", "make_event", "opened"]

_PLAIN = Event(
    id="",
    at=1_760_000_000.25,
    tenant="shop",
    key="web",
    address="9f86d081884c7d65",
    conversation="c-1",
    model="smollm2",
    path="/v1/chat/completions",
    is_stream=False,
    language="en",
    verdict="block",
    rail="input",
    category="privacy",
    rule="other-peoples-orders",
    view="folded",
    score=0.93,
    enforced=True,
    refused_by=("input",),
    disagrees=False,
    status=200,
    finish="content_filter",
    error=None,
    ran=(RailRun("input", "block", 0.21), RailRun("output", "skipped", 0.0, "nothing was generated")),
    policy="0123456789abcdef",
    request="Where is the order of [e-mail]?",
    reply="I can't look into somebody else's order.",
    request_hash="fedcba9876543210",
    n_input_tokens=None,
    n_output_tokens=0,
    latency_s=0.0021,
    first_byte_s=0.002,
    review=None,
)


def make_event(**changes) -> Event:
    """Make an event with an id of its own."""
    return replace(_PLAIN, **{"id": new_event_id(), **changes})


@contextlib.asynccontextmanager
async def opened(url: str, **options) -> AsyncIterator[AuditStore]:
    """Open a store, and close it again."""
    store = await asyncio.to_thread(lambda: open_store(url, **options))
    try:
        yield store
    finally:
        await store.close()


def arbitrary_events() -> st.SearchStrategy[Event]:
    """Draw events of every text, surrogates and NUL included, without an id."""
    text = st.text(st.characters(exclude_categories=()), max_size=40)
    perhaps = st.none() | text
    number = st.floats(allow_nan=False, allow_infinity=False)
    count = st.none() | st.integers(0, 2**63 - 1)
    runs = st.builds(RailRun, text, text, number, perhaps)
    return st.builds(
        Event,
        id=st.just(""), at=number, tenant=perhaps, key=perhaps, address=perhaps, conversation=perhaps, model=perhaps, path=text,
        is_stream=st.booleans(), language=perhaps, verdict=st.sampled_from(get_args(Verdict)),
        rail=st.none() | st.sampled_from(get_args(DecidedBy)), category=perhaps, rule=perhaps, view=perhaps,
        score=st.none() | number, enforced=st.booleans(),
        refused_by=st.lists(st.sampled_from(get_args(RefusedBy)), max_size=5).map(tuple),
        disagrees=st.booleans(), status=st.integers(100, 599), finish=perhaps, error=perhaps,
        ran=st.lists(runs, max_size=3).map(tuple), policy=text, request=text, reply=text, request_hash=text,
        n_input_tokens=count, n_output_tokens=count, latency_s=number, first_byte_s=st.none() | number,
        review=st.none() | st.sampled_from(get_args(Review)),
    )  # fmt: skip
