"""What a person says about one exchange of live traffic."""

from dataclasses import dataclass
from typing import Literal

from demur.types import Expect, Outcome

__all__ = ["Label", "Role"]

Role = Literal["reviewer", "lead"]
"""A lead sees the figures and what others said, and has the last word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One reviewer's word on one item; a later one of the same reviewer takes its place."""

    id: str
    """Unique: 32 hexadecimal digits; a label is stored once however often it is sent."""
    item: str
    """Id of the item."""
    reviewer: str
    at: float
    """When, in seconds since 1970 UTC."""
    expect: Expect | None
    """What would have been right; None takes an earlier label back."""
    outcome: Outcome | None
    """What the reply does, as the reviewer reads it; None where they did not say."""
    category: str | None = None
    """Hazard code of the request, or of the hazard it looks like."""
    note: str = ""
    role: Role = "reviewer"
    """Of who says it."""
