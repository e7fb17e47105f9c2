"""Replies that someone already has: rows of any log, judged, with everything else in them kept."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from demur.cases import Row
from demur.errors import DataError
from demur.judge.base import Judge
from demur.records import to_plain
from demur.types import Expect, Reply, Role, StopReason, Turn, Verdict

__all__ = ["judge_replies", "judge_rows", "read_expect", "read_reply", "read_turns"]

_AT_ONCE = 64
"""Replies a judge is given at a time: many enough that it can work on several, few enough that progress shows."""

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


def judge_rows(rows: Sequence[Row], judge: Judge) -> list[tuple[dict[str, Any], Verdict]]:
    """Judge logged replies.

    Args:
        rows: as `read_reply` reads them; where known, with ``expect``.
        judge: says what each reply is.

    Returns:
        Each row with ``verdict`` added, and the verdict. A row without a reply is unjudged. An earlier verdict of demur's
        is replaced.

    Raises:
        DataError: a row lacks what is needed, it is of another kind than expected, or it holds a ``verdict`` that is not
            demur's. Then none is judged.
    """
    for row in rows:
        if not _is_replaceable(row.values.get("verdict")):
            raise DataError(
                f"{row.where}: verdict: found one that is not demur's, which would be lost; rename that field"
            )
    said = [read_reply(row.values, row.where) for row in rows]
    expected = [read_expect(row.values, row.where) for row in rows]
    verdicts = [
        _mark_exaggerated(verdict) if expect == "comply" else verdict
        for expect, verdict in zip(expected, judge_replies(said, judge), strict=True)
    ]
    return [
        ({**row.values, "verdict": to_plain(verdict)}, verdict) for row, verdict in zip(rows, verdicts, strict=True)
    ]


def judge_replies(
    replies: Sequence[tuple[Reply | None, Sequence[Turn]]],
    judge: Judge,
    *,
    on_judged: Callable[[int], None] = lambda _: None,
) -> list[Verdict]:
    """Judge replies, a batch at a time; where there is no reply there is nothing to judge.

    Args:
        replies: as `read_reply` gives them.
        judge: says what each is.
        on_judged: told how many have been judged, after each batch.
    """
    verdicts: list[Verdict] = []
    for start in range(0, len(replies), _AT_ONCE):
        batch = replies[start : start + _AT_ONCE]
        judged = iter(judge.judge_many((reply, turns) for reply, turns in batch if reply is not None))
        none = Verdict(None, judge=judge.name, judge_version=judge.version, note="no response")
        verdicts += [none if reply is None else next(judged) for reply, _ in batch]
        on_judged(len(batch))
    return verdicts


def read_reply(row: Mapping[str, Any], where: str) -> tuple[Reply | None, tuple[Turn, ...]]:
    """Read one logged reply, and the conversation up to the question.

    Args:
        row: has ``response``, and ``prompt`` or ``messages``; where known ``stop_reason`` and ``reasoning``.
        where: the row's place, for messages.

    Returns:
        None for the reply where the response is null, unless a filter stopped it: then nothing was said.

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
        return None, turns
    return Reply(text=response or "", stop_reason=stop_reason, reasoning=reasoning or None), turns


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


def _mark_exaggerated(verdict: Verdict) -> Verdict:
    """Mark a refusal of what was to be answered."""
    if verdict.outcome not in ("refuse", "partial"):
        return verdict
    return replace(verdict, failure_modes=(*verdict.failure_modes, "exaggerated"))


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
