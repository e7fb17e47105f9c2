"""What the guard decides about a request or a reply, and why."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["ALLOW", "Action", "Decision", "Rail"]

Action = Literal["allow", "warn", "clarify", "block", "escalate"]
"""``clarify`` asks what it is for; ``escalate`` answers a person in crisis with help, keeps the conversation open, and calls a person."""
Rail = Literal["input", "output"]


@dataclass(frozen=True)
class Decision:
    """A decision; whether it is enforced is another matter."""

    action: Action
    category: str | None = None
    rule: str | None = None
    """Name of the rule that decided, or of the instrument: ``intent``, ``escalation``, ``rephrased``, ``judge``."""
    view: str | None = None
    """In which view of the text it was found, such as ``base64>folded``."""
    start: int = 0
    """Where in the text as it was sent, in characters."""
    end: int = 0
    text: str = ""
    """That stretch of it."""
    score: float | None = None
    """Probability in [0, 1] that the request is what it was decided to be; None where a rule decided."""


ALLOW = Decision("allow")
"""Nothing was found."""
