"""A reference: what somebody else found that a card or a wrapper leans on, as a card of its own in ``references/``.

    ---
    kind: technique             technique | paper | benchmark
    title: its title
    authors: family names
    year: "2024"
    url: https://arxiv.org/abs/2404.01833
    licence: SPDX expression    of a benchmark, and only there
    failure_modes: [capitulation]
    leans_on: [jailbroken]      where it is a part of another reference
    reviewed: 2026-11-29
    ---
    What it says that matters here, in one to three sentences.

Its id is the file's name without ``.md``. Benchmarks that demur reads are in `demur.cases.registry` already.
"""

import re
from dataclasses import dataclass
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Literal, get_args

from demur.cases.front_matter import parse_front_matter, text_at, texts_at
from demur.cases.library import read_card, walk_cards
from demur.drills.lint import Finding, unreadable
from demur.errors import DataError
from demur.types import FailureMode

__all__ = ["Reference", "ReferenceKind", "arxiv_id", "read_references"]

ReferenceKind = Literal["technique", "paper", "benchmark"]

_TEXTS = ("kind", "title", "authors", "year", "url")
_LISTS = ("failure_modes", "leans_on")
_KEYS = (*_TEXTS, "licence", *_LISTS, "reviewed")
_ARXIV = re.compile(r"(?:arxiv\.org/abs/|arXiv:)(\d{4}\.\d{4,5})")


@dataclass(frozen=True)
class Reference:
    """A paper, a technique or a benchmark."""

    name: str
    """What `leans_on` of a card calls it."""
    where: str
    kind: ReferenceKind
    title: str
    authors: str
    year: str
    url: str
    licence: str
    """Of a benchmark; empty otherwise."""
    failure_modes: tuple[FailureMode, ...]
    """Which it bears on."""
    leans_on: tuple[str, ...]
    reviewed: str
    text: str
    """What it says that matters here."""

    @property
    def id(self) -> str:
        """Its id in the catalogue."""
        return f"{self.kind}/{self.name}"


def arxiv_id(text: str) -> str | None:
    """Find the first arXiv number in an address or a citation."""
    found = _ARXIV.search(text)
    return found[1] if found else None


def read_references(root: Traversable | None = None) -> tuple[list[Reference], list[Finding]]:
    """Read every reference of a folder; the bundled ones if None.

    Returns:
        The references in the order of their ids, and a finding for each that cannot be read.
    """
    folder = resources.files("demur.catalog").joinpath("references") if root is None else root
    references, findings = [], []
    for name, file in walk_cards(folder):
        try:
            references.append(_parse(read_card(file), name, str(file)))
        except DataError as error:
            findings.append(unreadable(str(file), error))
    return references, findings


def _parse(text: str, name: str, where: str) -> Reference:
    card = parse_front_matter(text, where)
    values = card.values
    for key in values:
        if key not in _KEYS:
            raise DataError(f"{where}: {key}: unknown key; expected one of {', '.join(_KEYS)}")
    for key in (*_TEXTS, "reviewed"):
        if key not in values:
            raise DataError(f"{where}: {key}: missing; expected in every reference")
    if ("licence" in values) != (values["kind"] == "benchmark"):
        raise DataError(f"{where}: licence: a benchmark has it, and nothing else does; found {values['kind']}")
    if not card.body:
        raise DataError(f"{where}: the body is empty; expected what it says that matters here")
    if not isinstance(values["reviewed"], date):
        raise DataError(f"{where}: reviewed: found {values['reviewed']!r}; expected a date such as 2026-11-29")
    texts = {key: text_at(values, key, where) for key in (*_TEXTS, "licence") if key in values}
    if not texts["url"].startswith("https://"):
        raise DataError(f"{where}: url: found '{texts['url']}'; expected an address that begins with https://")
    kind: Any = _one_of(texts["kind"], get_args(ReferenceKind), f"{where}: kind")
    modes: Any = tuple(
        _one_of(mode, get_args(FailureMode), f"{where}: failure_modes")
        for mode in texts_at(values, "failure_modes", where)
    )
    return Reference(
        name=name,
        where=where,
        kind=kind,
        title=texts["title"],
        authors=texts["authors"],
        year=texts["year"],
        url=texts["url"],
        licence=texts.get("licence", ""),
        failure_modes=modes,
        leans_on=texts_at(values, "leans_on", where),
        reviewed=values["reviewed"].isoformat(),
        text=card.body,
    )


def _one_of(value: str, allowed: tuple[str, ...], place: str) -> str:
    if value not in allowed:
        raise DataError(f"{place}: found '{value}'; expected one of {', '.join(allowed)}")
    return value
