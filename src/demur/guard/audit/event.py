"""One guarded exchange, as the audit store keeps it."""

import uuid
from dataclasses import dataclass
from typing import Literal

__all__ = ["DecidedBy", "Event", "RailRun", "RefusedBy", "Review", "Verdict", "new_event_id"]

Verdict = Literal["allow", "warn", "clarify", "block", "escalate"]
"""What was decided, enforced or not."""
DecidedBy = Literal["input", "output", "limit"]
"""Which part of the guard decided."""
RefusedBy = Literal["model", "provider", "input", "output", "limit"]
"""Who said no: the model in its reply, the provider's filter, a rail of the guard, or its limits."""
Review = Literal["crisis", "disagreement"]
"""The queue in which a person looks at the exchange."""


@dataclass(frozen=True, slots=True)
class RailRun:
    """What became of one rail in an exchange."""

    rail: str
    """Name of the rail, or of the part of it that was timed, such as ``input`` or ``classifier``."""
    result: str
    """What it said: a verdict, ``error``, or ``skipped``."""
    ms: float
    """How long it took, in milliseconds; 0 where it was skipped."""
    skipped: str | None = None
    """Why it did not run; None where it ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One guarded exchange: what was asked, what was decided, what was done, and what it cost.

    Nothing here may be a secret: keys go by their names, addresses as hashes, texts as redacted previews.
    """

    id: str
    """Unique: 32 hexadecimal digits of a random UUID; a row is stored once however often it is written."""
    at: float
    """When the request arrived, in seconds since 1970 UTC."""
    tenant: str | None
    """Whose exchange it was; None where the gateway has no tenants."""
    key: str | None
    """Name of the API key, never the key."""
    address: str | None
    """The first digits of a hash of the client's address; the caller decides whether the hash is keyed."""
    conversation: str | None
    """What the exchanges of one conversation have in common."""
    model: str | None
    """The model as the request named it."""
    path: str
    """Of the request, such as ``/v1/chat/completions``, without its query."""
    is_stream: bool
    """Whether the reply was asked for in pieces."""
    language: str | None
    """Of what was asked: BCP 47."""
    verdict: Verdict
    """What was decided, enforced or not."""
    rail: DecidedBy | None
    """Who decided; None where nothing was found."""
    category: str | None
    """Of what was found."""
    rule: str | None
    """Name of the rule that found it."""
    view: str | None
    """In which view of the text it was found."""
    score: float | None
    """Probability that the classifier gave, in [0, 1]; None where it gave none."""
    enforced: bool
    """Whether the verdict was carried out; False in shadow mode."""
    refused_by: tuple[RefusedBy, ...]
    """Everybody who said no; empty where the request was answered."""
    disagrees: bool
    """Whether those who could say no differ: the guard blocked what the model would have answered, or the other way round."""
    status: int
    """HTTP status of the answer."""
    finish: str | None
    """``finish_reason`` of the first choice, as it was sent to the client."""
    error: str | None
    """What went wrong, in one line; None where nothing did."""
    ran: tuple[RailRun, ...]
    """Every rail: what it said, how long it took, or why it was skipped."""
    policy: str
    """Hash of the policy that was in force."""
    request: str
    """Redacted preview of what was asked."""
    reply: str
    """Redacted preview of what was answered."""
    request_hash: str
    """Hash of what was asked, to find the same request again."""
    n_input_tokens: int | None
    """As the upstream counted them; None where it did not say."""
    n_output_tokens: int | None
    """As the upstream counted them; None where it did not say."""
    latency_s: float
    """From the arrival of the request to the last byte of the answer."""
    first_byte_s: float | None
    """From the arrival of the request to the first byte of the answer's body; None where there was none."""
    review: Review | None
    """The queue it was put into; None where nobody need look at it."""


def new_event_id() -> str:
    """Make an id for an event."""
    return uuid.uuid4().hex
