"""What a reviewer is shown: one exchange of live traffic, and why a person should look at it."""

from dataclasses import dataclass
from typing import Literal, get_args

from demur.types import Outcome, Turn

__all__ = ["REASONS", "Item", "Reason"]

Reason = Literal["crisis", "alarm", "disagreement", "unsure", "sample"]
"""Why it is in the queue; ``sample`` is drawn at random, and alone tells an honest error of the judge."""

REASONS: tuple[Reason, ...] = get_args(Reason)
"""Most urgent first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An exchange in the queue."""

    id: str
    """Of the exchange, as its store knows it."""
    at: float | None
    """When it was asked, in seconds since 1970 UTC."""
    reasons: tuple[Reason, ...]
    """Most urgent first."""
    why: str
    """One line for the reviewer, such as the alarm's own words."""
    turns: tuple[Turn, ...]
    """The conversation up to the question, as far as the store has it; texts may be redacted and cut."""
    reply: str
    language: str | None = None
    category: str | None = None
    """As the log, or the guard, says."""
    tenant: str | None = None
    model: str | None = None
    outcome: Outcome | None = None
    """As the judge reads the reply; shown only after the reviewer has said theirs."""
    confidence: float | None = None
    """The judge's, in [0, 1]."""
    decision: str | None = None
    """The guard's verdict; None where no guard stood in between."""
    refused_by: tuple[str, ...] = ()
    chance: float | None = None
    """Of an item of the random sample: the probability with which it was drawn, in (0, 1]; None of all others."""
