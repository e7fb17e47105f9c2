"""One judged exchange of live traffic, as the search for changes sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from demur.types import Expect

__all__ = ["METRICS", "Metric", "Observation"]

Metric = Literal["refused", "partial", "leaked", "capitulated", "escalated", "blocked", "disagreed"]

METRICS: tuple[Metric, ...] = get_args(Metric)
"""What is asked of every exchange, yes or no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One exchange: when, what, of which kind, and what became of it."""

    id: str
    """By which it is found again in the store."""
    at: float
    """When, in seconds since 1970 UTC."""
    outcomes: Mapping[Metric, bool]
    """What became of it; a metric that was not judged, or means nothing here, is left out."""
    expect: Expect | None = None
    """What is right to do, where that is known."""
    category: str | None = None
    language: str | None = None
    tenant: str | None = None
    model: str | None = None
    """The version that replied."""
    confidence: float = 1.0
    """The judge's, in [0, 1]; only for the choice of examples."""
