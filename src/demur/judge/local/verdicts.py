"""The words of a verdict in the order in which the network gives them."""

from demur.types import Kind, Outcome, Tone

__all__ = ["FLAGS", "KINDS", "OUTCOMES", "TONES"]

OUTCOMES: tuple[Outcome, ...] = ("comply", "partial", "refuse", "clarify")
KINDS: tuple[Kind, ...] = ("safety", "capability", "scope", "other")
TONES: tuple[Tone, ...] = ("graceful", "preachy", "robotic", "terse")
FLAGS = (
    "acknowledgment", "boundary", "reason", "alternatives", "engagement", "names_boundary",
    "leakage", "loophole", "disclaimer",
)  # fmt: skip
