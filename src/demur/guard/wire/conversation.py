"""What a caller sends: the conversation in an OpenAI request, read for the rails without changing a byte of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from demur.errors import DataError
from demur.types import Role, Turn

__all__ = ["Conversation", "read_chat"]

_ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "user",
    "function": "user",
}
"""What a tool returns was not written by the assistant, and may press as a user does."""


_MOST_CHOICES = 128
"""As OpenAI has it."""


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


def read_chat(body: Mapping[str, Any]) -> Conversation:
    """Read the body of a chat completion.

    Raises:
        DataError: there are no messages, or they are not messages; the line names the place.
    """
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise DataError(f"messages: found {_kind(messages)}; expected a list of messages")
    n = body.get("n")
    if n is not None and (isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= _MOST_CHOICES):
        raise DataError(f"n: found {n!r}; expected a whole number from 1 to {_MOST_CHOICES}")
    options = body.get("stream_options")
    return Conversation(
        turns=tuple(_turn(message, f"messages[{n}]") for n, message in enumerate(messages)),
        model=str(body.get("model") or ""),
        is_stream=body.get("stream") is True,
        n_choices=n or 1,
        wants_usage=isinstance(options, Mapping) and options.get("include_usage") is True,
    )


def _turn(message: Any, where: str) -> Turn:
    if not isinstance(message, Mapping):
        raise DataError(f"{where}: found {_kind(message)}; expected a message with role and content")
    role = message.get("role")
    if not isinstance(role, str) or role not in _ROLES:
        raise DataError(f"{where}.role: found {role!r}; expected one of {', '.join(_ROLES)}")
    return Turn(_ROLES[role], "\n".join(_texts(message.get("content"))))


def _texts(content: Any) -> Iterator[str]:
    """Give the texts of a message's content: text itself, or the text parts of a list."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for part in content:
            if isinstance(part, str):
                yield part
            elif isinstance(part, Mapping) and isinstance(part.get("text"), str):
                yield part["text"]
            elif isinstance(part, Mapping) and isinstance(part.get("refusal"), str):
                yield part["refusal"]


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"{type(value).__name__} {value!r}"[:60]
