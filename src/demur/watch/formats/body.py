"""What requests and responses hold, in the forms that SDKs and tracers write them down: messages in, replies out."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["Said", "find_messages", "find_replies", "parsed"]

_ROLES: Mapping[str, str] = {"human": "user", "ai": "assistant", "model": "assistant", "bot": "assistant"}
"""What LangChain and Gemini call the two who speak."""
_FILTERS = ("content_filter", "content_policy_violation", "responsibleaipolicyviolation")
"""Codes of errors that say that a filter spoke, in lower case."""


class Said(NamedTuple):
    """What came back."""

    text: str | None
    """None where nothing was said: a call of a tool, or an error."""
    stop_reason: str | None
    reasoning: str | None = None


def parsed(value: Any) -> Any:
    """Give what a text holds as JSON, if it is an object or a list; any other value as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def find_messages(request: Any) -> list[Any] | None:
    """Find the messages of a request: of chats, of responses, a list alone, or a text; None where there are none."""
    request = parsed(request)
    if isinstance(request, str):
        return [{"role": "user", "content": request}]
    if isinstance(request, list):
        return [_message(item) for item in request] if request else None
    if not isinstance(request, Mapping):
        return None
    if request.get("role") is not None:
        return [_message(request)]
    for name in ("messages", "input", "prompt", "contents"):
        found = find_messages(request[name]) if request.get(name) is not None else None
        if found is not None:
            system = request.get("instructions") or (request.get("system") if name == "messages" else None)
            return [{"role": "system", "content": system}, *found] if system else found
    return None


def find_replies(response: Any) -> list[Said]:
    """Find what a response says: one for each choice; of chats, of responses, one message, or a text."""
    response = parsed(response)
    if isinstance(response, str):
        return [Said(response, None)]
    if isinstance(response, list):
        return [said for item in response for said in find_replies(item)]
    return _replies_of_body(response) if isinstance(response, Mapping) else [Said(None, None)]


def _replies_of_body(body: Mapping[str, Any]) -> list[Said]:
    if isinstance(body.get("choices"), list):
        return [_choice(choice) for choice in body["choices"]] or [Said(None, None)]
    if isinstance(body.get("output"), list):
        return [_of_items(body)]
    if body.get("error") is not None:
        return [Said(None, "content_filter" if _is_filter(body["error"]) else None)]
    return [_of_message(body, body.get("finish_reason") or body.get("stop_reason"))]


def _message(item: Any) -> Any:
    """Give a message with a role and a content that is a text or a list of parts with texts."""
    if isinstance(item, str):
        return {"role": "user", "content": item}
    if not isinstance(item, Mapping):
        return item
    role = item.get("role") or item.get("type")
    if role in ("function_call", "function_call_output", "reasoning", "tool_call_response"):
        role = "tool"
    content = item.get("content") if "content" in item else item.get("parts")
    return {"role": _ROLES.get(role, role) if isinstance(role, str) else role, "content": _texts(content)}


def _texts(content: Any) -> Any:
    """Give the text of a content; OpenTelemetry puts it into ``content``, OpenAI and others into ``text``."""
    if not isinstance(content, Sequence) or isinstance(content, str):
        return content
    parts = [part for part in content if isinstance(part, Mapping) and part.get("type") != "reasoning"]
    texts = [part.get(name) for part in parts for name in ("text", "content", "refusal") if name in part]
    texts += [part for part in content if isinstance(part, str)]
    return "\n".join(text for text in texts if isinstance(text, str))


def _choice(choice: Any) -> Said:
    if not isinstance(choice, Mapping):
        return Said(None, None)
    if isinstance(choice.get("text"), str):
        return Said(choice["text"], choice.get("finish_reason"))
    return _of_message(choice.get("message"), choice.get("finish_reason"))


def _of_message(message: Any, stop_reason: Any) -> Said:
    if not isinstance(message, Mapping):
        return Said(None, stop_reason)
    content = message.get("content") if "content" in message else message.get("parts")
    text, refusal = _texts(content), message.get("refusal")
    if isinstance(refusal, str) and refusal:
        text = refusal  # a refusal in the place where a structured answer was to be
    reasoning = message.get("reasoning_content") or message.get("reasoning") or _reasoning(content)
    # A message that only calls a tool is no empty reply: nobody was told anything yet.
    is_empty = not isinstance(text, str) or (text == "" and _calls_tool(message, content))
    return Said(None if is_empty else text, stop_reason, reasoning if isinstance(reasoning, str) else None)


def _reasoning(content: Any) -> str | None:
    if not isinstance(content, Sequence) or isinstance(content, str):
        return None
    parts = [part for part in content if isinstance(part, Mapping) and part.get("type") == "reasoning"]
    texts = [part.get("content") or part.get("reasoning") or part.get("text") for part in parts]
    return "\n".join(text for text in texts if isinstance(text, str)) or None


def _calls_tool(message: Mapping[str, Any], content: Any) -> bool:
    if message.get("tool_calls") or message.get("function_call"):
        return True
    parts = content if isinstance(content, list) else []
    return any(isinstance(part, Mapping) and part.get("type") in ("tool_call", "tool_use") for part in parts)


def _of_items(response: Mapping[str, Any]) -> Said:
    """Read a response of OpenAI's Responses API: one reply, whose text may be in several items."""
    items = [item for item in response["output"] if isinstance(item, Mapping)]
    texts = [_texts(item.get("content")) for item in items if item.get("type") == "message"]
    said = [text for text in texts if isinstance(text, str)]
    details = response.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, Mapping) else None
    stop_reason = "max_tokens" if reason == "max_output_tokens" else reason
    if response.get("error") is not None and _is_filter(response["error"]):
        stop_reason = "content_filter"
    return Said("\n".join(said) if said else None, stop_reason)


def _is_filter(error: Any) -> bool:
    error = parsed(error)
    if not isinstance(error, Mapping):
        return isinstance(error, str) and any(code in error.casefold() for code in _FILTERS)
    inner = error.get("innererror")
    codes = (error.get("code"), error.get("type"), inner.get("code") if isinstance(inner, Mapping) else None)
    return any(str(code).casefold() in _FILTERS for code in codes) or _is_filter(error.get("error"))
