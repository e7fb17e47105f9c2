"""What a way of asking is: how a request is read, an answer written, and a reply put on the rail."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol

from demur.guard.rules.holdback import HoldBack
from demur.guard.rules.patterns import Match
from demur.guard.wire.conversation import Conversation
from demur.guard.wire.said import Said

__all__ = ["Dialect", "FinishReason", "Found", "MakeHoldBack", "ReplyRail", "StreamRail"]

FinishReason = Literal["stop", "content_filter"]
MakeHoldBack = Callable[[], HoldBack]
Found = Callable[[Match], str]
"""Is told of a block, and gives the text that takes the reply's place."""


class ReplyRail(Protocol):
    """Checks a reply that is there as a whole."""

    said: Said

    @property
    def warned(self) -> Sequence[Match]:
        """What rules that only warn found; complete when the reply is."""

    def check(self, reply: Mapping[str, Any]) -> dict[str, Any] | None:
        """Give the reply with what is blocked replaced; None if nothing was."""


class StreamRail(Protocol):
    """Checks a reply event by event; of what is not decided nothing leaves."""

    said: Said

    @property
    def warned(self) -> Sequence[Match]:
        """What rules that only warn found; complete when the reply is."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more can come, all of it being blocked."""

    def feed(self, event: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Give the events that may leave now."""

    def end(self) -> Iterator[dict[str, Any]]:
        """Give what is still held, where the stream ended before the reply did."""


class Dialect(Protocol):
    """One of the ways of OpenAI's protocol to ask a model."""

    suffix: str
    """How a path ends that is asked in this way, wherever a server has it."""
    end: bytes
    """What closes a stream, after the last event."""
    is_kept: bool
    """Whether a server keeps its replies, so that a request can go on from one by its id."""

    def read(self, body: Mapping[str, Any]) -> Conversation:
        """Read a request.

        Raises:
            DataError: it is none; the line names the place.
        """

    def answer(self, asked: Conversation, text: str, finish: FinishReason) -> dict[str, Any]:
        """Make a whole answer of the guard's own."""

    def stream(self, asked: Conversation, text: str, finish: FinishReason) -> Iterator[dict[str, Any]]:
        """Make the events of such an answer."""

    def reply_rail(self, asked: Conversation, make: MakeHoldBack, found: Found) -> ReplyRail:
        """Make the rail for a reply that is read as a whole."""

    def stream_rail(self, asked: Conversation, make: MakeHoldBack, found: Found) -> StreamRail:
        """Make the rail for a reply that is streamed."""

    def write(self, event: Mapping[str, Any]) -> bytes:
        """Write one event of a stream."""
