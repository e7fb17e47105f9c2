"""A guarded exchange as the watch sees it: what a gateway recorded, and what its reply is."""

from typing import get_args

from demur.guard.audit import Event
from demur.guard.exchange import ACTIONS
from demur.types import Outcome, Reply, StopReason, Turn
from demur.watch import Exchange, JudgedExchange
from demur.watch.attempts import COLUMNS
from demur.watch.folder import row_of
from demur.watch.live import Guarded, Modelled, Seen
from demur.watch.live.seen import Refusal
from demur.watch.moment import hour_of
from demur.watch.observing import observation_of

__all__ = ["exchange_of", "see_event"]

_NOT_ASKED = ("input", "limit")
_OUTCOMES: dict[str, Outcome] = {outcome: outcome for outcome in get_args(Outcome)}


def exchange_of(event: Event) -> Exchange:
    """Give a guarded exchange as an exchange of a log; its texts are the event's previews, redacted and cut.

    Its time is when the answer ended: that is nearly the order in which events are stored. Where nothing was answered, or a
    limit said no, there is no reply to judge. Who asks is known by the conversation: a key is an application's, not a person's.
    """
    has_reply = bool(event.reply) and event.rail != "limit"
    stop_reason: StopReason = "content_filter" if event.finish == "content_filter" else "stop"
    return Exchange(
        turns=(Turn("user", event.request),),
        reply=Reply(event.reply, stop_reason=stop_reason) if has_reply else None,
        id=event.id,
        at=event.at + event.latency_s,
        model=event.model,
        language=event.language,
        tenant=event.tenant,
        category=event.category,
        conversation=event.conversation,
        decision=event.verdict,
        disagrees=event.disagrees,
    )


def see_event(event: Event, judged: JudgedExchange) -> Seen | None:
    """Put what was recorded and what the judge says together; None where there is nothing to see."""
    row = row_of(judged)
    if (read := _read_by_guard(event)) is not None:
        row["outcome"] = read  # of all of the reply, where we have its beginning
    observation = observation_of(row)
    if observation is None:
        return None
    is_own = judged.is_own_refusal or "model" in event.refused_by
    runs = [(run.rail, run.ms) for run in event.ran if run.skipped is None]
    return Seen(
        observation=observation,
        guarded=_guarded(event),
        modelled=_modelled(event, is_own=is_own),
        ms=(*runs, ("answer", 1000 * event.latency_s)),
        refusal=Refusal(hour_of(observation.at), event.request, event.reply) if is_own and event.reply else None,
        asked={name: row[name] for name in COLUMNS},
    )


def _read_by_guard(event: Event) -> Outcome | None:
    """Give what the guard's judge said of the whole reply; None where it read none."""
    said = (run.result for run in event.ran if run.rail == "judge" and run.skipped is None)
    return next((_OUTCOMES[result] for result in said if result in _OUTCOMES), None)


def _guarded(event: Event) -> Guarded:
    if event.rail is None or event.verdict not in ACTIONS:
        return "passed"
    return event.rail


def _modelled(event: Event, *, is_own: bool) -> Modelled:
    if "provider" in event.refused_by:
        return "provider"
    if is_own:
        return "refused"
    if event.enforced and _guarded(event) in _NOT_ASKED:
        return "not asked"
    return "answered" if event.reply else "failed"
