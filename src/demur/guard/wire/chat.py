"""Chat completions, the dialect that every server speaks."""

from collections.abc import Iterator, Mapping
from typing import Any

from demur.errors import DataError
from demur.guard.wire.chat_answer import make_completion, stream_completion
from demur.guard.wire.chat_rail import ChatReplyRail, ChatStreamRail
from demur.guard.wire.content import check_spelling, kind_of, positive, read_count, read_model, read_role, texts_of
from demur.guard.wire.conversation import Conversation, Returned, as_asked
from demur.guard.wire.dialect import FinishReason, Found, MakeHoldBack, ReplyRail, StreamRail
from demur.guard.wire.sse import DONE, write_event
from demur.types import Turn

__all__ = ["Chat"]

_KEYS = frozenset({"messages", "model", "n", "stream", "stream_options"})
_MESSAGE_KEYS = frozenset({"role", "content"})
"""What is read here of a request and of a message."""
_MOST_CHOICES = 128
"""As OpenAI has it."""


class Chat:
    """Chat completions; see `demur.guard.wire.dialect.Dialect`."""

    suffix = "chat/completions"
    end = DONE
    is_kept = False

    def read(self, body: Mapping[str, Any]) -> Conversation:
        """Read the body of a chat completion."""
        check_spelling(body, _KEYS, "the request")
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            raise DataError(f"messages: found {kind_of(messages)}; expected a list of messages")
        options = body.get("stream_options")
        return Conversation(
            turns=as_asked([_turn(message, f"messages[{n}]") for n, message in enumerate(messages)]),
            model=read_model(body),
            is_stream=body.get("stream") is True,
            n_choices=read_count(body, "n", most=_MOST_CHOICES) or 1,
            wants_usage=isinstance(options, Mapping) and options.get("include_usage") is True,
            is_structured=_is_structured(body.get("response_format")),
            most_tokens=positive(body.get("max_completion_tokens")) or positive(body.get("max_tokens")),
        )

    def answer(self, asked: Conversation, text: str, finish: FinishReason) -> dict[str, Any]:
        """Make a chat completion that says this in every choice."""
        return make_completion(asked, text, finish)

    def stream(self, asked: Conversation, text: str, finish: FinishReason) -> Iterator[dict[str, Any]]:
        """Make the chunks of such a completion."""
        return stream_completion(asked, text, finish)

    def reply_rail(self, asked: Conversation, make: MakeHoldBack, found: Found) -> ReplyRail:  # noqa: ARG002 -- one interface
        """Make the rail for a reply that is read as a whole."""
        return ChatReplyRail(make, found)

    def stream_rail(self, asked: Conversation, make: MakeHoldBack, found: Found) -> StreamRail:
        """Make the rail for a reply that is streamed."""
        return ChatStreamRail(make, found, asked.n_choices)

    def write(self, event: Mapping[str, Any]) -> bytes:
        """Write one chunk."""
        import orjson

        return write_event(orjson.dumps(event))


def _is_structured(wanted: Any) -> bool:
    return isinstance(wanted, Mapping) and wanted.get("type") in ("json_schema", "json_object")


def _turn(message: Any, where: str) -> Turn:
    if not isinstance(message, Mapping):
        raise DataError(f"{where}: found {kind_of(message)}; expected a message with role and content")
    check_spelling(message, _MESSAGE_KEYS, where)
    role, text = read_role(message, where), "\n".join(texts_of(message.get("content")))
    return Returned(role, text) if message.get("role") in ("tool", "function") else Turn(role, text)
