"""The gateway's audit store as a log: its events as exchanges of live traffic.

What the guard refused is a refusal by a filter; what a limit turned away is no exchange, since nobody said anything about what was
asked. Texts are the store's previews, redacted and cut.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from demur.database import parse_location
from demur.types import Reply, Turn
from demur.watch import Exchange

if TYPE_CHECKING:
    from demur.guard.audit import Event

__all__ = ["exchange_of", "name_store", "read_store"]

_FILTERS = frozenset({"provider", "input", "output"})


def name_store(url: str) -> str:
    """Name a store, without user and password.

    Raises:
        UsageError: the URL is of no known form. MissingExtraError: a library is not installed.
    """
    return parse_location(url).shown


def read_store(url: str) -> Iterator[Exchange | None]:
    """Read the exchanges of a store, in the order in which they were stored.

    Yields:
        Each exchange; None for an event that is none.

    Raises:
        UsageError, DataError, StoreDownError: as `demur.guard.audit.read_events`.
    """
    from demur.guard.audit import read_events

    return map(exchange_of, read_events(url))


def exchange_of(event: "Event") -> Exchange | None:
    """Read what was asked and answered from an event; None where a limit turned it away."""
    if event.rail == "limit":
        return None
    was_asked = "input" not in event.refused_by and not _is_guards_own(event)
    return Exchange(
        turns=(Turn("user", event.request),),
        reply=_reply(event),
        id=event.id,
        at=event.at,
        model=event.model,
        language=event.language,
        tenant=event.tenant,
        category=event.category,
        conversation=event.conversation,
        decision=event.verdict,
        disagrees=event.disagrees if was_asked else None,
    )


def _is_guards_own(event: "Event") -> bool:
    """Tell whether the guard asked back, or helped, in the model's place."""
    return event.enforced and event.verdict in ("clarify", "escalate") and event.rail == "input"


def _reply(event: "Event") -> Reply | None:
    """Give the reply; None where nobody replied, or where the guard helped a person in crisis, which is no reply of the model's."""
    if not _FILTERS.isdisjoint(event.refused_by):
        return Reply(event.reply, stop_reason="content_filter")
    if not event.reply or (_is_guards_own(event) and event.verdict == "escalate"):
        return None
    return Reply(event.reply)
