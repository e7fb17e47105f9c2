"""A small server that speaks the Responses API, and the events of a response for tests of the wire without one."""

import asyncio
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ResponsesModel", "message", "response", "stream"]

Cut = Callable[[str], list[str]]

_USAGE = {
    "input_tokens": 3,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens": 2,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 5,
}
_TEXTS = {
    "function_call": "arguments",
    "mcp_call": "arguments",
    "custom_tool_call": "input",
    "code_interpreter_call": "code",
}
_STEMS = {
    "function_call": "function_call_arguments",
    "mcp_call": "mcp_call_arguments",
    "custom_tool_call": "custom_tool_call_input",
    "code_interpreter_call": "code_interpreter_call_code",
    "output_text": "output_text",
    "refusal": "refusal",
    "reasoning_text": "reasoning_text",
    "summary_text": "reasoning_summary_text",
}


def message(*texts: str, name: str = "msg_1", **more: Any) -> dict[str, Any]:
    """Give a message with a part for each text; one that begins with "refusal:" is a refusal."""
    parts = [
        {"type": "refusal", "refusal": text.removeprefix("refusal:")}
        if text.startswith("refusal:")
        else {"type": "output_text", "text": text, "annotations": [], "logprobs": [], **more}
        for text in texts
    ]
    return {"id": name, "type": "message", "role": "assistant", "status": "completed", "content": parts}


def response(items: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Give a response as OpenAI has it."""
    return {
        "id": "resp_1", "object": "response", "created_at": 1, "completed_at": 2, "status": "completed", "error": None,
        "incomplete_details": None, "instructions": None, "metadata": {}, "model": "m", "output": items,
        "parallel_tool_calls": True, "temperature": 1.0, "tool_choice": "auto", "tools": [], "top_p": 1.0,
        "truncation": "disabled", "usage": _USAGE, **more,
    }  # fmt: skip


def stream(items: list[dict[str, Any]], cut: Cut = lambda text: [text], **more: Any) -> Iterator[dict[str, Any]]:
    """Give the events of that response; `cut` cuts each text into deltas."""
    whole = response(items, **more)
    begun = {
        **whole,
        "status": "in_progress",
        "completed_at": None,
        "output": [],
        "usage": None,
        "incomplete_details": None,
    }
    events = [{"type": f"response.{kind}", "response": begun} for kind in ("created", "in_progress")]
    for index, item in enumerate(items):
        events += _item(index, item, cut)
    events.append({"type": f"response.{whole['status']}", "response": whole})
    for number, event in enumerate(events):
        yield deepcopy({**event, "sequence_number": number})


def _item(index: int, item: dict[str, Any], cut: Cut) -> Iterator[dict[str, Any]]:
    first = {**item, **{key: "" if isinstance(item[key], str) else [] for key in _begun(item)}}
    if "status" in item:
        first["status"] = "in_progress"
    yield {"type": "response.output_item.added", "output_index": index, "item": first}
    at = {"item_id": item["id"], "output_index": index}
    if item["type"] in _TEXTS:
        yield from _text(_STEMS[item["type"]], at, _TEXTS[item["type"]], item[_TEXTS[item["type"]]], cut)
    for name, number, part in _parts(item):
        stem = f"response.{'reasoning_summary' if name == 'summary' else 'content'}_part"
        here = {**at, f"{name}_index": number}
        key = "refusal" if part["type"] == "refusal" else "text"
        yield {
            "type": f"{stem}.added",
            **here,
            "part": {**part, key: "", **({"logprobs": []} if "logprobs" in part else {})},
        }
        yield from _text(_STEMS[part["type"]], here, key, part[key], cut, logprobs=part.get("logprobs"))
        yield {"type": f"{stem}.done", **here, "part": part}
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _begun(item: dict[str, Any]) -> list[str]:
    return [key for key in ("content", "summary", "arguments", "input", "code", "output") if item.get(key)]


def _parts(item: dict[str, Any]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for name in ("summary", "content"):
        for number, part in enumerate(item.get(name) or ()):
            if part["type"] in _STEMS:
                yield name, number, part


def _text(
    stem: str, at: dict[str, Any], key: str, text: str, cut: Cut, *, logprobs: Any = None
) -> Iterator[dict[str, Any]]:
    more = {"logprobs": []} if stem == "output_text" else {}
    pieces = [entry["token"] for entry in logprobs] if logprobs else cut(text)
    for number, piece in enumerate(pieces):
        told = {"logprobs": [logprobs[number]]} if logprobs else more
        yield {"type": f"response.{stem}.delta", **at, "delta": piece, "obfuscation": "x7", **told}
    yield {"type": f"response.{stem}.done", **at, key: text, **({"logprobs": logprobs or []} if more else {})}


@dataclass
class ResponsesModel:
    """An upstream that answers with the items it is told, cut into pieces of some characters where it streams."""

    items: list[dict[str, Any]] = field(default_factory=lambda: [message("Hello there.")])
    size: int = 5
    """Characters of a delta."""
    more: dict[str, Any] = field(default_factory=dict)
    """Of the response."""
    breaks_after: int | None = None
    """Events after which the connection is cut."""
    requests: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, scope, receive, send):
        """Answer as OpenAI does."""
        if scope["type"] == "lifespan":
            while (said := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{said['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = b""
        while True:
            said = await receive()
            body += said.get("body", b"")
            if not said.get("more_body"):
                break
        request = json.loads(body) if body else {}
        self.requests.append({"method": scope["method"], "path": scope["path"], **request})
        more = {"id": f"resp_{len(self.requests)}", "model": request.get("model", "m"), **self.more}
        if scope["method"] == "POST" and request.get("stream") is True:
            await self._stream(more, send)
        else:
            await send(_start(b"application/json"))
            await send({"type": "http.response.body", "body": json.dumps(response(self.items, **more)).encode()})

    async def _stream(self, more, send):
        await send(_start(b"text/event-stream"))
        events = stream(
            self.items, lambda text: [text[at : at + self.size] for at in range(0, len(text), self.size)], **more
        )
        for number, event in enumerate(events):
            if number == self.breaks_after:
                raise ConnectionError("cut")
            piece = f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b""})


def _start(kind: bytes) -> dict[str, Any]:
    return {"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]}
