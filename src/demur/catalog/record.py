"""A record of the catalogue: one thing that demur asks, or leans on, with everything that is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from demur.catalog.card import Said
from demur.catalog.freshness import Freshness
from demur.catalog.redundancy import Similar
from demur.catalog.usage import Usage

__all__ = ["KINDS", "Link", "Record", "RecordKind", "Size"]

RecordKind = Literal["case", "drill", "wrapper", "technique", "paper", "benchmark", "failure-mode", "hazard", "pattern"]

KINDS: Mapping[RecordKind, str] = {
    "case": "single questions of the library",
    "drill": "scripted conversations",
    "wrapper": "published families of jailbreak, as texts around a request",
    "technique": "ways of asking that others described",
    "paper": "what others found",
    "benchmark": "published sets of requests",
    "failure-mode": "the ways in which a subject fails",
    "hazard": "what harm a request is about",
    "pattern": "why a harmless request may look harmful",
}
"""Every kind in plain words."""


@dataclass(frozen=True)
class Link:
    """A way from one record to another."""

    relation: str
    """Read from the record that has the link, e.g. ``leans on``."""
    to: str
    """Id of the other record."""


@dataclass(frozen=True)
class Size:
    """How much a card says."""

    n_words: int
    """Between spaces; of everything it may say, wrappers left out."""
    n_moves: int
    """After the opening."""
    n_afresh: int
    """Moves of these that begin a new conversation."""
    locales: tuple[str, ...]
    """Languages it speaks."""


@dataclass(frozen=True)
class Record:
    """What is known of one thing."""

    id: str
    """Kind and name, parted by a slash."""
    kind: RecordKind
    name: str
    """Unique among its kind."""
    title: str
    facts: Mapping[str, str]
    """From its front matter or from the code, by key; what is not known is left out."""
    text: str = ""
    """What it is, or says."""
    said: tuple[Said, ...] = ()
    """Of a card: the opening and the moves."""
    links: tuple[Link, ...] = ()
    backlinks: tuple[Link, ...] = ()
    """Links of others to it, read from here."""
    size: Size | None = None
    """Of a card; None otherwise."""
    freshness: Freshness | None = None
    """None where nobody is to review it: it is made from the code."""
    similar: tuple[Similar, ...] = ()
    """Of a card: others like it, the most alike first; not its twin."""
    usage: Usage | None = None
    """None where no run is known that asked it."""
