"""Formats of logs: how each is recognised, and how a row of it becomes rows with the parts of an exchange in columns."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from demur.cases import Row
from demur.watch.formats import langfuse, openai, otlp

__all__ = ["FORMATS", "Format", "unfold"]


class Format(NamedTuple):
    """A format of logs."""

    name: str
    is_row: Callable[[Mapping[str, Any]], bool]
    """Whether a row is of it."""
    unfold: Callable[[Row], list[Row]]
    """Turns a row into one for each exchange in it, with the columns that `demur.watch.mapping.LogMapping` expects."""


FORMATS = (
    Format("OpenTelemetry", otlp.is_row, otlp.unfold),
    Format("Langfuse", langfuse.is_row, langfuse.unfold),
    Format("OpenAI", openai.is_row, openai.unfold),
)
"""Asked in this order; what none of them claims is a plain table."""


def unfold(row: Row) -> list[Row]:
    """Turn a row of any format into rows with the parts of an exchange in columns; none if it holds no exchange.

    Raises:
        DataError: it is of a known format and broken.
    """
    for kind in FORMATS:
        if kind.is_row(row.values):
            return kind.unfold(row)
    return [row]
