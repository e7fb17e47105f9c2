"""What a caller asks, whatever the dialect: a conversation, and how its answer is to be sent."""

from dataclasses import dataclass

from demur.types import Turn

__all__ = ["Conversation"]


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
    most_tokens: int | None = None
    """Of the reply, as the caller set it."""
    previous: str | None = None
    """Id of the reply that it goes on from, where the turns before are kept by a server."""
    is_history_unknown: bool = False
    """Whether there are turns before that nobody here has seen."""
    root: str | None = None
    """Id of the first reply of the conversation, where it is known."""

    @property
    def asked(self) -> str:
        """What is said after the assistant's last turn, tools' results with it; empty if there is nothing."""
        said: list[str] = []
        for turn in reversed(self.turns):
            if turn.role == "assistant":
                break
            if turn.role == "user" and turn.text:
                said.append(turn.text)
        return "\n".join(reversed(said))
