"""The constitution: principles by which a model reviews a reply and rewrites it, about harm and about needless refusal.

A constitution is TOML, a ``[[principle]]`` each; the head of the one that ships with demur, `constitution.toml`, explains its keys.
The recipe is critique and revision of Bai et al. 2022 (Constitutional AI, arXiv:2212.08073, section 3.1), with two deviations: the
principle is not drawn at random but chosen by what is wrong with the reply, and half of the principles are about needless refusal.
"""

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

from demur.errors import DataError
from demur.records import content_hash, read_text, to_plain
from demur.refusals.phrasing import Draw
from demur.tune.pair import FAULTS, Fault

__all__ = ["SIDES", "Constitution", "Principle", "Side", "choose_principles", "parse_constitution", "read_constitution"]

Side = Literal["harm", "helpfulness"]
SIDES: tuple[Side, ...] = get_args(Side)
_MENDS: Mapping[Side, frozenset[str]] = {
    "harm": frozenset({"missed harm", "leak", "capitulation", "ugly refusal"}),
    "helpfulness": frozenset({"wrong refusal", "ugly refusal"}),
}
"""A principle about harm that is asked about wrong refusals would teach to refuse on, and the other way round."""
_KEYS = ("id", "side", "mends", "about", "text", "critique", "revision", "examples")
_HEADER = re.compile(r"[ \t]*\[\[[ \t]*principle[ \t]*\]\]")
_MOST_EXAMPLES = 2


@dataclass(frozen=True)
class Principle:
    """What a reply is to be measured by, and how it is put to a model."""

    id: str
    side: Side
    mends: tuple[Fault, ...]
    """The faults of a reply that it is asked about; in the order of `FAULTS`."""
    text: str
    critique: str
    """What is asked about the reply."""
    revision: str
    """How the reply is asked to be rewritten."""
    examples: tuple[str, ...]
    about: tuple[str, ...] = ()
    """Marks of a reply or of its case for which it comes before the others; see `choose_principles`."""


@dataclass(frozen=True)
class Constitution:
    """Principles of both sides."""

    principles: tuple[Principle, ...]
    where: str
    """The file they were read from."""

    @property
    def fingerprint(self) -> str:
        """Hash of what the principles say."""
        return content_hash([to_plain(principle) for principle in self.principles])


def read_constitution(path: Path | None = None) -> Constitution:
    """Read a constitution; None reads the one that ships with demur.

    Raises:
        DataError: it cannot be read, or is none.
    """
    if path is not None:
        return parse_constitution(read_text(path), str(path))
    text = resources.files("demur.tune").joinpath("constitution.toml").read_text(encoding="utf-8")
    return parse_constitution(text, "the default constitution")


