"""Bodies of requests and responses, as OpenAI's API and everything that speaks like it takes and gives them.

A row has a request and a response (bodies, or objects or texts of JSON with a ``body``), or messages beside a response; or
it is one conversation whose last message is the reply. Read by OpenAI's API reference of chat completions and responses.
"""

from collections.abc import Mapping
from typing import Any

from demur.cases import Row
from demur.watch.formats.body import find_messages, find_replies, parsed

__all__ = ["is_row", "unfold"]

_REQUESTS, _RESPONSES = ("request", "request_body", "body"), ("response", "response_body", "completion")
_ANSWERS = ("choices", "output", "error")


def is_row(values: Mapping[str, Any]) -> bool:
    """Tell whether a row holds such bodies; a reply that is a text, beside a prompt or messages, is a plain table's."""
    response = _body(values, _RESPONSES)
    if response is not None and any(name in response for name in _ANSWERS):
        return True
    return isinstance(values.get("choices"), list) or _ends_with_reply(values)


def unfold(row: Row) -> list[Row]:
    """Give a row for each choice of a response."""
    values = row.values
    request = _body(values, _REQUESTS) or values
    response = _body(values, _RESPONSES) or values
    messages = find_messages(request)
    if _ends_with_reply(values) and messages is not None:
        replies = find_replies(messages[-1])
        messages = messages[:-1]
    else:
        replies = find_replies(response)
    known = {**_said_beside(request), **_said_beside(response), **_beside(values)}
    return [
        Row(
            row.where if len(replies) == 1 else f"{row.where}: choice {index}",
            row.number,
            {
                **values,
                **known,
                "messages": messages,
                "prompt": None,
                "response": said.text,
                "stop_reason": said.stop_reason,
                "reasoning": said.reasoning,
            },
        )
        for index, said in enumerate(replies, 1)
    ]


def _body(values: Mapping[str, Any], names: tuple[str, ...]) -> Mapping[str, Any] | None:
    for name in names:
        found = parsed(values.get(name))
        if isinstance(found, Mapping):
            inner = parsed(found.get("body"))
            return inner if isinstance(inner, Mapping) else found
    return None


def _ends_with_reply(values: Mapping[str, Any]) -> bool:
    if any(name in values for name in (*_RESPONSES, "choices")):
        return False
    messages = parsed(values.get("messages"))
    last = messages[-1] if isinstance(messages, list) and messages else None
    return isinstance(last, Mapping) and last.get("role") == "assistant"


def _said_beside(body: Mapping[str, Any]) -> dict[str, Any]:
    """Take what a body says about the exchange besides what was said."""
    found = {"model": body.get("model"), "ts": body.get("created") or body.get("created_at"), "id": body.get("id")}
    found["user"] = body.get("user") or body.get("safety_identifier")
    conversation = body.get("conversation")
    found["conversation"] = conversation.get("id") if isinstance(conversation, Mapping) else conversation
    return {name: value for name, value in found.items() if isinstance(value, (str, int, float))}


def _beside(values: Mapping[str, Any]) -> dict[str, Any]:
    """Take what stands beside the bodies, which the logger knew and neither side told the other."""
    names = ("ts", "timestamp", "model", "id", "user", "conversation")
    return {name: values[name] for name in names if isinstance(values.get(name), (str, int, float))}
