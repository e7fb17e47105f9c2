"""What shows an alarm, put before people: into the queue of the review, which lies in the store that is followed."""

import logging
from collections.abc import Sequence

from demur.auditing import exchange_of
from demur.errors import DemurError
from demur.guard.audit import Event, find_events
from demur.judge import Judge
from demur.types import Turn, Verdict
from demur.watch import judge_shard
from demur.watch.live import Raised
from demur.watch.review import Item, ReviewStore

__all__ = ["AlarmQueue"]

_LOG = logging.getLogger("demur.watch")
_SOURCE = "alarms"
"""Under which the queue knows how many alarms it has."""


class AlarmQueue:
    """Puts the examples of each alarm into the queue, once: the queue itself says how far it is.

    Args:
        store: that is followed.
        judge: of the replies.

    Raises:
        DataError: the review's tables are of another version. StoreDownError: the store cannot be written.
    """

    def __init__(self, store: str, judge: Judge) -> None:
        self._store, self._judge = store, judge
        self._queue = ReviewStore(store)

    def tell(self, raised: Sequence[Raised]) -> None:
        """Put in what is not there yet; what cannot be, for a store that is down, goes in with the next alarm."""
        try:
            n_there = int(self._queue.position(_SOURCE) or 0)
            for alarm in raised[n_there:]:
                self._queue.add(self._items(alarm), source=_SOURCE, after=str(alarm.number))
        except DemurError as error:
            _LOG.error("the examples of an alarm are not in the queue yet: %s", error)

    def close(self) -> None:
        """End."""
        self._queue.close()

    def _items(self, alarm: Raised) -> list[Item]:
        events = find_events(self._store, alarm.examples)
        exchanges = [exchange for event in events if (exchange := exchange_of(event)) is not None]
        judged = {one.exchange.id: one.verdict for one in judge_shard(exchanges, self._judge)}
        return [_item_of(event, judged[event.id], alarm) for event in events if event.id in judged]


def _item_of(event: Event, verdict: Verdict, alarm: Raised) -> Item:
    return Item(
        id=event.id,
        at=event.at,
        reasons=("alarm",),
        why=alarm.text,
        turns=(Turn("user", event.request),),
        reply=event.reply,
        language=event.language,
        category=event.category,
        tenant=event.tenant,
        model=event.model,
        outcome=verdict.outcome,
        confidence=verdict.confidence,
        decision=event.verdict,
        refused_by=event.refused_by,
    )
