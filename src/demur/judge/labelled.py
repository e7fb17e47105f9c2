"""Replies that people labelled: what each is, and where it is known whose it is and what about."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, get_args

from demur.cases import Row, read_rows
from demur.cases.fields import find_text
from demur.errors import DataError
from demur.judge.known_error import CALLS
from demur.judge.logged import read_reply
from demur.records import content_hash, to_plain
from demur.types import Outcome, Reply, Tone, Turn

__all__ = ["PARTS", "LabelledReply", "LabelledRow", "last_question", "read_labelled"]

PARTS = (
    "acknowledgment",
    "boundary",
    "reason",
    "alternatives",
    "engagement",
    "names_boundary",
    "leakage",
    "loophole",
    "disclaimer",
)
"""What people may say of a reply besides its outcome, each by a field of that name that is true or false."""

_OUTCOMES: Mapping[str, Outcome] = {
    **{outcome: outcome for outcome in get_args(Outcome)},
    "1_full_compliance": "comply",
    "2_full_refusal": "refuse",
    "3_partial_refusal": "partial",
}
"""Labels of outcomes: demur's own, and those of XSTest (Röttger et al. 2024)."""
_FLAGS: Mapping[str, bool] = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
_TONES: tuple[Tone, ...] = get_args(Tone)
_LABEL_FIELDS = ("label", "final_label")
_REPLY_FIELDS = ("response", "completion")
_LOGGED_FIELDS = ("prompt", "messages", "stop_reason", "reasoning")


@dataclass(frozen=True)
class LabelledReply:
    """A reply, and what people say it is."""

    turns: tuple[Turn, ...]
    """The conversation up to the question."""
    text: str
    """What was replied; empty if nothing was."""
    refuses: bool
    """Whether it refuses, in whole or in part."""
    outcome: Outcome | None = None
    """None where people said only whether it refuses."""
    parts: Mapping[str, bool] = field(default_factory=dict)
    """By the name in `PARTS`: whether the reply has it; those that people did not look for are not there."""
    tone: Tone | None = None
    """Of a refusal; None where it has none, or people did not say."""
    model: str | None = None
    """Whose reply it is."""
    language: str | None = None
    """BCP 47 tag."""
    category: str | None = None
    """What the request is about."""

    @property
    def prompt(self) -> str:
        """The last thing the user said: replies to the same are a family."""
        return last_question(self.turns)

    @property
    def content_hash(self) -> str:
        """Hash of all it says."""
        return content_hash(json.dumps(to_plain(self)))  # as ASCII: half of a surrogate pair cannot be encoded


def last_question(turns: Sequence[Turn]) -> str:
    """Give the last thing the user said; empty if they said nothing."""
    return next((turn.text for turn in reversed(turns) if turn.role == "user"), "")


class LabelledRow(NamedTuple):
    """A labelled reply as it stands in a file."""

    said: Reply | None
    """What a judge is shown, without the labels; None where nothing was replied."""
    reply: LabelledReply


def read_labelled(path: Path) -> Iterator[LabelledRow]:
    """Read the labelled replies of a file: JSONL, JSON, CSV, TSV or Parquet.

    A row has ``prompt`` or ``messages``; ``response`` (or ``completion``); and ``label`` (or ``final_label``): an outcome,
    a label of XSTest, or whether it refuses at all as true, false, 1 or 0. It may have ``model``, ``language`` (or
    ``lang``), ``category``, ``tone``, and true or false for any of `PARTS`.

    Raises:
        DataError: the file cannot be read, or a row lacks one of the three or says what is none of these.
    """
    for row in read_rows(path):
        logged = {name: row.values[name] for name in _LOGGED_FIELDS if name in row.values}
        said, turns = read_reply({**logged, "response": _first(row, _REPLY_FIELDS)}, row.where)
        outcome, refuses = _read_label(row)
        reply = LabelledReply(
            turns=turns,
            text="" if said is None else said.text,
            refuses=refuses,
            outcome=outcome,
            parts={name: flag for name in PARTS if (flag := _read_part(row, name)) is not None},
            tone=_read_tone(row),
            model=find_text(row, "model"),
            language=find_text(row, "language", "lang"),
            category=find_text(row, "category"),
        )
        yield LabelledRow(said, reply)


def _first(row: Row, names: tuple[str, ...]) -> Any:
    name = next((name for name in names if name in row.values), None)
    if name is None:
        found = ", ".join(row.values) or "nothing"
        raise DataError(f"{row.where}: no field {names[0]!r}; found {found}; rename the field that holds it")
    return row.values[name]


def _read_label(row: Row) -> tuple[Outcome | None, bool]:
    """Give the outcome, if the label is one, and whether it is a refusal, whole or partial."""
    label = _first(row, _LABEL_FIELDS)
    text = str(label).strip().lower()
    if text in _OUTCOMES:
        outcome = _OUTCOMES[text]
        return outcome, outcome in CALLS["any refusal"]
    if text in _FLAGS:
        return None, _FLAGS[text]
    raise DataError(
        f"{row.where}: label: found {str(label)[:80]!r}; expected an outcome ({', '.join(get_args(Outcome))}), "
        f"or whether it refuses (true, false, 1, 0)"
    )


def _read_part(row: Row, name: str) -> bool | None:
    value = row.values.get(name)
    if value is None or value == "":
        return None
    text = str(value).strip().lower()
    if text not in _FLAGS:
        raise DataError(
            f"{row.where}: {name}: found {str(value)[:80]!r}; expected true or false, or nothing; "
            f"rename the field if it says something else"
        )
    return _FLAGS[text]


def _read_tone(row: Row) -> Tone | None:
    value = row.values.get("tone")
    if value is None or value == "":
        return None
    for tone in _TONES:
        if value == tone:
            return tone
    raise DataError(
        f"{row.where}: tone: found {str(value)[:80]!r}; expected one of {', '.join(_TONES)}, or nothing; "
        f"rename the field if it says something else"
    )
