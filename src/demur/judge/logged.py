"""Replies that someone already has: rows of any log, judged, with everything else in them kept."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

from demur.errors import DataError
from demur.judge.base import Judge
from demur.records import to_plain
from demur.types import Reply, Role, StopReason, Turn, Verdict

__all__ = ["judge_row", "read_turns"]

_STOP_REASONS: Mapping[str, StopReason] = {
    **{reason: reason for reason in get_args(StopReason)},
    "end_turn": "stop",
    "stop_sequence": "stop",
    "length": "max_tokens",
    "model_length": "max_tokens",
    "refusal": "content_filter",
    "safety": "content_filter",
}
"""What providers call it, in lower case, and what it is."""

_ROLES: Mapping[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}


def judge_row(row: Mapping[str, Any], judge: Judge, *, where: str) -> tuple[dict[str, Any], Verdict]:
    """Judge one logged reply.

    Args:
        row: has ``response``, and ``prompt`` or ``messages``; where known ``stop_reason``, ``reasoning``, ``expect``.
        judge: says what the reply is.
        where: the row's place, for messages.

    Returns:
        The row with ``verdict`` added, and the verdict. A row whose response is null is unjudged.

    Raises:
        DataError: the row lacks what is needed, or it is of another kind than expected.
    """
    turns = read_turns(row, where)
    if "response" not in row:
        raise DataError(f"{where}: no field 'response'; found {', '.join(row) or 'nothing'}; rename the reply's field")
    response, reasoning = row["response"], row.get("reasoning")
    for name, value in (("response", response), ("reasoning", reasoning)):
        if value is not None and not isinstance(value, str):
            raise DataError(f"{where}: {name}: found {type(value).__name__}; expected text")
    stop_reason = _stop_reason(row.get("stop_reason"))
    if response is None and stop_reason != "content_filter":
        verdict = Verdict(outcome=None, judge=judge.name, judge_version=judge.version, note="no response")
    else:
        verdict = judge.judge(Reply(text=response or "", stop_reason=stop_reason, reasoning=reasoning or None), turns)
        if row.get("expect") == "comply" and verdict.outcome in ("refuse", "partial"):
            verdict = replace(verdict, failure_modes=(*verdict.failure_modes, "exaggerated"))
    return {**row, "verdict": to_plain(verdict)}, verdict


def read_turns(row: Mapping[str, Any], where: str) -> tuple[Turn, ...]:
    """Read the conversation up to the question: ``messages``, a list or its JSON, or ``prompt``.

    Raises:
        DataError: there is neither, or the messages are not a list of roles and contents.
    """
    messages = row.get("messages")
    if isinstance(messages, str):
        try:
            messages = json.loads(messages)
        except ValueError:
            raise DataError(f"{where}: messages: not JSON; expected a list of role and content") from None
    if messages is not None:
        if not isinstance(messages, list):
            raise DataError(f"{where}: messages: found {type(messages).__name__}; expected a list of role and content")
        return tuple(_turn(message, f"{where}: message {n}") for n, message in enumerate(messages, 1))
    prompt = row.get("prompt")
    if not isinstance(prompt, str):
        found = "nothing" if prompt is None else type(prompt).__name__
        raise DataError(f"{where}: found {found} for 'prompt' and no 'messages'; expected text, or a list of messages")
    return (Turn("user", prompt),)


def _turn(message: Any, where: str) -> Turn:
    if not isinstance(message, Mapping) or message.get("role") not in _ROLES:
        raise DataError(f"{where}: expected a role ({', '.join(_ROLES)}) and a content")
    content = message.get("content")
    if isinstance(content, list):
        content = "\n".join(part["text"] for part in content if isinstance(part, Mapping) and "text" in part)
    if content is not None and not isinstance(content, str):
        raise DataError(f"{where}: content: found {type(content).__name__}; expected text or a list of parts")
    return Turn(_ROLES[message["role"]], content or "")


def _stop_reason(value: Any) -> StopReason:
    if value is None or value == "":
        return "stop"
    return _STOP_REASONS.get(str(value).casefold(), "unknown")
