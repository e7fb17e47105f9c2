"""Chat completions as a subject is asked them, and as its replies are told."""

import secrets
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from demur.errors import DataError
from demur.guard.wire.chat import Chat
from demur.guard.wire.content import kind_of
from demur.types import Decoding, Reply, Turn

__all__ = ["AskedChat", "read_chat", "stream_completion", "write_completion"]

_MOST_TOKENS = 512
"""Of a reply, where the caller says nothing."""
_HOTTEST = 2
_SEEDS = 2**31
_ROLES = frozenset({"system", "developer", "user", "assistant"})
_INERT: Mapping[str, Sequence[Any]] = {
    "frequency_penalty": (0,),
    "function_call": ("none",),
    "functions": ([],),
    "logit_bias": ({},),
    "logprobs": (False,),
    "modalities": (["text"],),
    "presence_penalty": (0,),
    "response_format": ({"type": "text"},),
    "tool_choice": ("none", "auto"),
    "tools": ([],),
    "top_logprobs": (0,),
    "top_p": (1,),
}
"""What would have the reply made in another way, with the values that have it made as it is."""


@dataclass(frozen=True)
class AskedChat:
    """What a caller asks."""

    turns: tuple[Turn, ...]
    """The last is the user's."""
    decodings: tuple[Decoding, ...]
    """Of each choice."""
    stops: tuple[str, ...]
    """Before the first of these a reply ends."""
    is_stream: bool
    wants_usage: bool
    """Whether a stream is to end with the usage."""


def read_chat(body: Mapping[str, Any]) -> AskedChat:
    """Read the body of a chat completion.

    Raises:
        DataError: it is none, or asks for what a subject does not do: tools, formats, images, a reply that is begun already.
    """
    asked = Chat().read(body)
    for n, message in enumerate(body["messages"]):
        _check_message(message, f"messages[{n}]")
    if body["messages"][-1]["role"] != "user":
        raise DataError(f"messages: found the {body['messages'][-1]['role']}'s at the end; expected the user's")
    for key, fine in _INERT.items():
        if body.get(key) is not None and body[key] not in fine:
            raise DataError(f"{key}: found {body[key]!r:.60}; expected none: this model does without")
    first = _read_seed(body)
    most, temperature = asked.most_tokens or _MOST_TOKENS, _read_temperature(body)
    return AskedChat(
        turns=asked.turns,
        decodings=tuple(Decoding(most, temperature, (first + n) % _SEEDS) for n in range(asked.n_choices)),
        stops=_read_stops(body),
        is_stream=asked.is_stream,
        wants_usage=asked.wants_usage,
    )


def _check_message(message: Mapping[str, Any], where: str) -> None:
    role, content = message.get("role"), message.get("content")
    if role not in _ROLES:
        raise DataError(f"{where}.role: found {kind_of(role)}; expected one of {', '.join(sorted(_ROLES))}")
    parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    for part in parts:
        if not (isinstance(part, Mapping) and part.get("type") == "text" and isinstance(part.get("text"), str)):
            raise DataError(f"{where}.content: found {kind_of(part)}; expected text alone")


def _read_temperature(body: Mapping[str, Any]) -> float:
    value = body.get("temperature")
    if value is None:
        return 1.0  # as OpenAI has it
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _HOTTEST:
        raise DataError(f"temperature: found {value!r:.60}; expected a number from 0 to {_HOTTEST}")
    return float(value)


def _read_seed(body: Mapping[str, Any]) -> int:
    value = body.get("seed")
    if value is None:
        return secrets.randbelow(_SEEDS)
    if isinstance(value, bool) or not isinstance(value, int):
        raise DataError(f"seed: found {value!r:.60}; expected a whole number")
    return value % _SEEDS


def _read_stops(body: Mapping[str, Any]) -> tuple[str, ...]:
    value = body.get("stop")
    stops = [value] if isinstance(value, str) else value or []
    if not isinstance(stops, list) or not all(isinstance(stop, str) and stop for stop in stops):
        raise DataError(f"stop: found {value!r:.60}; expected a text or a list of them, none empty")
    return tuple(stops)


def write_completion(model: str, asked: AskedChat, replies: Sequence[Reply]) -> dict[str, Any]:
    """Write replies as a chat completion, each a choice."""
    choices = []
    for index, (text, finish) in enumerate(_end(asked, replies)):
        message = {"role": "assistant", "content": text, "refusal": None}
        choices.append({"index": index, "message": message, "finish_reason": finish, "logprobs": None})
    return {**_head(model, "chat.completion"), "choices": choices, "usage": _usage(replies)}


def stream_completion(model: str, asked: AskedChat, replies: Sequence[Reply]) -> Iterator[dict[str, Any]]:
    """Write replies as the chunks of a streamed one."""
    head = _head(model, "chat.completion.chunk")
    for index, (text, finish) in enumerate(_end(asked, replies)):
        delta = {"role": "assistant", "content": text}
        yield {**head, "choices": [{"index": index, "delta": delta, "finish_reason": None, "logprobs": None}]}
        yield {**head, "choices": [{"index": index, "delta": {}, "finish_reason": finish, "logprobs": None}]}
    if asked.wants_usage:
        yield {**head, "choices": [], "usage": _usage(replies)}


def _end(asked: AskedChat, replies: Sequence[Reply]) -> Iterator[tuple[str, str]]:
    """Give each text as far as the first stop in it, and why it ends."""
    for reply in replies:
        end = min((at for stop in asked.stops if (at := reply.text.find(stop)) >= 0), default=None)
        is_cut = end is None and reply.stop_reason == "max_tokens"
        yield reply.text[:end], "length" if is_cut else "stop"


def _usage(replies: Sequence[Reply]) -> dict[str, int]:
    """Count tokens as OpenAI does: those of the question once, those of all replies."""
    n_read = replies[0].n_input_tokens or 0
    n_said = sum(reply.n_output_tokens or 0 for reply in replies)
    return {"prompt_tokens": n_read, "completion_tokens": n_said, "total_tokens": n_read + n_said}


def _head(model: str, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": kind,
        "created": int(time.time()),
        "model": model,
        "system_fingerprint": None,
    }
