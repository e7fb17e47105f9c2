"""What waits for a person, gathered: from the events of the guard, and from the alarms of the watch; and what they said, handed on."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from demur.guard.audit import Event, has_events, read_events
from demur.judge import Judge, default_judge
from demur.output import to_json_line, write_file
from demur.types import Reply, Turn, Verdict
from demur.watch.review import Item, Reason, ReviewStore, read_labelled
from demur.watch.review.draw import draw
from demur.watch.review.examples import read_examples
from demur.watch.review.settling import settle

__all__ = ["SAMPLE", "Added", "Exported", "add_alarms", "export_sample", "gather_events", "has_new_events"]

SAMPLE = 0.02
"""Share of all exchanges that the random sample is made of, unless somebody asks for another."""
_UNSURE = 0.6
"""Verdicts of a lower confidence are looked at."""
_AT_ONCE = 100
_SOURCE = "events"
_OVERLAP_S = 3_600.0
"""By which events may be stored later than others that came after them: an exchange is stored when it has ended."""
_WHY: dict[Reason, str] = {
    "crisis": "somebody may be in need, and was given help",
    "disagreement": "the guard and the model differ on it",
    "unsure": "the judge is not sure of it",
    "sample": "drawn at random",
}
"""Nothing that says what the judge thinks: a reviewer speaks first."""

T = TypeVar("T")


class Added(NamedTuple):
    """What became of the examples of alarms."""

    n: int
    """Examples."""
    n_new: int
    """Items that were not in the queue."""
    n_unknown: int
    """Examples of which there is nothing but an id, that nothing in the queue has."""


class Exported(NamedTuple):
    """What was handed on."""

    n: int
    n_unsettled: int
    """Items of the sample that reviewers differ on, or have not said what the reply does."""
    has_one_chance: bool
    """Whether all were drawn with the same probability; if not, figures that do not weigh them are off."""


def gather_events(
    url: str,
    store: ReviewStore,
    *,
    judge: Judge | None = None,
    sample: float = SAMPLE,
    on_read: Callable[[int], None] = lambda _: None,
) -> int:
    """Put into the queue what has come to the audit store since this was last done.

    Replies are judged as they are kept: redacted, and cut. It may be stopped at any time, and goes on where it was.

    Args:
        url: of the audit store; where there is none, nothing has come.
        store: the queue.
        judge: the local judge if None.
        sample: share of the exchanges that are drawn at random.
        on_read: told how many events have been read, after some of them.

    Returns:
        How many items are new in the queue.

    Raises:
        DataError: the store is newer. StoreDownError: the database cannot be read or written.
    """
    if not has_events(url):
        return 0
    n_new, n_read = 0, 0
    for events in _chunks(_new_events(url, store), _AT_ONCE):
        judge = judge or default_judge()
        verdicts = judge.judge_many((Reply(event.reply), _turns_of(event)) for event in events)
        items = [_item_of(event, verdict, sample) for event, verdict in zip(events, verdicts, strict=True)]
        n_new += store.add([item for item in items if item], source=_SOURCE, after=f"{events[-1].id} {events[-1].at!r}")
        n_read += len(events)
        on_read(n_read)
    return n_new


def has_new_events(url: str, store: ReviewStore) -> bool:
    """Tell whether anything has come to the audit store since `gather_events` was last done.

    Raises:
        DataError: the store is newer. StoreDownError: the database cannot be read.
    """
    return has_events(url) and any(True for _ in _new_events(url, store, limit=1))


def add_alarms(record: Path, store: ReviewStore, *, judge: Judge | None = None) -> Added:
    """Put the examples of alarms into the queue.

    Args:
        record: what ``demur watch -o`` has written.
        store: the queue.
        judge: the local judge if None.

    Raises:
        DataError: the record cannot be read. StoreDownError: the database cannot be written.
    """
    judge = judge or default_judge()
    n = n_new = n_unknown = 0
    for examples in _chunks(read_examples(record), _AT_ONCE):
        given = [example.item for example in examples if example.item is not None]
        verdicts = judge.judge_many((Reply(item.reply), item.turns) for item in given)
        items = [_judged(item, verdict) for item, verdict in zip(given, verdicts, strict=True)]
        for example in examples:
            if example.item is None:
                known = store.find(example.id)
                n_unknown += known is None
                items += [] if known is None else [replace(known, reasons=("alarm",), why=example.why)]
        n += len(examples)
        n_new += store.add(items)
    return Added(n, n_new, n_unknown)


def export_sample(url: str, out: Path) -> Exported:
    """Write what people say of the random sample, as ``demur judge validate`` reads it.

    Of the random sample alone: what is in the queue for another reason is harder than what the judge mostly meets, and would make it
    look worse than it is.

    Raises:
        DataError: there is no store. StoreDownError: it cannot be read. UsageError, IncompleteError: the file cannot be written.
    """
    rows: list[dict[str, Any]] = []
    n_unsettled = 0
    for item, labels in read_labelled(url):
        if item.chance is None:
            continue
        settled = settle(labels)
        if settled.outcome is None:
            n_unsettled += 1
            continue
        rows.append(
            {
                "id": item.id,
                "messages": [{"role": turn.role, "content": turn.text} for turn in item.turns],
                "response": item.reply,
                "label": settled.outcome,
                "expect": settled.expect,
                "model": item.model,
                "language": item.language,
                "category": settled.category or item.category,
                "chance": item.chance,
            }
        )
    write_file(out, "".join(map(to_json_line, rows)))
    return Exported(len(rows), n_unsettled, len({row["chance"] for row in rows}) <= 1)


def _new_events(url: str, store: ReviewStore, *, limit: int | None = None) -> Iterator[Event]:
    """Read on after the last event; where that has been deleted since, from shortly before its time: what is in the queue stays as it is."""
    last, _, at = (store.position(_SOURCE) or "").partition(" ")
    if not last:
        return read_events(url, limit=limit)
    if has_events(url, last):
        return read_events(url, after=last, limit=limit)
    return read_events(url, since=float(at) - _OVERLAP_S, limit=limit)


def _turns_of(event: Event) -> tuple[Turn, ...]:
    return (Turn("user", event.request),)


def _item_of(event: Event, verdict: Verdict, sample: float) -> Item | None:
    """Make an item of an event; None where nobody need look at it."""
    is_judged = bool(event.reply) and verdict.confidence is not None
    is_drawn = bool(event.reply) and draw(event.id, "sample") < sample
    found: dict[Reason, bool] = {
        "crisis": event.review == "crisis",
        "disagreement": event.review == "disagreement",
        "unsure": is_judged and (verdict.confidence or 0.0) < _UNSURE,
        "sample": is_drawn,
    }
    reasons = tuple(reason for reason, holds in found.items() if holds)
    if not reasons:
        return None
    item = Item(
        id=event.id,
        at=event.at,
        reasons=reasons,
        why=_WHY[reasons[0]],
        turns=_turns_of(event),
        reply=event.reply,
        language=event.language,
        category=event.category,
        tenant=event.tenant,
        model=event.model,
        decision=event.verdict,
        refused_by=event.refused_by,
        chance=sample if is_drawn else None,
    )
    return _judged(item, verdict)


def _judged(item: Item, verdict: Verdict) -> Item:
    return replace(item, outcome=verdict.outcome, confidence=verdict.confidence)


def _chunks(things: Iterable[T], size: int) -> Iterator[Sequence[T]]:
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some
