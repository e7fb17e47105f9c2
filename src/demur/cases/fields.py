"""Fields: what one column of a row says, checked."""

import hashlib
import math
from collections.abc import Mapping
from typing import TypeVar

from demur.cases.tabular import Row
from demur.errors import DataError
from demur.types import Case, Expect, Kind, Turn

__all__ = ["find_text", "locale_tag", "look_up", "make_case", "make_id", "read_text_field"]

T = TypeVar("T")


def read_text_field(row: Row, *columns: str) -> str:
    """Read the text of a column that must be there, under the first of its names that the row has.

    Numbers become text. The text is kept as it is, spaces included.

    Raises:
        DataError: the row has none of the columns, or the value is no text.
    """
    for column in columns:
        if column in row.values:
            value = row.values[column]
            if not _is_text(value):
                raise DataError(f"{row.where}: {column}: found {type(value).__name__}; expected text")
            return str(value)
    wanted = " or ".join(f"'{column}'" for column in columns)
    raise DataError(f"{row.where}: no column {wanted}; found {', '.join(map(repr, row.values)) or 'none'}")


def find_text(row: Row, *columns: str) -> str | None:
    """Read the text of a column that may be missing or empty; None then."""
    if all(row.values.get(column) is None for column in columns):
        return None
    return read_text_field(row, *(column for column in columns if row.values.get(column) is not None)).strip() or None


def _is_text(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def look_up(row: Row, column: str, table: Mapping[str, T]) -> T:
    """Translate the text of a column by a table that must know it.

    Raises:
        DataError: the column is missing, or its text is not in the table.
    """
    text = read_text_field(row, column)
    if text not in table:
        raise DataError(f"{row.where}: {column}: found {text[:80]!r}; expected one of {', '.join(table)}")
    return table[text]


def make_id(row: Row, prompt: str) -> str:
    """Make an id for a row that has none: its number in the table and eight digits of its prompt's hash."""
    # surrogatepass: text that cannot be written is reported with its place later, by the integrity check
    return f"{row.number}-{hashlib.sha256(prompt.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def locale_tag(text: str) -> str:
    """Write a locale as a BCP 47 tag: ``en_US`` becomes ``en-US``."""
    return text.strip().replace("_", "-")


def make_case(
    row: Row,
    prompt: str,
    *,
    expect: Expect,
    case_id: str | None = None,
    kind: Kind | None = None,
    category: str | None = None,
    pattern: str | None = None,
    locale: str = "en",
    twin: str | None = None,
    family: str | None = None,
) -> Case:
    """Make the case of a row that is a single question; an id is made where there is none."""
    return Case(
        id=case_id or make_id(row, prompt),
        turns=(Turn("user", prompt),),
        expect=expect,
        kind=kind,
        category=category,
        pattern=pattern,
        locale=locale,
        twin=twin,
        family=family,
    )
