"""Responses, the newer way of asking: items in place of messages, and conversations that a server may keep."""

from collections.abc import Iterator, Mapping
from typing import Any

from demur.errors import DataError
from demur.guard.wire.content import check_spelling, positive, read_model
from demur.guard.wire.conversation import Conversation, as_asked
from demur.guard.wire.dialect import FinishReason, Found, MakeHoldBack, ReplyRail, StreamRail
from demur.guard.wire.responses_answer import make_response, stream_response
from demur.guard.wire.responses_input import read_input
from demur.guard.wire.responses_rail import ResponsesReplyRail
from demur.guard.wire.responses_stream_rail import ResponsesStreamRail
from demur.guard.wire.sse import write_event
from demur.types import Turn

__all__ = ["Responses"]

_KEYS = frozenset(
    {"background", "conversation", "input", "instructions", "max_output_tokens", "model", "previous_response_id", "prompt",
     "stream"}
)  # fmt: skip
"""What is read here of a request."""


class Responses:
    """Responses; see `demur.guard.wire.dialect.Dialect`."""

    suffix = "responses"
    end = b""
    is_kept = True

    def read(self, body: Mapping[str, Any]) -> Conversation:
        """Read a request for a response.

        What cannot be looked at is refused: a reply that is made in the background and fetched later, and a request that only
        points at what a server keeps.
        """
        check_spelling(body, _KEYS, "the request")
        if body.get("background") not in (None, False):
            raise DataError(
                "background: found a response to be fetched later; expected none, its text would come unguarded"
            )
        said = read_input(body.get("input"))
        previous, conversation = _id(body, "previous_response_id"), _id(body, "conversation")
        variables = _variables(body.get("prompt"))
        if not said.turns and not variables and (conversation or not said.is_all):
            raise DataError(
                "input: found only what a server keeps; expected what is asked now, so that it can be looked at"
            )
        return Conversation(
            turns=as_asked((*_instructions(body.get("instructions")), *said.turns, *variables)),
            model=read_model(body),
            is_stream=body.get("stream") is True,
            most_tokens=positive(body.get("max_output_tokens")),
            previous=previous or conversation,
            is_history_unknown=conversation is not None or not said.is_all,
        )

    def answer(self, asked: Conversation, text: str, finish: FinishReason) -> dict[str, Any]:
        """Make a response that says this."""
        return make_response(asked, text, finish)

    def stream(self, asked: Conversation, text: str, finish: FinishReason) -> Iterator[dict[str, Any]]:
        """Make the events of such a response."""
        return stream_response(asked, text, finish)

    def reply_rail(self, asked: Conversation, make: MakeHoldBack, found: Found) -> ReplyRail:
        """Make the rail for a reply that is read as a whole."""
        return ResponsesReplyRail(make, found, asked)

    def stream_rail(self, asked: Conversation, make: MakeHoldBack, found: Found) -> StreamRail:
        """Make the rail for a reply that is streamed."""
        return ResponsesStreamRail(make, found, asked)

    def write(self, event: Mapping[str, Any]) -> bytes:
        """Write one event, its type before it."""
        import orjson

        kind = event.get("type")
        name = f"event: {kind}\n".encode() if isinstance(kind, str) else b""
        return name + write_event(orjson.dumps(event))


def _instructions(value: Any) -> tuple[Turn, ...]:
    if value is not None and not isinstance(value, str):
        raise DataError(f"instructions: found {type(value).__name__}; expected a text")
    return (Turn("system", value),) if value else ()


def _id(body: Mapping[str, Any], key: str) -> str | None:
    value = body.get(key)
    if isinstance(value, Mapping):
        value = value.get("id")
    if value is not None and not isinstance(value, str):
        raise DataError(f"{key}: found {type(value).__name__}; expected an id")
    return value or None


def _variables(prompt: Any) -> tuple[Turn, ...]:
    """Read what a caller puts into a prompt that is kept by the server; the prompt itself is the operator's."""
    values = prompt.get("variables") if isinstance(prompt, Mapping) else None
    texts = [one if isinstance(one, str) else one.get("text") for one in _values(values)]
    text = "\n".join(text for text in texts if isinstance(text, str))
    return (Turn("user", text),) if text else ()


def _values(values: Any) -> list[Any]:
    return [one for one in values.values() if isinstance(one, str | Mapping)] if isinstance(values, Mapping) else []
