"""Exports of Langfuse: observations and traces, from its tables, its API or its scheduled exports.

An observation has its trace's id, an input and an output; the names are written ``startTime`` by the API and ``start_time``
by exports. A trace counts by the generations in it, and by its own input and output where it has none. Read by Langfuse's
reference of export fields (enriched observations) and of API v2.
"""

from collections.abc import Mapping
from typing import Any

from demur.cases import Row
from demur.errors import DataError
from demur.watch.formats.body import Said, find_messages, find_replies, parsed

__all__ = ["is_row", "unfold"]

_GENERATION = "GENERATION"


def is_row(values: Mapping[str, Any]) -> bool:
    """Tell whether a row is an observation or a trace of Langfuse's."""
    return _is_observation(values) or _is_trace(values) or _is_document(values)


def unfold(row: Row) -> list[Row]:
    """Give a row for each generation; none for an observation that is none."""
    values = row.values
    if _is_document(values):
        trace = values["trace"]
        return _of_trace(Row(row.where, row.number, {**trace, "observations": values["observations"]}))
    if _is_observation(values):
        kind = values.get("type")
        return [_exchange(row, values)] if kind is None or str(kind).upper() == _GENERATION else []
    return _of_trace(row)


def _is_observation(values: Mapping[str, Any]) -> bool:
    return ("traceId" in values or "trace_id" in values) and "input" in values and "output" in values


def _is_trace(values: Mapping[str, Any]) -> bool:
    in_session = "sessionId" in values or "session_id" in values or "observations" in values
    return in_session and "input" in values and "output" in values


def _is_document(values: Mapping[str, Any]) -> bool:
    """Tell whether it is the file of one trace, as the button above a trace writes it."""
    return isinstance(values.get("trace"), Mapping) and isinstance(values.get("observations"), list)


def _of_trace(row: Row) -> list[Row]:
    trace = row.values
    observations = parsed(trace.get("observations"))
    listed = observations if isinstance(observations, list) else []
    generations = [one for one in listed if isinstance(one, Mapping) and str(one.get("type")).upper() == _GENERATION]
    shared = {
        "user_id": _first(trace, "userId", "user_id"),
        "session_id": _first(trace, "sessionId", "session_id"),
    }
    if not generations:
        return [_exchange(row, trace)]
    return [
        _exchange(Row(f"{row.where}: observation {one.get('id')}", row.number, one), {**shared, **one})
        for one in generations
    ]


def _exchange(row: Row, values: Mapping[str, Any]) -> Row:
    messages = find_messages(values.get("input"))
    if messages is None and values.get("input") is not None:
        raise DataError(f"{row.where}: input: found no message and no text in it; map prompt=COLUMN")
    said = _reply(values)
    return Row(
        row.where,
        row.number,
        {
            **values,
            "ts": _first(values, "startTime", "start_time", "timestamp"),
            "messages": messages or [],
            "prompt": None,
            "response": said.text,
            "stop_reason": said.stop_reason,
            "reasoning": said.reasoning,
            "model": _first(values, "model", "providedModelName", "provided_model_name"),
            "user": _first(values, "userId", "user_id"),
            "conversation": _first(values, "sessionId", "session_id", "traceId", "trace_id"),
        },
    )


def _reply(values: Mapping[str, Any]) -> Said:
    """Read what came back; the text of an error is none."""
    if values.get("level") == "ERROR" or values.get("output") in (None, ""):
        said = find_replies({"error": _first(values, "statusMessage", "status_message") or "error"})
    else:
        said = find_replies(values["output"])
    return said[0] if said else Said(None, None)


def _first(values: Mapping[str, Any], *names: str) -> Any:
    return next((values[name] for name in names if values.get(name) not in (None, "")), None)
