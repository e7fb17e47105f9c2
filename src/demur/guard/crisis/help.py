"""Help for a person in crisis: whom to call in which country, and how to say so in the person's language.

The numbers stand in ``crisis.toml``, each with the page it was read in and the day on which nobody should rely on it any more; the
words stand in ``crisis_words.toml``. Nothing here decides whether somebody is in crisis.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from demur.guard.crisis.helplines import Help, HelpLine, read_table

__all__ = ["About", "Expiry", "due", "expired", "find_help", "help_countries", "word_help"]

About = Literal["self", "other", "danger", "violence"]
"""Who is meant: the person themselves, somebody they worry about, somebody they may hurt, or they are hurt or threatened."""

_MAIN_COUNTRY = {
    "bn": "BD", "da": "DK", "de": "DE", "fi": "FI", "fil": "PH", "he": "IL", "hi": "IN", "id": "ID", "it": "IT", "ja": "JP", "ko": "KR",
    "nb": "NO", "nl": "NL", "nn": "NO", "no": "NO", "pl": "PL", "sv": "SE", "th": "TH", "tl": "PH", "tr": "TR", "uk": "UA", "ur": "PK",
    "zh": "CN",
}  # fmt: skip
"""Languages most of whose speakers live in one country. Not those of several continents (en, es, fr, pt, ar, ru): there a guess would
send people to numbers that do not answer them."""
_RENAMED = {"UK": "GB", "EL": "GR"}
_TRADITIONAL = ("HK", "MO", "TW")
_MOST_LINES = 3
"""In one answer: a person in crisis reads no list."""


@dataclass(frozen=True)
class Expiry:
    """An entry of the table whose time runs out."""

    place: str
    """Where it stands, such as ``crisis.toml: FR: 3114``."""
    expires: dt.date
    source: str


def find_help(country: str | None, locale: str | None) -> Help:
    """Find help where a person is.

    Args:
        country: ISO 3166-1, two letters, in either case; what the caller knows, and it goes before the locale even where the table
            does not have it: help of another country would be wrong help.
        locale: BCP 47 or POSIX, such as ``de-AT`` or ``pt_BR.UTF-8``. Its region is the country; without one, the country in which
            most speakers of the language live, if there is such a country.

    Returns:
        The help of that country; else the shared emergency number, if the country is known to have it; else no number of its own;
        and without a country the two numbers that hold in many. A directory is always there.
    """
    table = read_table()
    place = _country_of(country) or _country_by_locale(locale)
    if place is None:
        return table.abroad
    return table.countries.get(place) or Help(place, (), (), table.directory)


def help_countries() -> tuple[str, ...]:
    """Give the countries that have an entry of their own or share an emergency number, in alphabetical order."""
    return tuple(sorted(read_table().countries))


def expired(day: dt.date) -> tuple[Expiry, ...]:
    """Give the entries that may no longer be relied on at a day, the oldest first."""
    return due(day, within_days=-1)


def due(day: dt.date, within_days: int) -> tuple[Expiry, ...]:
    """Give the entries whose last day is before `day` or at most `within_days` days after it, the oldest first."""
    last = day + dt.timedelta(days=within_days)
    found = {entry for entry in _expiries() if entry.expires <= last}
    return tuple(sorted(found, key=lambda entry: (entry.expires, entry.place)))


def word_help(found: Help, locale: str | None, *, about: About = "self") -> str:
    """Say to a person in crisis where help is, and stay.

    Args:
        found: Whom they can turn to.
        locale: The person's language; English where it is none of those in ``crisis_words.toml``.
        about: Who is meant.

    Returns:
        A few short paragraphs of plain text: that it is good they spoke, whom to call at once, at most three lines (those in the
        person's language first), where else to look, and an offer to go on talking.
    """
    words, language = _words_of(locale), _language_of(locale)
    lines = sorted(_lines_for(found, about), key=lambda line: language not in line.languages)[:_MOST_LINES]
    listed = "\n".join((words["lines"], *(f"- {_word_line(line)}" for line in lines)))
    return "\n\n".join(
        (
            words[about],
            _word_emergency(found, words),
            *((listed,) if lines else ()),
            words["directory"].format(address=found.directory.address),
            words["close_other" if about == "other" else "close"],
        )
    )


def _lines_for(found: Help, about: About) -> list[HelpLine]:
    """Choose the lines of violence for who suffers it, if there are any; those for a crisis otherwise."""
    wanted = "violence" if about == "violence" else "crisis"
    return [line for line in found.lines if line.kind == wanted] or [
        line for line in found.lines if line.kind == "crisis"
    ]


def _word_emergency(found: Help, words: Mapping[str, str]) -> str:
    if not found.emergency:
        return words["local"]
    numbers = []
    for number in found.emergency:
        notes = ([] if number.service == "all" else [words[number.service]]) + ([number.where] if number.where else [])
        numbers.append(f"{number.number} ({', '.join(notes)})" if notes else number.number)
    *others, last = numbers
    listed = f"{', '.join(others)} {words['or']} {last}" if others else last
    return words["urgent" if found.country else "abroad"].format(numbers=listed)


def _word_line(line: HelpLine) -> str:
    """Write what is the same in every language: the name, the numbers, the hours."""
    ways = [
        f"{line.phone} → {line.press}" if line.phone and line.press else line.phone,
        f"SMS {line.text}" + (f" ({line.keyword})" if line.keyword else "") if line.text else None,
        f"WhatsApp {line.whatsapp}" if line.whatsapp else None,
        line.chat if line.chat != line.name else None,
    ]
    said = ", ".join(way for way in ways if way and way != line.name)
    notes = ", ".join(note for note in (line.hours, line.where) if note)
    return (f"{line.name}: {said}" if said else line.name) + (f" ({notes})" if notes else "")


def _country_of(country: str | None) -> str | None:
    code = (country or "").strip().upper()
    return _RENAMED.get(code, code) or None


def _subtags(locale: str | None) -> list[str]:
    return re.split(r"[-_]", (locale or "").strip().split(".")[0].split("@")[0])


def _region_of(locale: str | None) -> str | None:
    regions = [tag for tag in _subtags(locale)[1:] if re.fullmatch(r"[A-Za-z]{2}", tag)]
    return _country_of(regions[0]) if regions else None


def _language_of(locale: str | None) -> str:
    return _subtags(locale)[0].lower()


def _is_traditional(locale: str | None) -> bool:
    scripts = [tag.lower() for tag in _subtags(locale)[1:]]
    return "hant" in scripts or ("hans" not in scripts and _region_of(locale) in _TRADITIONAL)


def _country_by_locale(locale: str | None) -> str | None:
    region, language = _region_of(locale), _language_of(locale)
    if region or (language == "zh" and _is_traditional(locale)):
        return region
    return _MAIN_COUNTRY.get(language)


def _words_of(locale: str | None) -> Mapping[str, str]:
    words, language = _words(), _language_of(locale)
    if language in ("zh", "yue"):
        return words["zh-Hant" if language == "yue" or _is_traditional(locale) else "zh"]
    return words.get(language, words["en"])


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(
        resources.files("demur.guard.crisis").joinpath("crisis_words.toml").read_text(encoding="utf-8")
    )


def _expiries() -> Iterator[Expiry]:
    table = read_table()
    helps = [("many countries", table.abroad), *table.countries.items()]
    for place, found in helps:
        for name, origin in (
            *((number.number, number.origin) for number in found.emergency),
            *((line.name, line.origin) for line in found.lines),
        ):
            yield Expiry(f"crisis.toml: {place}: {name}", origin.expires, origin.source)
    directory = table.directory
    yield Expiry(f"crisis.toml: {directory.name}", directory.origin.expires, directory.origin.source)
