"""Custom data: cases from any table, with a mapping that says which column is which."""

import dataclasses
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from demur.cases.fields import find_text, locale_tag, make_id, read_text_field
from demur.cases.hub import HUB_PREFIX, read_hub
from demur.cases.integrity import LocatedCase, check_cases, check_twins
from demur.cases.tabular import Row, read_jsonl, read_rows
from demur.errors import DataError, UsageError
from demur.types import Case, Expect, Kind, Role, Turn

__all__ = ["LABELS", "ColumnMapping", "load_custom", "parse_mapping", "parse_pairs"]

LABELS: Mapping[str, Expect] = {
    "comply": "comply",
    "answer": "comply",
    "safe": "comply",
    "benign": "comply",
    "harmless": "comply",
    "0": "comply",
    "false": "comply",
    "refuse": "refuse",
    "unsafe": "refuse",
    "harmful": "refuse",
    "malicious": "refuse",
    "toxic": "refuse",
    "1": "refuse",
    "true": "refuse",
    "clarify": "clarify",
    "ask": "clarify",
    "ambiguous": "clarify",
}
"""What each label, in any case of letters, expects. Numbers and booleans answer the question: is it harmful?"""

_EXPECTS = get_args(Expect)
_KINDS: Mapping[str, Kind] = {kind: kind for kind in get_args(Kind) if kind != "other"}
_ROLES: Mapping[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}


@dataclass(frozen=True)
class ColumnMapping:
    """Which column of a table holds which part of a case. Only `prompt` or `messages`, and `expect`, must be there.

    A column that is named otherwise than here by default must be there too.
    """

    prompt: str = "prompt"
    """The question: text, or a list of messages."""
    messages: str = "messages"
    """The conversation up to the question, where there is no prompt: a list of ``{"role", "content"}``, or its JSON."""
    expect: str = "expect"
    """A label from `LABELS`; or, where the table has no such column, one of comply, refuse, clarify for every row."""
    kind: str = "kind"
    """Why a case is to be refused; ``safety`` where it is not said."""
    id: str = "id"
    category: str = "category"
    """Kept as it is; a hazard code joins the case to the built-in names."""
    pattern: str = "pattern"
    boundary: str = "boundary"
    locale: str = "locale"
    """``en`` where it is not said."""
    system: str = "system"
    """A system prompt that belongs to the case."""
    twin: str = "twin"
    family: str = "family"

    def renamed(self) -> dict[str, str]:
        """Give the column of each part that is not named as expected."""
        columns = {field.name: (getattr(self, field.name), field.default) for field in dataclasses.fields(self)}
        return {part: column for part, (column, default) in columns.items() if column != default}


def parse_mapping(pairs: Sequence[str]) -> ColumnMapping:
    """Read pairs such as ``prompt=question``: the part of a case, then the column that holds it.

    Raises:
        UsageError: a pair is none, a part is unknown, or it is given twice.
    """
    return ColumnMapping(**parse_pairs(pairs, [field.name for field in dataclasses.fields(ColumnMapping)]))


def parse_pairs(pairs: Sequence[str], parts: Sequence[str]) -> dict[str, str]:
    """Read pairs of a part and the column that holds it, for any kind of record.

    Raises:
        UsageError: a pair is none, a part is unknown, or it is given twice.
    """
    columns: dict[str, str] = {}
    for pair in pairs:
        part, equals, column = pair.partition("=")
        if not equals or not column:
            raise UsageError(f"mapping '{pair}': expected part=column, as in prompt=question")
        if part not in parts:
            raise UsageError(f"mapping '{pair}': no part '{part}'; expected one of {', '.join(parts)}")
        if part in columns:
            raise UsageError(f"mapping '{pair}': '{part}' is mapped to '{columns[part]}' already; give it once")
        columns[part] = column
    return columns


def load_custom(data: str | Path, mapping: ColumnMapping | None = None) -> tuple[Case, ...]:
    """Load cases from a table of one's own.

    Args:
        data: A file that `read_rows` can read, ``-`` for JSON Lines on standard input, or ``hub:OWNER/NAME`` as
            `read_hub` takes it.
        mapping: Which column is which; the default names if None.

    Returns:
        One case a row, of the suite ``custom``, with ids made where there are none.

    Raises:
        DataError: a row lacks a column, a label is unknown, a conversation does not end with the user, a twin does
            not answer its twin, or the cases do not hold together.
    """
    located = tuple(_locate(str(data), mapping or ColumnMapping()))
    cases = check_cases(located, of=str(data))
    check_twins(located)
    return cases


def _locate(data: str, mapping: ColumnMapping) -> Iterator[LocatedCase]:
    constant: Expect | None = None
    for row in _rows(data):
        if row.number == 1:
            _check_columns(row, mapping)
            constant = LABELS[mapping.expect] if _is_constant(row, mapping) else None
        yield row.where, _make_case(row, mapping, constant, source=data)


