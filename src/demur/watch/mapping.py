"""Which column of a log says what about an exchange."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from demur.cases import Row
from demur.cases.custom import parse_pairs
from demur.errors import DataError

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

    @property
    def is_plain(self) -> bool:
        """Whether it says where the question or the reply stands, so that no format need be recognised."""
        return any(part in self.renamed() for part in _SAID)

    def renamed(self) -> dict[str, str]:
        """Give the column of each part that is not named as expected."""
        columns = {field.name: (getattr(self, field.name), field.default) for field in dataclasses.fields(self)}
        return {part: column for part, (column, default) in columns.items() if column != default}

    def read(self, row: Row) -> dict[str, Any]:
        """Give the parts that a row has, by their names.

        Raises:
            DataError: a column that was asked for is not there.
        """
        parts = {}
        for field in dataclasses.fields(self):
            column = getattr(self, field.name)
            names = (column, *_OTHER_NAMES.get(field.name, ())) if column == field.default else (column,)
            found, value = _find(row.values, names)
            if not found and column != field.default:
                raise DataError(
                    f"{row.where}: no column '{column}' for {field.name}; found {', '.join(row.values) or 'none'}"
                )
            if found:
                parts[field.name] = value
        return parts


def parse_log_mapping(pairs: Sequence[str]) -> LogMapping:
    """Read pairs such as ``prompt=question``: the part of an exchange, then the column that holds it.

    Raises:
        UsageError: a pair is none, a part is unknown, or it is given twice.
    """
    return LogMapping(**parse_pairs(pairs, [field.name for field in dataclasses.fields(LogMapping)]))


def _find(values: Mapping[str, Any], names: Sequence[str]) -> tuple[bool, Any]:
    for name in names:
        if name in values:
            return True, values[name]
    return _find_path(values, names[0]) if "." in names[0] else (False, None)


def _find_path(values: Mapping[str, Any], path: str) -> tuple[bool, Any]:
    """Look a path up; an object on its way that a row lacks is a value that it does not say."""
    head, *rest = path.split(".")
    if head not in values:
        return False, None
    value: Any = values[head]
    for name in rest:
        value = value.get(name) if isinstance(value, Mapping) else None
    return True, value
