"""One exchange of live traffic, judged: what the live watch takes in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from demur.watch.observation import Observation
from demur.watch.templates import When

__all__ = ["Guarded", "Modelled", "Refusal", "Seen"]

Guarded = Literal["passed", "input", "output", "limit"]
"""What the guard decided: it let the exchange pass, or the rail or the limit that did not."""
Modelled = Literal["answered", "refused", "provider", "not asked", "failed"]
"""What the model did: the provider's filter is told apart from its own refusal."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal in the model's own words."""

    when: When
    prompt: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An exchange as far as the live watch wants to know it."""

    observation: Observation
    """Its time is when its answer ended: in that order, nearly, exchanges are stored."""
    guarded: Guarded
    modelled: Modelled
    ms: tuple[tuple[str, float], ...] = ()
    """Name and time in milliseconds of each rail that ran, and of the whole answer."""
    refusal: Refusal | None = None
    """Where the model itself refused."""
    asked: Mapping[str, Any] | None = None
    """Who asked what, and what became of it, as `demur.watch.attempts.AttemptCounts` takes it; None where it is not known who."""
