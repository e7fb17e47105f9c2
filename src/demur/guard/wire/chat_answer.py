"""An answer of the guard's own as a chat completion: whole, or as the chunks of a stream."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

from demur.guard.wire.conversation import Conversation
from demur.guard.wire.dialect import FinishReason

__all__ = ["make_completion", "stream_completion"]


def make_completion(asked: Conversation, text: str, finish_reason: FinishReason) -> dict[str, Any]:
    """Make a chat completion that says this in every choice."""
    message = {"role": "assistant", **_said(asked, text)}
    return {
        **_head(asked, "chat.completion"),
        "choices": [
            {"index": index, "message": message, "finish_reason": finish_reason, "logprobs": None}
            for index in range(asked.n_choices)
        ],
        "usage": _NO_USAGE,
    }


def stream_completion(asked: Conversation, text: str, finish_reason: FinishReason) -> Iterator[dict[str, Any]]:
    """Make the chunks of a streamed chat completion that says this in every choice."""
    head = _head(asked, "chat.completion.chunk")
    for index in range(asked.n_choices):
        delta = {"role": "assistant", **_said(asked, text)}
        yield {**head, "choices": [{"index": index, "delta": delta, "finish_reason": None, "logprobs": None}]}
        yield {**head, "choices": [{"index": index, "delta": {}, "finish_reason": finish_reason, "logprobs": None}]}
    if asked.wants_usage:
        yield {**head, "choices": [], "usage": _NO_USAGE}


def _said(asked: Conversation, text: str) -> dict[str, str | None]:
    """Give the text where a client that wants JSON does not take it for any."""
    return {"content": None, "refusal": text} if asked.is_structured else {"content": text, "refusal": None}


_NO_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
"""No model was asked, and nothing is to be paid."""


def _head(asked: Conversation, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-demur-{uuid.uuid4().hex}",
        "object": kind,
        "created": int(time.time()),
        "model": asked.model,
        "system_fingerprint": None,
    }
