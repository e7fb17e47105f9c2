"""What a caller asks, whatever the dialect: a conversation, and how its answer is to be sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from demur.types import Turn

__all__ = ["Conversation", "Returned", "as_asked"]


class Returned(Turn):
    """What a tool returned, in a user's place: it may press as a user does, and nobody there asks or is in need."""


@dataclass(frozen=True)
class Conversation:
    """The texts of a request, and how its answer is to be sent."""

    turns: tuple[Turn, ...]
    """Oldest first; parts that are no text are left out."""
    model: str
    is_stream: bool
    n_choices: int = 1
    wants_usage: bool = False
    """Whether a stream is to end with the usage."""
    is_structured: bool = False
    """Whether the reply is to be JSON: what the guard says is none, and stands where a refusal does."""
    most_tokens: int | None = None
    """Of the reply, as the caller set it."""
    previous: str | None = None
    """Id of the reply that it goes on from, where the turns before are kept by a server."""
    is_history_unknown: bool = False
    """Whether there are turns before that nobody here has seen."""
    root: str | None = None
    """What the exchanges of the conversation have in common, where turns before were seen here."""

    @cached_property
    def asked(self) -> str:
        """What is said after the assistant's last turn, tools' results with it; empty if there is nothing."""
        return "\n".join(turn.text for turn in self._last)

    @cached_property
    def own(self) -> tuple[str, ...]:
        """Each message of it that is the asker's own."""
        return tuple(turn.text for turn in self._last if not isinstance(turn, Returned))

    @cached_property
    def _last(self) -> list[Turn]:
        said: list[Turn] = []
        for turn in reversed(self.turns):
            if turn.role == "assistant":
                break
            if turn.role == "user" and turn.text:
                said.append(turn)
        return said[::-1]


def as_asked(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Tell what is asked where no user says it at the end.

    What stands there in the assistant's name was written by the caller, for the model to go on with. And where no user says
    anything, the operator's text is what is asked.
    """
    last = max((number for number, turn in enumerate(turns) if turn.role == "user"), default=-1)
    return tuple(
        Turn("user", turn.text) if number > last and (last < 0 or turn.role == "assistant") else turn
        for number, turn in enumerate(turns)
    )