def _rows(data: str) -> Iterator[Row]:
    if data.startswith(HUB_PREFIX):
        return read_hub(data)
    if data == "-":
        return read_jsonl(sys.stdin.buffer, "standard input")
    return read_rows(Path(data))


def _is_constant(row: Row, mapping: ColumnMapping) -> bool:
    return mapping.expect not in row.values and mapping.expect in _EXPECTS


def _check_columns(row: Row, mapping: ColumnMapping) -> None:
    """Look at the first row for every column that was asked for by a name of the user's own."""
    for field in dataclasses.fields(ColumnMapping):
        column = getattr(mapping, field.name)
        if column == field.default or column in row.values or (field.name == "expect" and _is_constant(row, mapping)):
            continue
        found = ", ".join(row.values)
        raise DataError(
            f"{row.where}: no column '{column}' for {field.name}; found {found}; map {field.name}=one of these"
        )
    if mapping.expect not in row.values and not _is_constant(row, mapping):
        found = ", ".join(row.values)
        raise DataError(
            f"{row.where}: no column '{mapping.expect}' for expect; found {found}; map expect=one of these, "
            f"or expect=comply or expect=refuse for the whole table"
        )


def _make_case(row: Row, mapping: ColumnMapping, constant: Expect | None, *, source: str) -> Case:
    turns = _turns(row, mapping)
    expect = constant or _expect(row, mapping.expect)
    case_id = find_text(row, mapping.id) or make_id(row, turns[-1].text)
    twin = find_text(row, mapping.twin)
    return Case(
        id=case_id,
        turns=turns,
        expect=expect,
        kind=_kind(row, mapping.kind, expect),
        category=find_text(row, mapping.category),
        pattern=find_text(row, mapping.pattern),
        boundary=find_text(row, mapping.boundary),
        locale=locale_tag(find_text(row, mapping.locale) or "en"),
        twin=twin,
        family=find_text(row, mapping.family) or (min(case_id, twin) if twin else None),
        suite="custom",
        source=source,
    )


def _expect(row: Row, column: str) -> Expect:
    value = row.values.get(column)
    label = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip().lower()
    if label not in LABELS:
        raise DataError(f"{row.where}: {column}: found {value!r}; expected one of {', '.join(LABELS)}")
    return LABELS[label]


def _kind(row: Row, column: str, expect: Expect) -> Kind | None:
    text = find_text(row, column)
    if expect != "refuse":
        if text is not None:
            raise DataError(
                f"{row.where}: {column}: found '{text}' where {expect} is expected; only a refusal has a kind"
            )
        return None
    if text is None:
        return "safety"
    if text in _KINDS:
        return _KINDS[text]
    raise DataError(f"{row.where}: {column}: found '{text}'; expected one of {', '.join(_KINDS)}")


def _turns(row: Row, mapping: ColumnMapping) -> tuple[Turn, ...]:
    prompt = row.values.get(mapping.prompt)
    if prompt is None and row.values.get(mapping.messages) is not None:
        turns = _conversation(row, mapping.messages)
    elif isinstance(prompt, list):
        turns = _conversation(row, mapping.prompt)
    else:
        turns = (Turn("user", read_text_field(row, mapping.prompt, mapping.messages)),)
    system = find_text(row, mapping.system)
    if system is None:
        return turns
    if turns[0].role == "system":
        raise DataError(
            f"{row.where}: {mapping.system}: the conversation has a system message already; give one of them"
        )
    return (Turn("system", system), *turns)


def _conversation(row: Row, column: str) -> tuple[Turn, ...]:
    value = row.values[column]
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise DataError(f"{row.where}: {column}: not JSON; expected a list of messages") from None
    if not isinstance(value, list) or not value:
        raise DataError(f"{row.where}: {column}: found {type(value).__name__}; expected a list of messages, not empty")
    turns = tuple(_turn(message, f"{row.where}: {column}[{index}]") for index, message in enumerate(value))
    if turns[-1].role != "user":
        raise DataError(
            f"{row.where}: {column}: the last message is the {turns[-1].role}'s; expected the user's question"
        )
    if any(turn.role == "system" for turn in turns[1:]):
        raise DataError(
            f"{row.where}: {column}: a system message stands in the middle; expected it first or not at all"
        )
    return turns


def _turn(message: Any, where: str) -> Turn:
    # In a tuple, because what stands for a role may be a list, which no mapping can look up.
    if not isinstance(message, dict) or message.get("role") not in tuple(_ROLES):
        found = message.get("role") if isinstance(message, dict) else message
        raise DataError(
            f"{where}: found {str(found)[:80]!r}; expected a message with one of the roles {', '.join(_ROLES)}"
        )
    content = message.get("content")
    if isinstance(content, list) and all(isinstance(part, dict) and part.get("type") == "text" for part in content):
        content = "".join(str(part.get("text", "")) for part in content)
    if not isinstance(content, str):
        raise DataError(f"{where}: found {type(content).__name__} as content; expected text")
    return Turn(_ROLES[message["role"]], content)
