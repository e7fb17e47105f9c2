"""Which column of a log says what about an exchange."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from demur.cases import Row
from demur.cases.custom import parse_pairs
from demur.errors import DataError
from demur.watch.formats.body import parsed

__all__ = ["LogMapping", "parse_log_mapping"]

_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "ts": ("timestamp", "at", "time", "created_at"),
    "lang": ("language", "locale"),
    "user": ("user_id",),
    "conversation": ("conversation_id", "session_id"),
    "stop_reason": ("finish_reason",),
}
"""Names under which a part is looked for too, where no column was asked for."""
_SAID = ("prompt", "messages", "response")
"""Parts that a format of its own kind keeps elsewhere: who maps one of them has a plain table."""


@dataclass(frozen=True)
class LogMapping:
    """Which column holds which part of an exchange; a column may be a path into objects, such as ``metadata.tenant``.

    Only `response`, and `prompt` or `messages`, must be there. A column that is named otherwise than here by default must be
    there too.
    """

    ts: str = "ts"
    """When it was asked."""
    prompt: str = "prompt"
    """The question."""
    messages: str = "messages"
    """The conversation up to the question, where there is no prompt."""
    response: str = "response"
    """The reply; null where there is none."""
    model: str = "model"
    lang: str = "lang"
    """Of what was asked: BCP 47."""
    tenant: str = "tenant"
    category: str = "category"
    user: str = "user"
    conversation: str = "conversation"
    id: str = "id"
    stop_reason: str = "stop_reason"
    """Why the reply ended; ``content_filter`` says that a filter spoke."""
    reasoning: str = "reasoning"
    expect: str = "expect"
    """What a well-calibrated model would have done, where somebody knows: ``comply``, ``refuse`` or ``clarify``."""

    @cached_property
    def is_plain(self) -> bool:
        """Whether it says where the question or the reply stands, so that no format need be recognised."""
        return any(place.part in _SAID and place.is_asked_for for place in self._places)

    def read(self, row: Row) -> dict[str, Any]:
        """Give the parts that a row has, by their names.

        Raises:
            DataError: a column that was asked for is not there.
        """
        parts = {}
        for place in self._places:
            for name in place.names:
                if name in row.values:
                    parts[place.part] = row.values[name]
                    break
            else:
                if place.is_asked_for:
                    parts[place.part] = _find_path(row, place)
        return parts

    @cached_property
    def _places(self) -> tuple["_Place", ...]:
        places = []
        for field in dataclasses.fields(self):
            column = getattr(self, field.name)
            others = () if column != field.default else _OTHER_NAMES.get(field.name, ())
            places.append(_Place(field.name, (column, *others), column != field.default))
        return tuple(places)


class _Place(NamedTuple):
    """Where a part is looked for."""

    part: str
    names: tuple[str, ...]
    is_asked_for: bool
    """Whether the user named the column, so that it must be there."""


def parse_log_mapping(pairs: Sequence[str]) -> LogMapping:
    """Read pairs such as ``prompt=question``: the part of an exchange, then the column that holds it.

    Raises:
        UsageError: a pair is none, a part is unknown, or it is given twice.
    """
    return LogMapping(**parse_pairs(pairs, [field.name for field in dataclasses.fields(LogMapping)]))


def _find_path(row: Row, place: _Place) -> Any:
    """Look a column up as a path; an object on its way that a row lacks is a value that it does not say."""
    head, *rest = place.names[0].split(".")
    if head not in row.values or not rest:
        found = ", ".join(row.values) or "none"
        raise DataError(f"{row.where}: no column '{place.names[0]}' for {place.part}; found {found}")
    value: Any = parsed(row.values[head])
    for name in rest:
        value = parsed(value.get(name)) if isinstance(value, Mapping) else None
    return value
