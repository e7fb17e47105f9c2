"""A model that says what it was made to: chats and responses, whole and streamed, and the call of a tool to whoever brings tools.

Asked for a code it tells one, which is for a gateway to stop; asked for anything else it says what bread is.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import uvicorn

from demur.guard.wire.chat import Chat
from demur.guard.wire.conversation import Conversation
from demur.guard.wire.request import read_body, read_object
from demur.guard.wire.responses import Responses
from demur.guard.wire.sender import Receive, Scope, Send, Sender

__all__ = ["serve"]

_BREAD, _CODE = "Bread is flour, water, salt and time.", "The code is CODE-1234, keep it."
_CALL: dict[str, Any] = {
    "id": "call-1",
    "type": "function",
    "function": {"name": "weather", "arguments": '{"city": "Bern"}'},
}
_USAGE = {"prompt_tokens": 3, "completion_tokens": 8, "total_tokens": 11}


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a connection, as the ASGI specification 3.0 has it."""
    sender = Sender(send)
    body = await read_body(receive) or b"{}"
    if scope["method"] == "GET":
        await sender.json(200, {})
        return
    request = read_object(body)
    dialect = Responses() if scope["path"].endswith("responses") else Chat()
    asked = dialect.read(request)
    text = _CODE if "code" in asked.asked else _BREAD
    if isinstance(dialect, Responses):
        events, whole = dialect.stream(asked, text, "stop"), dialect.answer(asked, text, "stop")
    else:
        message = {"content": None, "tool_calls": [_CALL]} if request.get("tools") else {"content": text}
        events, whole = _chunks(asked, message), _completion(asked, message)
    if not asked.is_stream:
        await sender.json(200, _as_own(whole))
        return
    sender.start_events(())
    for event in events:
        await sender.piece(dialect.write(_as_own(event)))
    await sender.end(dialect.end)


def _as_own(said: Mapping[str, Any]) -> dict[str, Any]:
    """Give an answer, or an event of one, under the id of a server: the guard knows its own by theirs."""
    if "response" in said:
        return {**said, "response": _as_own(said["response"])}
    return {**said, "id": "resp_1"} if said.get("object") == "response" else dict(said)


def _completion(asked: Conversation, message: Mapping[str, Any]) -> dict[str, Any]:
    choices = [
        {"index": index, "message": {"role": "assistant", **message}, "finish_reason": _finish(message)}
        for index in range(asked.n_choices)
    ]
    return {**_head(asked, "chat.completion"), "choices": choices, "usage": _USAGE}


def _chunks(asked: Conversation, message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the chunks of a stream: choices take turns, a few characters each."""
    head = _head(asked, "chat.completion.chunk")
    for delta, finish in [*((delta, None) for delta in _deltas(message)), ({}, _finish(message))]:
        for index in range(asked.n_choices):
            yield {**head, "choices": [{"index": index, "delta": delta, "finish_reason": finish}]}
    if asked.wants_usage:
        yield {**head, "choices": [], "usage": _USAGE}


def _deltas(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": None if "tool_calls" in message else ""}
    if "tool_calls" not in message:
        yield from ({"content": piece} for piece in _pieces(message["content"]))
        return
    function = _CALL["function"]
    yield {"tool_calls": [{"index": 0, **_CALL, "function": {**function, "arguments": ""}}]}
    for piece in _pieces(function["arguments"]):
        yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}


def _pieces(text: str) -> Iterator[str]:
    return (text[start : start + 4] for start in range(0, len(text), 4))


def _finish(message: Mapping[str, Any]) -> str:
    return "tool_calls" if "tool_calls" in message else "stop"


def _head(asked: Conversation, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1_700_000_000, "model": asked.model}


if __name__ == "__main__":
    uvicorn.run(serve, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False, lifespan="off")
