"""An answer of the guard's own as a response: whole, or as the events of a stream; and the pieces of one for whoever replaces a reply."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

from demur.guard.wire.conversation import Conversation
from demur.guard.wire.dialect import FinishReason

__all__ = ["make_frame", "make_message", "make_part", "make_response", "new_message_id", "stream_response"]


def make_response(asked: Conversation, text: str, finish: FinishReason) -> dict[str, Any]:
    """Make a response whose only message says this."""
    status = "completed" if finish == "stop" else "incomplete"
    message = make_message(new_message_id(), [make_part(text)], status=status)
    return _ended(make_frame(asked), [message], finish)


def stream_response(asked: Conversation, text: str, finish: FinishReason) -> Iterator[dict[str, Any]]:
    """Make the events of a streamed response whose only message says this."""
    frame, name = make_frame(asked), new_message_id()
    for number, event in enumerate(_events(frame, name, text, finish)):
        yield {**event, "sequence_number": number}


def make_frame(asked: Conversation) -> dict[str, Any]:
    """Make a response that has begun and says nothing yet; its id is new."""
    return {
        "id": f"resp_demur_{uuid.uuid4().hex}",
        "object": "response",
        "created_at": int(time.time()),
        "completed_at": None,
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": asked.most_tokens,
        "metadata": {},
        "model": asked.model,
        "output": [],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "temperature": None,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "truncation": "disabled",
        "usage": None,
    }


def make_message(name: str, parts: list[dict[str, Any]], *, status: str) -> dict[str, Any]:
    """Make a message of the assistant."""
    return {"id": name, "type": "message", "role": "assistant", "status": status, "content": parts}


def make_part(text: str) -> dict[str, Any]:
    """Make the part of a message that is text."""
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def new_message_id() -> str:
    """Make an id for a message."""
    return f"msg_demur_{uuid.uuid4().hex}"


def _events(frame: dict[str, Any], name: str, text: str, finish: FinishReason) -> Iterator[dict[str, Any]]:
    status = "completed" if finish == "stop" else "incomplete"
    message = make_message(name, [make_part(text)], status=status)
    at = {"item_id": name, "output_index": 0, "content_index": 0}
    yield {"type": "response.created", "response": frame}
    yield {"type": "response.in_progress", "response": frame}
    started = make_message(name, [], status="in_progress")
    yield {"type": "response.output_item.added", "output_index": 0, "item": started}
    yield {"type": "response.content_part.added", **at, "part": make_part("")}
    yield {"type": "response.output_text.delta", **at, "delta": text, "logprobs": []}
    yield {"type": "response.output_text.done", **at, "text": text, "logprobs": []}
    yield {"type": "response.content_part.done", **at, "part": make_part(text)}
    yield {"type": "response.output_item.done", "output_index": 0, "item": message}
    yield {"type": f"response.{status}", "response": _ended(frame, [message], finish)}


def _ended(frame: dict[str, Any], output: list[dict[str, Any]], finish: FinishReason) -> dict[str, Any]:
    is_whole = finish == "stop"
    return {
        **frame,
        "status": "completed" if is_whole else "incomplete",
        "completed_at": int(time.time()) if is_whole else None,
        "incomplete_details": None if is_whole else {"reason": finish},
        "output": output,
        "usage": _NO_USAGE,
    }


_NO_USAGE = {
    "input_tokens": 0,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens": 0,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 0,
}
"""No model was asked, and nothing is to be paid."""
