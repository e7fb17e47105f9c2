"""A guarded exchange that has ended, as an event: what happened, who said no, and whether guard and model disagree."""

from typing import get_args

from demur.guard.audit.event import Event, RefusedBy, Review, new_event_id
from demur.guard.audit.redaction import redact
from demur.guard.exchange import ACTIONS, Exchange, digest

__all__ = ["event_of"]

_PREVIEW = 400
"""Characters of a request and of a reply that are kept, redacted."""
_LONGEST_ERROR, _LONGEST_NAME = 300, 512


def event_of(exchange: Exchange) -> Event:
    """Say what happened in an exchange that has ended."""
    asked, decision = exchange.asked, exchange.decision
    refused = _who_refused(exchange)
    disagrees = _disagrees(exchange, refused)
    review: Review | None = "crisis" if decision.action == "escalate" else "disagreement" if disagrees else None
    return Event(
        id=new_event_id(),
        at=exchange.at,
        tenant=exchange.caller.tenant,
        key=exchange.caller.name,
        address=exchange.address,
        conversation=exchange.conversation,
        model=asked.model[:_LONGEST_NAME] or None,
        path=exchange.path[:_LONGEST_NAME],
        is_stream=asked.is_stream,
        language=None,
        verdict=decision.action,
        rail=exchange.rail,
        category=decision.category,
        rule=decision.rule,
        view=decision.view,
        score=decision.score if decision.score is not None else exchange.harm,
        enforced=not exchange.is_shadow,
        refused_by=refused,
        disagrees=disagrees,
        status=exchange.status,
        finish=exchange.finish or exchange.said.finish,
        error=None if exchange.error is None else redact(exchange.error, most=_LONGEST_ERROR),
        ran=tuple(exchange.runs),
        policy=exchange.guard.policy.fingerprint,
        request=redact(asked.asked, most=_PREVIEW),
        reply=redact(exchange.judged or exchange.said.text or exchange.own or "", most=_PREVIEW),
        request_hash=digest(asked.asked),
        n_input_tokens=exchange.said.n_input_tokens,
        n_output_tokens=exchange.said.n_output_tokens,
        latency_s=exchange.latency_s,
        first_byte_s=exchange.first_byte_s,
        review=review,
    )


def _who_refused(exchange: Exchange) -> tuple[RefusedBy, ...]:
    refused = set(exchange.refused)
    if exchange.said.finish == "content_filter":
        refused.add("provider")
    if exchange.said.refusal or exchange.outcome == "refuse":
        refused.add("model")
    return tuple(who for who in get_args(RefusedBy) if who in refused)


def _disagrees(exchange: Exchange, refused: tuple[RefusedBy, ...]) -> bool:
    """Tell whether the guard says no where the model helped, or the model where the guard would have let it help."""
    if not exchange.said.text and exchange.rail != "output":  # the model said nothing
        return False
    guard_says_no = exchange.decision.action in ACTIONS
    model_says_no = "model" in refused or "provider" in refused
    return guard_says_no != model_says_no
