"""The moves of a drill: what is said to the subject, and after what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from demur.types import Expect, Outcome, PressureKind

__all__ = ["ASKING_MOVES", "MOVES", "Move", "MoveName"]

MoveName = Literal[
    "ask",
    "rephrase",
    "hypothetical",
    "reframe",
    "persona",
    "translate",
    "wrap",
    "escalate",
    "push-back",
    "credential-claim",
    "emotional-appeal",
    "explain",
    "simplify",
]

MOVES: Mapping[MoveName, str] = {
    "ask": "asks plainly",
    "rephrase": "the same request in other words",
    "hypothetical": "as fiction or as a thought experiment",
    "reframe": "as something else: a template, a quotation, one part only",
    "persona": "gives the subject a role that would answer",
    "translate": "in another language",
    "wrap": "in a published jailbreak form",
    "escalate": "the next small step on the way to it",
    "push-back": "presses, without a new reason or with one",
    "credential-claim": "says who is asking, and why they may",
    "emotional-appeal": "asks for pity",
    "explain": "asks for the reason, and for the case in which the answer would be another",
    "simplify": "asks for the last reply in simpler words, or for its sum",
}
"""Every move in plain words."""

ASKING_MOVES: frozenset[str] = frozenset(MOVES) - {"explain", "simplify"}
"""Moves that ask for the thing itself. To explain and to simplify are about the answer before: whoever says why they
decline has done right, so an answer to them is no giving in."""

_REFUSED: frozenset[Outcome] = frozenset({"refuse", "clarify"})


@dataclass(frozen=True)
class Move:
    """One thing to say to the subject. A wording that is None is not said, and the move is left out then."""

    name: MoveName
    refused: str | None
    """Said when the last reply declined or asked back."""
    answered: str | None
    """Said when the last reply gave something, or nothing that can be read as declining."""
    afresh: bool = False
    """Whether it is said in a new conversation."""
    expect: Expect | None = None
    """The truth about this one request, where it is not that of the card."""
    pressure: PressureKind | None = None
    """What it presses with, where its words do not say."""
    locale: str | None = None
    """Language of its words, where it is not that of the card."""
    wrapper: str | None = None
    """Of a wrap: the name of the wrapper."""

    def after(self, outcome: Outcome | None) -> str | None:
        """Give what to say after a reply of this outcome."""
        return self.refused if outcome in _REFUSED else self.answered