def parse_constitution(text: str, where: str) -> Constitution:
    """Read a constitution from its text.

    Raises:
        DataError: it is not TOML, a principle is not what it must be, two have one id, or nothing is said about missed harm or about
            wrong refusals: then one side would be mended at the cost of the other. The message has the line, where there is one.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{where}: not TOML: {error}") from None
    unknown = next((key for key in tables if key != "principle"), None)
    if unknown is not None:
        raise DataError(f"{where}: {unknown}: unknown; expected [[principle]] tables and nothing else")
    found = tables.get("principle", [])
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise DataError(f"{where}: principle: expected a table for each, headed [[principle]]")
    principles = tuple(
        _read_principle(_Item(item, where, number, _lines_of(text, number, len(found))))
        for number, item in enumerate(found)
    )
    _check_ids(principles, text, where)
    for side, fault in (("harm", "missed harm"), ("helpfulness", "wrong refusal")):
        if not any(fault in principle.mends for principle in principles):
            raise DataError(
                f"{where}: has no principle of side {side} that mends {fault!r}, so the other side would be mended alone; add one"
            )
    return Constitution(principles, where)


def choose_principles(
    constitution: Constitution, fault: Fault, *, marks: Collection[str], name: str
) -> tuple[Principle, ...]:
    """Choose the principles for a faulty reply, the one to be tried first at the head; the same input gives the same order.

    Args:
        constitution: what there is to choose from.
        fault: what is wrong with the reply; only principles that mend it are given.
        marks: of the reply and its case: over-refusal pattern, hazard, tone, failure modes, kind of pressure. Principles that are about
            one of them come first, then those that are about everything, then the rest.
        name: of the reply: among equals it alone decides which comes first, so that each is tried on some.
    """
    fitting = [principle for principle in constitution.principles if fault in principle.mends]
    first = [principle for principle in fitting if not set(marks).isdisjoint(principle.about)]
    general = [principle for principle in fitting if not principle.about]
    others = [principle for principle in fitting if principle.about and principle not in first]
    return (*first, *_rotated(general, name), *_rotated(others, name))


def _rotated(principles: Sequence[Principle], name: str) -> Sequence[Principle]:
    start = Draw(f"principle {name}").one_of(range(len(principles))) if principles else 0
    return (*principles[start:], *principles[:start])


@dataclass(frozen=True)
class _Item:
    """A principle as it stands in the file."""

    values: Mapping[str, Any]
    where: str
    number: int
    """From 0."""
    lines: Mapping[str, int]
    """Number of the line of each key, from 1, and of the header as an empty key; empty where they cannot be told."""

    def error(self, message: str, key: str = "") -> DataError:
        """Make the error of something at a key."""
        line = self.lines.get(key, self.lines.get(""))
        place = self.where if line is None else f"{self.where}:{line}"
        return DataError(f"{place}: principle {self.number + 1}: {key}{': ' if key else ''}{message}")

    def text(self, key: str) -> str:
        """Give a text, which must be there."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"{_found(self.values, key)}; expected text", key)
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """Give a list of texts, empty where there is none."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.error(f"{_found(self.values, key)}; expected a list of texts", key)
        return tuple(item.strip() for item in value)

    def side(self) -> Side:
        """Give the side, which must be there."""
        value = self.values.get("side")
        side = next((side for side in SIDES if side == value), None)
        if side is None:
            raise self.error(f"{_found(self.values, 'side')}; expected one of {', '.join(SIDES)}", "side")
        return side


def _read_principle(item: _Item) -> Principle:
    unknown = next((key for key in item.values if key not in _KEYS), None)
    if unknown is not None:
        raise item.error(f"unknown; expected one of {', '.join(_KEYS)}", unknown)
    side, mends, examples = item.side(), item.texts("mends"), item.texts("examples")
    wrong = next((fault for fault in mends if fault not in _MENDS[side]), None)
    if wrong is not None or not mends:
        found = "missing" if wrong is None else f"found {wrong!r}"
        allowed = ", ".join(fault for fault in FAULTS if fault in _MENDS[side])
        raise item.error(f"{found}; a principle of side {side} mends one or more of {allowed}", "mends")
    if not 1 <= len(examples) <= _MOST_EXAMPLES:
        raise item.error(f"found {len(examples)}; expected one or two", "examples")
    return Principle(
        id=item.text("id"),
        side=side,
        mends=tuple(fault for fault in FAULTS if fault in mends),
        text=item.text("text"),
        critique=item.text("critique"),
        revision=item.text("revision"),
        examples=examples,
        about=item.texts("about"),
    )


def _check_ids(principles: Collection[Principle], text: str, where: str) -> None:
    seen: dict[str, int] = {}
    for number, principle in enumerate(principles):
        if principle.id in seen:
            item = _Item({}, where, number, _lines_of(text, number, len(principles)))
            raise item.error(f"found '{principle.id}', which is that of principle {seen[principle.id]}", "id")
        seen[principle.id] = number + 1


def _lines_of(text: str, number: int, n: int) -> dict[str, int]:
    """Find the lines of a principle's keys: the reader of TOML does not tell. Texts over several lines may hide them."""
    lines = text.split("\n")
    headers = [at for at, line in enumerate(lines) if _HEADER.match(line)]
    if len(headers) != n:
        return {}
    start, end = headers[number], (*headers, len(lines))[number + 1]
    keys = {key: at + 1 for at in range(start + 1, end) for key in [lines[at].split("=")[0].strip(" \t\"'")] if key}
    return {"": start + 1, **keys}


def _found(values: Mapping[str, Any], key: str) -> str:
    return f"found {values[key]!r:.80}" if key in values else "missing"
