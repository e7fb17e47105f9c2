"""What a subject is: something that answers a conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from demur.types import Case, Decoding, Reply, Turn

__all__ = ["Asked", "Subject", "SubjectInfo"]


@dataclass(frozen=True)
class Asked:
    """One question put to a subject."""

    turns: Sequence[Turn]
    """The conversation so far, oldest first; the last turn is the user's."""
    decoding: Decoding
    case: Case | None = None
    """The truth about the question. Only scripted subjects look at it: their fault is planted relative to it."""
    epoch: int = 1
    """Which sample of the case this is, from 1."""
    move: str = "ask"
    """The move of a drill that the question is."""


class Subject(Protocol):
    """A model under test that runs in this process."""

    connections: int
    """Questions to have in flight."""

    def reply(self, asked: Asked) -> Reply:
        """Answer; may be called from several threads at once."""
        ...


@dataclass(frozen=True)
class SubjectInfo:
    """What a person should know before choosing a subject."""

    name: str
    """As given to ``--model``."""
    title: str
    fault: str
    """What is wrong with it on purpose; for a real model, what to expect of it."""
