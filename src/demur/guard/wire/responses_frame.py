"""What a response says of itself, beside its output: id, model, status, usage, and what it repeats of the request."""

import re
from collections.abc import Mapping
from typing import Any

from demur.guard.wire.responses_check import Check

__all__ = ["Frame", "finish_of", "finish_of_error", "is_of_frame"]

_PLAIN = (
    "id", "object", "created_at", "completed_at", "status", "model", "background", "incomplete_details", "max_output_tokens",
    "max_tool_calls", "parallel_tool_calls", "previous_response_id", "prompt_cache_retention", "service_tier", "store",
    "temperature", "tool_usage", "top_logprobs", "top_p", "truncation", "usage",
)  # fmt: skip
"""Ids, numbers and words that the API lays down."""
_ECHOES = (
    "access_programs", "conversation", "error", "image", "input_transformations", "instructions", "metadata", "moderation",
    "prompt", "prompt_cache_diagnostics", "prompt_cache_key", "prompt_cache_options", "reasoning", "safety_identifier", "text",
    "tool_choice", "tools", "user",
)  # fmt: skip
"""What the request said, or the server says of itself. What is forbidden in it was not said by the model: it is left out."""
_ERROR = ("type", "error", "code", "message", "param")
_LABEL = re.compile(r"[\w.:/=+@-]*", re.ASCII)
_POLICY = re.compile(r"policy|invalid_prompt|content_filter")
"""In the code of an error: the provider's filter said no."""


class Frame:
    """Takes in what a response says of itself, and gives of it what may leave.

    Of a stream whatever else a server adds is left out: it may be the text that is held.
    """

    def __init__(self, check: Check) -> None:
        """Take the check of what is forbidden; it is not the reply's own, whose warnings are about the model."""
        self._check = check
        self._raw: dict[str, Any] = {}
        self._clean: dict[str, Any] = {}

    def take(self, response: Mapping[str, Any]) -> dict[str, Any]:
        """Give what may leave of a response beside its output, which is as it was where that stays the same."""
        for key in _PLAIN:
            if key in response:
                self._clean[key] = response[key] if _is_plain(response[key]) else self._check.clean(response[key], key)
        for key in _ECHOES:
            if key in response and (key not in self._raw or self._raw[key] != response[key]):
                self._raw[key], self._clean[key] = response[key], self._check.clean(response[key], key)
        return dict(self._clean)

    def error(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Give what may leave of an event that tells of an error."""
        return {key: self._check.clean(event[key], key) for key in _ERROR if key in event}

    @property
    def last(self) -> dict[str, Any]:
        """What was given last; empty before."""
        return dict(self._clean)

    def blocked(self, output: list[Any]) -> dict[str, Any]:
        """Give the response that a blocked one becomes."""
        return {
            **self._clean,
            "status": "incomplete",
            "incomplete_details": {"reason": "content_filter"},
            "error": None,
            "completed_at": None,
            "output": output,
        }


def is_of_frame(key: str) -> bool:
    """Tell whether a field of a response is known to be no part of what the model says."""
    return key in _PLAIN or key in _ECHOES


def finish_of(response: Mapping[str, Any]) -> str | None:
    """Give how a response ended, in the words of chat completions; None while it has not."""
    status = response.get("status")
    if status == "completed":
        return "stop"
    if status == "incomplete":
        reason = _field(response.get("incomplete_details"), "reason")
        return "length" if reason == "max_output_tokens" else reason or "incomplete"
    if status == "failed":
        return finish_of_error(response.get("error"))
    return status if status == "cancelled" else None


def finish_of_error(error: Any) -> str:
    """Give how a response ended that ended with an error: by the provider's filter, or by what went wrong."""
    return "content_filter" if _POLICY.search(_field(error, "code") or "") else "error"


def _field(value: Any, key: str) -> str | None:
    inner = value.get(key) if isinstance(value, Mapping) else None
    return inner if isinstance(inner, str) else None


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return _LABEL.fullmatch(value) is not None
    if isinstance(value, Mapping):
        return all(map(_is_plain, value.values()))
    return all(map(_is_plain, value)) if isinstance(value, list) else True
