"""Logs as other people's tools write them, and rows for tables."""

import json

REFUSAL = "I'm sorry, but I can't help with that."
ANSWER = "Sure: stop the process with the signal TERM, wait for it, and then look at the log."
START = 1_764_547_200.0  # 2025-12-01T00:00:00Z


def write_lines(path, rows):
    """Write a row a line."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def table_row(number, *, refuses=False, at=None, **more):
    """Make a row of a plain table: a request of its own, refused or answered."""
    return {
        "ts": START + number if at is None else at,
        "prompt": f"How do I stop process number {number} of the server?",
        "response": REFUSAL if refuses else ANSWER,
        **more,
    }


CHAT_REQUEST = {
    "model": "gpt-4o",
    "user": "u1",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "How do I stop a process?"}],
}
CHAT_RESPONSE = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_764_547_200,
    "model": "gpt-4o-2024-08-06",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": ANSWER}, "finish_reason": "stop"}],
}


def span(name="chat gpt-4o", **attributes):
    """Make a span of OTLP's JSON; names have underscores where OpenTelemetry has dots."""
    return {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "name": name,
        "startTimeUnixNano": "1764547200000000000",
        "attributes": [
            {"key": key.replace("__", "."), "value": _otlp_value(value)} for key, value in attributes.items()
        ],
    }


def otlp(*spans, **resource):
    """Make a batch of spans."""
    attributes = [{"key": key.replace("__", "."), "value": {"stringValue": value}} for key, value in resource.items()]
    return {"resourceSpans": [{"resource": {"attributes": attributes}, "scopeSpans": [{"spans": list(spans)}]}]}


def _otlp_value(value):
    if isinstance(value, list):
        return {"arrayValue": {"values": [_otlp_value(item) for item in value]}}
    if isinstance(value, dict):
        return {"kvlistValue": {"values": [{"key": key, "value": _otlp_value(item)} for key, item in value.items()]}}
    return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}
