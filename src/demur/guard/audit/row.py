"""An event as a row of the table, and back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal

from demur.guard.audit.event import Event, RailRun

__all__ = ["COLUMNS", "Column", "clean_text", "from_row", "to_row"]

Kind = Literal["text", "real", "whole", "truth", "json"]

_MOST_WHOLE = 2**63 - 1
_NUL = "\\u0000"
"""As JSON writes it; PostgreSQL's functions for JSON refuse it."""


@dataclass(frozen=True)
class Column:
    """A column of the table, named as the event's field."""

    name: str
    kind: Kind = "text"
    """``json`` is text: a list that both databases store, and can be asked about, alike."""
    is_optional: bool = False
    most: int = 512
    """Characters that are kept of a text. A client chooses how long its model's name is; the store does not let it."""


COLUMNS = (
    Column("id"),
    Column("at", "real"),
    Column("tenant", is_optional=True),
    Column("key", is_optional=True),
    Column("address", is_optional=True),
    Column("conversation", is_optional=True),
    Column("model", is_optional=True),
    Column("path"),
    Column("is_stream", "truth"),
    Column("language", is_optional=True),
    Column("verdict"),
    Column("rail", is_optional=True),
    Column("category", is_optional=True),
    Column("rule", is_optional=True),
    Column("view", is_optional=True),
    Column("score", "real", is_optional=True),
    Column("enforced", "truth"),
    Column("refused_by", "json"),
    Column("disagrees", "truth"),
    Column("status", "whole"),
    Column("finish", is_optional=True),
    Column("error", is_optional=True, most=2_048),
    Column("ran", "json"),
    Column("policy"),
    Column("request", most=16_384),
    Column("reply", most=16_384),
    Column("request_hash"),
    Column("n_input_tokens", "whole", is_optional=True),
    Column("n_output_tokens", "whole", is_optional=True),
    Column("latency_s", "real"),
    Column("first_byte_s", "real", is_optional=True),
    Column("review", is_optional=True),
)
"""In the order of the event's fields."""

_read = attrgetter(*(column.name for column in COLUMNS))
_TEXTS = tuple((place, column.most) for place, column in enumerate(COLUMNS) if column.kind == "text")
_COUNTS = tuple(place for place, column in enumerate(COLUMNS) if column.kind == "whole" and column.is_optional)
_REFUSED_BY, _RAN = (
    next(place for place, column in enumerate(COLUMNS) if column.name == name) for name in ("refused_by", "ran")
)
_RUN = tuple(field.name for field in fields(RailRun))


def to_row(event: Event) -> tuple[Any, ...]:
    """Put an event as values of the columns.

    Texts lose what not every database can store (see `clean_text`), and what exceeds the column. A count of tokens
    that is no 64-bit number is not known: an upstream may say anything.
    """
    values = list(_read(event))
    for place, most in _TEXTS:
        text = values[place]
        # Most are short and ASCII: neither cut nor looked at a second time.
        if text is not None and (len(text) > most or not text.isascii() or "\0" in text):
            values[place] = clean_text(text[:most])
    for place in _COUNTS:
        count = values[place]
        if count is not None and not 0 <= count <= _MOST_WHOLE:
            values[place] = None
    values[_REFUSED_BY] = _dump_names(event.refused_by)
    values[_RAN] = _dump_runs(event.ran)
    return tuple(values)


def from_row(values: Sequence[Any]) -> Event:
    """Read an event from the values of the columns, in their order."""
    found = dict(zip((column.name for column in COLUMNS), values, strict=True))
    found["refused_by"] = tuple(json.loads(found["refused_by"]))
    found["ran"] = tuple(RailRun(**{name: run[name] for name in _RUN}) for run in json.loads(found["ran"]))
    return Event(**found)


def clean_text(text: str) -> str:
    """Replace NUL, which PostgreSQL cannot store, and lone surrogates, which are no characters, by U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)
    return text


@lru_cache(maxsize=64)
def _dump_names(names: tuple[str, ...]) -> str:
    return json.dumps(names)


def _dump_runs(runs: tuple[RailRun, ...]) -> str:
    import orjson

    try:
        dumped = orjson.dumps(runs).decode()
    except TypeError:
        # orjson writes no surrogates.
        dumped = _NUL
    if _NUL not in dumped:
        return dumped
    return orjson.dumps([_clean_run(run) for run in runs]).decode()


def _clean_run(run: RailRun) -> RailRun:
    skipped = None if run.skipped is None else clean_text(run.skipped)
    return RailRun(clean_text(run.rail), clean_text(run.result), run.ms, skipped)
