"""Traces of OpenTelemetry in OTLP's JSON: a row holds spans, and a span around a model holds what was said.

Two conventions are read: OpenTelemetry's own for generative AI from 1.37 on (``gen_ai.input.messages`` and
``gen_ai.output.messages``, on the span or on an event of it), and the numbered attributes that OpenLLMetry writes
(``gen_ai.prompt.0.content``). Both leave out what was said unless they are asked to record it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from demur.cases import Row
from demur.errors import DataError
from demur.watch.formats.body import Said, find_messages, find_replies, parsed

__all__ = ["is_row", "unfold"]

_OPERATIONS = ("chat", "generate_content", "text_completion", "completion")
"""An agent's span repeats what the spans of its model hold."""
_IN, _OUT, _SYSTEM = "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"


def is_row(values: Mapping[str, Any]) -> bool:
    """Tell whether a row is a batch of spans."""
    return isinstance(values.get("resourceSpans"), list)


def unfold(row: Row) -> list[Row]:
    """Give a row for each span that holds what was asked; the attributes of span and resource are its other columns.

    Raises:
        DataError: it is no such batch.
    """
    try:
        spans = list(_spans(row.values))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise DataError(
            f"{row.where}: not spans as OTLP writes them in JSON; expected resourceSpans, scopeSpans, spans"
        ) from None
    return [_exchange(row, span, known, said) for span, known in spans for said in _replies(known)]


def _spans(batch: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
    """Give the spans around models that hold messages, each with its attributes and those of its events and resource."""
    for resource in batch["resourceSpans"]:
        shared = _attributes(resource.get("resource", {}))
        for scope in resource.get("scopeSpans", ()):
            for span in scope.get("spans", ()):
                known = {**shared, **_attributes(span)}
                for event in span.get("events", ()):
                    known.update(
                        (name, value) for name, value in _attributes(event).items() if name in (_IN, _OUT, _SYSTEM)
                    )
                _gather_numbered(known)
                if known.get("gen_ai.operation.name", "chat") in _OPERATIONS and known.get(_IN) is not None:
                    yield span, known


def _attributes(holder: Mapping[str, Any]) -> dict[str, Any]:
    return {one["key"]: _value(one.get("value", {})) for one in holder.get("attributes", ())}


def _value(value: Mapping[str, Any]) -> Any:
    """Read a value: an object with one key, which says its kind. Whole numbers are texts, since JSON has no long ones."""
    kind: str
    inner: Any
    kind, inner = next(iter(value.items()), ("", None))
    if kind == "arrayValue":
        return [_value(item) for item in inner.get("values", ())]
    if kind == "kvlistValue":
        return {one["key"]: _value(one.get("value", {})) for one in inner.get("values", ())}
    return int(inner) if kind == "intValue" else inner


def _gather_numbered(known: dict[str, Any]) -> None:
    """Put messages together whose roles and contents are attributes of their own."""
    for prefix, name in (("gen_ai.prompt.", _IN), ("gen_ai.completion.", _OUT)):
        messages: dict[int, dict[str, Any]] = defaultdict(dict)
        for key, value in known.items():
            number, _, part = key.removeprefix(prefix).partition(".") if key.startswith(prefix) else ("", "", "")
            if number.isdigit() and part in ("role", "content", "finish_reason"):
                messages[int(number)][part] = parsed(value) if part == "content" else value
        if messages and known.get(name) is None:
            known[name] = [messages[number] for number in sorted(messages)]


def _replies(known: Mapping[str, Any]) -> list[Said]:
    said = find_replies(known[_OUT]) if known.get(_OUT) is not None else [Said(None, None)]
    reasons = known.get("gen_ai.response.finish_reasons") or []
    reasons = reasons if isinstance(reasons, list) else [reasons]
    return [
        one._replace(stop_reason=one.stop_reason or (reasons[index] if index < len(reasons) else None))
        for index, one in enumerate(said)
    ]


def _exchange(row: Row, span: Mapping[str, Any], known: Mapping[str, Any], said: Said) -> Row:
    where = f"{row.where}: span {span.get('spanId')}"
    messages = find_messages(known[_IN])
    if messages is None:
        raise DataError(f"{where}: {_IN}: found no message in it")
    system = find_messages(known[_SYSTEM]) if known.get(_SYSTEM) is not None else None
    if system:
        messages = [{"role": "system", "content": message.get("content")} for message in system] + messages
    return Row(
        where,
        row.number,
        {
            **known,
            "ts": span.get("startTimeUnixNano"),
            "id": span.get("spanId"),
            "messages": messages,
            "prompt": None,
            "response": said.text,
            "stop_reason": said.stop_reason,
            "reasoning": said.reasoning,
            "model": known.get("gen_ai.response.model") or known.get("gen_ai.request.model"),
            "user": known.get("user.id") or known.get("enduser.id"),
            "conversation": known.get("gen_ai.conversation.id") or known.get("session.id"),
        },
    )
