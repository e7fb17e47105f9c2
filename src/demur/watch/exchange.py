"""An exchange: what somebody asked a model in production, and what came back."""

import hashlib
import json
from dataclasses import dataclass
from typing import Literal

from demur.types import Expect, Reply, Turn

__all__ = ["Decision", "Exchange", "digest_exchange"]

_DIGEST_BYTES = 16

Decision = Literal["allow", "warn", "clarify", "block", "escalate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One exchange of a log. What the log does not say is None."""

    turns: tuple[Turn, ...]
    """The conversation up to and including the question, oldest first."""
    reply: Reply | None
    """None where the log has a question without a reply: an error, or a call of a tool."""
    id: str | None = None
    """What the log calls it."""
    at: float | None = None
    """When it was asked, in seconds since 1970 UTC."""
    model: str | None = None
    language: str | None = None
    """BCP 47 tag of what was asked."""
    tenant: str | None = None
    """Whose traffic it is."""
    category: str | None = None
    """Of what was asked."""
    user: str | None = None
    conversation: str | None = None
    """What the exchanges of one conversation have in common."""
    expect: Expect | None = None
    """The truth about it, where somebody knows it."""
    decision: Decision | None = None
    """What a guard decided, carried out or not; None where none stood in between. The category is then what the guard found."""
    disagrees: bool | None = None
    """Whether guard and model differ about it; None where only one of them could say no."""

    @property
    def prompt(self) -> str:
        """The last thing the user said; empty if they said nothing."""
        return next((turn.text for turn in reversed(self.turns) if turn.role == "user"), "")


def digest_exchange(exchange: Exchange, number: int) -> bytes:
    """Hash what an exchange says: 16 bytes, the same for the same exchange wherever it is met.

    Two people can say the same in the same words, so where a log has neither ids nor times its rows are told apart by
    where they stand: a copy of the file counts once, and a row that stands in it twice counts twice.

    Args:
        exchange: what to hash.
        number: which row of its file it is.
    """
    reply = exchange.reply
    said = (
        [(turn.role, turn.text) for turn in exchange.turns],
        None if reply is None else (reply.text, reply.stop_reason, reply.reasoning),
        exchange.id,
        exchange.at,
        exchange.model,
        exchange.language,
        exchange.tenant,
        exchange.category,
        exchange.user,
        exchange.conversation,
        exchange.expect,
        exchange.decision,
        exchange.disagrees,
        number if exchange.id is None and exchange.at is None else None,
    )
    # As ASCII, because half of a surrogate pair cannot be encoded.
    return hashlib.blake2b(json.dumps(said).encode(), digest_size=_DIGEST_BYTES).digest()
