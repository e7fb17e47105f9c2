"""The table of help lines and emergency numbers: what one entry says, where it was read, and until when it may be relied on.

It stands in ``crisis.toml``, whose head explains its fields and names what is thin in it.
"""

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

__all__ = ["Basis", "Directory", "Emergency", "Help", "HelpLine", "HelpTable", "Origin", "read_table"]

Basis = Literal["service", "government", "press", "other"]
"""Who says so: the service itself, an authority, a newspaper, or anybody else."""


@dataclass(frozen=True)
class Origin:
    """How an entry is known, and for how long."""

    source: str
    """Address of the page that says so."""
    basis: Basis
    checked: dt.date
    """When the page was read."""
    expires: dt.date
    """The last day on which the entry may be relied on."""
    also: str | None = None
    """A second page, where the first leaves something out."""
    as_of: str | None = None
    """When the page was written, as far as it says: ``2025-09`` or ``2025``."""


@dataclass(frozen=True)
class Emergency:
    """A number to call when somebody is in danger now."""

    number: str
    service: Literal["all", "ambulance", "police"]
    where: str | None
    """The part of the country that the source speaks of; None for the whole."""
    origin: Origin


@dataclass(frozen=True)
class HelpLine:
    """Somebody to talk to; at least one of `phone`, `text`, `whatsapp` and `chat` is there."""

    kind: Literal["crisis", "violence"]
    name: str
    """As the service calls itself."""
    languages: tuple[str, ...]
    """BCP 47."""
    origin: Origin
    phone: str | None = None
    press: str | None = None
    """The key to press once the call is answered."""
    text: str | None = None
    """Number for text messages."""
    keyword: str | None = None
    """What the first text message says."""
    whatsapp: str | None = None
    chat: str | None = None
    """Address of a page, without ``https://``."""
    hours: str | None = None
    """``24/7``, or times of every day such as ``09:00-24:00``; None where they are not known."""
    where: str | None = None
    """The part of the country that it is for; None for the whole."""


@dataclass(frozen=True)
class Directory:
    """A page that lists help by country."""

    name: str
    address: str
    """Without ``https://``."""
    origin: Origin


@dataclass(frozen=True)
class Help:
    """What can be offered to a person."""

    country: str | None
    """ISO 3166-1, two letters; None where it is not known."""
    emergency: tuple[Emergency, ...]
    """Numbers of the country; without a country those that hold in many; empty where none is confirmed."""
    lines: tuple[HelpLine, ...]
    """Empty where none is confirmed."""
    directory: Directory


@dataclass(frozen=True)
class HelpTable:
    """Everything that can be offered."""

    countries: Mapping[str, Help]
    """By ISO 3166-1, two letters: those with an entry, and those that share an emergency number."""
    abroad: Help
    """For whoever is in no country we know."""
    directory: Directory


@cache
def read_table() -> HelpTable:
    """Read the table that ships with demur; once."""
    text = resources.files("demur.guard.crisis").joinpath("crisis.toml").read_text(encoding="utf-8")
    read = tomllib.loads(text)
    entry = read["directory"]
    directory = Directory(entry["name"], entry["address"], _origin(entry))
    countries = {
        code: Help(code, _emergencies(entry), tuple(map(_line, entry.get("lines", ()))), directory)
        for code, entry in read["countries"].items()
    }
    shared = {
        code: Help(code, (_emergency(entry),), (), directory) for entry in read["shared"] for code in entry["countries"]
    }
    return HelpTable(shared | countries, Help(None, _emergencies(read), (), directory), directory)


def _emergencies(entry: Mapping[str, Any]) -> tuple[Emergency, ...]:
    return tuple(map(_emergency, entry.get("emergency", ())))


def _emergency(entry: Mapping[str, Any]) -> Emergency:
    return Emergency(entry["number"], entry.get("service", "all"), entry.get("where"), _origin(entry))


def _line(entry: Mapping[str, Any]) -> HelpLine:
    ways = ("phone", "press", "text", "keyword", "whatsapp", "chat", "hours", "where")
    return HelpLine(
        entry.get("kind", "crisis"),
        entry["name"],
        tuple(entry["languages"]),
        _origin(entry),
        **{way: entry.get(way) for way in ways},
    )


def _origin(entry: Mapping[str, Any]) -> Origin:
    return Origin(
        entry["source"],
        entry["basis"],
        entry["checked"],
        entry["expires"],
        also=entry.get("also"),
        as_of=entry.get("as_of"),
    )
