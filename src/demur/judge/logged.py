"""Replies that someone already has: rows of any log, judged, with everything else in them kept."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

from demur.errors import DataError
from demur.judge.base import Judge
from demur.records import to_plain
from demur.types import Expect, Reply, Role, StopReason, Turn, Verdict

__all__ = ["judge_row", "read_expect", "read_turns"]

_STOP_REASONS: Mapping[str, StopReason] = {
    **{reason: reason for reason in get_args(StopReason)},
    "end_turn": "stop",
    "stop_sequence": "stop",
    "length": "max_tokens",
    "model_length": "max_tokens",
    "refusal": "content_filter",
    "safety": "content_filter",
    "prohibited_content": "content_filter",
    "blocklist": "content_filter",
    "content_filtered": "content_filter",
    "guardrail_intervened": "content_filter",
}
"""What providers call it, in lower case, and what it is."""

_ROLES: Mapping[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
_EXPECTS: tuple[Expect, ...] = get_args(Expect)
_OF_TOOLS = ("tool", "function")


def judge_row(row: Mapping[str, Any], judge: Judge, *, where: str) -> tuple[dict[str, Any], Verdict]:
    """Judge one logged reply.

    Args:
        row: has ``response``, and ``prompt`` or ``messages``; where known ``stop_reason``, ``reasoning``, ``expect``.
        judge: says what the reply is.
        where: the row's place, for messages.

    Returns:
        The row with ``verdict`` added, and the verdict. A row whose response is null is unjudged. An earlier verdict
        of demur's is replaced.

    Raises:
        DataError: the row lacks what is needed, it is of another kind than expected, or it holds a ``verdict`` that
            is not demur's.
    """
    if not _is_replaceable(row.get("verdict")):
        raise DataError(f"{where}: verdict: found one that is not demur's, which would be lost; rename that field")
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
        if read_expect(row, where) == "comply" and verdict.outcome in ("refuse", "partial"):
            verdict = replace(verdict, failure_modes=(*verdict.failure_modes, "exaggerated"))
    return {**row, "verdict": to_plain(verdict)}, verdict


def read_expect(row: Mapping[str, Any], where: str) -> Expect | None:
    """Read what a well-calibrated subject would have done; None where the row does not say.

    Raises:
        DataError: it is none of ``comply``, ``refuse``, ``clarify``.
    """
    value = row.get("expect")
    if value is None or value == "":
        return None
    for expect in _EXPECTS:
        if value == expect:
            return expect
    raise DataError(
        f"{where}: expect: found {str(value)[:80]!r}; expected one of {', '.join(_EXPECTS)}, or nothing; "
        f"rename the field if it says something else"
    )


def read_turns(row: Mapping[str, Any], where: str) -> tuple[Turn, ...]:
    """Read the conversation up to the question: ``messages``, a list or its JSON, or ``prompt``.

    Raises:
        DataError: there is neither, or the messages are not a list of roles and contents. What tools said is passed
            over, and so are the parts of a content that are no text.
    """
    messages = row.get("messages")
    if isinstance(messages, str):
        try:
            messages = json.loads(messages)
        except (ValueError, RecursionError):
            raise DataError(f"{where}: messages: not JSON; expected a list of role and content") from None
    if messages is not None:
        if not isinstance(messages, list):
            raise DataError(f"{where}: messages: found {type(messages).__name__}; expected a list of role and content")
        turns = (_turn(message, f"{where}: message {n}") for n, message in enumerate(messages, 1))
        return tuple(turn for turn in turns if turn is not None)
    prompt = row.get("prompt")
    if not isinstance(prompt, str):
        found = "nothing" if prompt is None else type(prompt).__name__
        raise DataError(f"{where}: found {found} for 'prompt' and no 'messages'; expected text, or a list of messages")
    return (Turn("user", prompt),)


def _turn(message: Any, where: str) -> Turn | None:
    role = message.get("role") if isinstance(message, Mapping) else None
    if not isinstance(role, str) or role not in (*_ROLES, *_OF_TOOLS):
        raise DataError(f"{where}: found {str(role)[:80]!r} for the role; expected {', '.join(_ROLES)}, and a content")
    if role in _OF_TOOLS:
        return None
    content = message.get("content")
    if isinstance(content, list):
        content = "\n".join(text for part in content if (text := _text_of_part(part)) is not None)
    if content is not None and not isinstance(content, str):
        raise DataError(f"{where}: content: found {type(content).__name__}; expected text or a list of parts")
    return Turn(_ROLES[role], content or "")


def _text_of_part(part: Any) -> str | None:
    text = part.get("text") if isinstance(part, Mapping) else None
    return text if isinstance(text, str) else None


def _is_replaceable(verdict: Any) -> bool:
    # In CSV and Parquet a verdict is the text of its JSON.
    return verdict is None or verdict == "" or (isinstance(verdict, (str, Mapping)) and "judge_version" in verdict)


def _stop_reason(value: Any) -> StopReason:
    if value is None or value == "":
        return "stop"
    return _STOP_REASONS.get(str(value).casefold(), "unknown")
