"""A guarded exchange as the watch sees it: what a gateway recorded, and what its reply is."""

from dataclasses import replace
from typing import get_args

from demur.auditing import exchange_of
from demur.guard.audit import Event
from demur.guard.exchange import ACTIONS
from demur.types import Outcome
from demur.watch import Exchange, JudgedExchange
from demur.watch.attempts import COLUMNS
from demur.watch.folder import row_of
from demur.watch.live import Guarded, Modelled, Seen
from demur.watch.live.seen import Refusal
from demur.watch.observation import Observation
from demur.watch.observing import observation_of
from demur.watch.templates import when_said

__all__ = ["ended_exchange", "see_event"]

_NOT_ASKED = ("input", "limit")
_OUTCOMES: dict[str, Outcome] = {outcome: outcome for outcome in get_args(Outcome)}


def ended_exchange(event: Event) -> Exchange | None:
    """Give an event as an exchange whose time is when its answer ended: nearly the order in which events are stored."""
    exchange = exchange_of(event)
    return None if exchange is None else replace(exchange, at=_ended(event))


def see_event(event: Event, judged: JudgedExchange | None) -> Seen:
    """Put what was recorded and what the judge says together.

    Args:
        event: as it was recorded.
        judged: its exchange; None of what is none, as a limit turned it away.
    """
    if judged is None:
        nothing = Observation(id=event.id, at=_ended(event), outcomes={}, tenant=event.tenant, model=event.model)
        return Seen(observation=nothing, guarded=_guarded(event), modelled="not asked", ms=_times(event))
    row = row_of(judged)
    if (read := _read_by_guard(event)) is not None:
        row["outcome"] = read  # of all of the reply, where we have its beginning
    observation = observation_of(row)
    if observation is None:
        raise ValueError(f"event {event.id!r} has no time")
    is_own = judged.is_own_refusal or "model" in event.refused_by
    return Seen(
        observation=observation,
        guarded=_guarded(event),
        modelled=_modelled(event, is_own=is_own),
        ms=_times(event),
        refusal=Refusal(when_said(judged), event.request, event.reply) if is_own and event.reply else None,
        asked={name: row[name] for name in COLUMNS},
    )


def _ended(event: Event) -> float:
    return event.at + event.latency_s


def _times(event: Event) -> tuple[tuple[str, float], ...]:
    runs = [(run.rail, run.ms) for run in event.ran if run.skipped is None]
    return (*runs, ("answer", 1000 * event.latency_s))


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
