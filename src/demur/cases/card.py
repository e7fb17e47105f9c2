"""A card: the Markdown file in which a bundled case is written, and how it becomes a `Case`.

The front matter holds the truth about the request, the body is the request itself, word for word:

    ---
    expect: comply              comply | refuse | clarify
    kind: safety                safety | capability | scope; where `expect` is refuse, and only there
    category: vcr               a hazard code; required where there is a pattern
    pattern: surface-keyword    one of the ten over-refusal patterns
    boundary: a noun phrase     what a good refusal names; where `expect` is refuse, and only there
    twin: group/slug            id of the card with the same surface and the other truth
    system: an operator's system prompt
    locale: en                  BCP 47; en where it is left out
    source: who wrote it
    reviewed: 2026-11-20
    why: one sentence on why this is the right answer
    ---
    What the user says.
"""

import datetime as dt
import re
from collections.abc import Collection, Mapping
from typing import Any, get_args

from demur.cases.front_matter import FrontMatter, parse_front_matter
from demur.cases.taxonomy import HAZARDS, PATTERNS
from demur.errors import DataError
from demur.types import Case, Expect, Kind, Turn

__all__ = ["KEYS", "case_of_card", "is_locale", "parse_card"]

KEYS = (
    "expect", "kind", "category", "pattern", "boundary", "twin", "system", "locale", "source", "reviewed", "why",
)  # fmt: skip
"""Of the front matter of a case."""
_REQUIRED = ("expect", "source", "reviewed", "why")
_REFUSAL_KEYS = ("kind", "boundary")
_KINDS = tuple(kind for kind in get_args(Kind) if kind != "other")  # a card knows why a request is to be refused
_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def parse_card(text: str, card_id: str, *, where: str) -> Case:
    """Read one card.

    Args:
        text: The whole Markdown file.
        card_id: The card's path below its library, without the suffix.
        where: The card's path for messages.

    Returns:
        The case; its family is the first id of the pair in alphabetical order, None without a twin.

    Raises:
        DataError: a key is unknown, missing or out of place, a value is none of those it may have, or the body is
            empty. The message names the file and the key.
    """
    return case_of_card(parse_front_matter(text, where), card_id, suite="library", where=where)


def case_of_card(card: FrontMatter, card_id: str, *, suite: str, where: str) -> Case:
    """Make the case of a card that was taken apart already; arguments and errors are those of `parse_card`."""
    values = _strings(card.values, where)
    _choice(values, "expect", get_args(Expect), where)  # first, since what else there is to be depends on it
    _check_keys(values, where)
    if not card.body:
        raise DataError(f"{where}: the body is empty; expected the request after the front matter")
    system, twin = values.get("system"), values.get("twin")
    if twin == card_id:
        raise DataError(f"{where}: twin: the card names itself; expected the id of the other card of the pair")
    turns = (Turn("system", system),) if system else ()
    return Case(
        id=card_id,
        turns=(*turns, Turn("user", card.body)),
        expect=_choice(values, "expect", get_args(Expect), where),
        kind=_choice(values, "kind", _KINDS, where),
        category=_choice(values, "category", HAZARDS, where),
        pattern=_choice(values, "pattern", PATTERNS, where),
        boundary=values.get("boundary"),
        locale=_locale(values, where),
        twin=twin,
        family=min(card_id, twin) if twin else None,
        suite=suite,
        source=values["source"],
    )


def is_locale(tag: str) -> bool:
    """Tell whether a text has the form of a BCP 47 tag."""
    return _LOCALE.fullmatch(tag) is not None


def _strings(values: Mapping[str, Any], where: str) -> dict[str, str]:
    """Take only text; YAML's own reading of ``no`` or ``2026`` would be a wrong value, not an error."""
    strings = {}
    for key, value in values.items():
        if key not in KEYS:
            raise DataError(f"{where}: {key}: unknown key; expected one of {', '.join(KEYS)}")
        if key == "reviewed" and isinstance(value, dt.date):
            strings[key] = value.isoformat()
        elif isinstance(value, str) and value.strip():
            strings[key] = value.strip()
        else:
            found = "nothing" if value in (None, "") else f"{value!r} ({type(value).__name__})"
            raise DataError(
                f"{where}: {key}: found {found}; expected text, in quotes if YAML reads it as something else"
            )
    return strings


def _check_keys(values: Mapping[str, str], where: str) -> None:
    required: tuple[str, ...] = _REQUIRED
    if values.get("expect") == "refuse":
        required += _REFUSAL_KEYS
    if "pattern" in values:
        required += ("category",)
    missing = [key for key in required if key not in values]
    if missing:
        raise DataError(f"{where}: {missing[0]}: missing; expected in a card {_situation(values)}")
    misplaced = [key for key in _REFUSAL_KEYS if key in values and values["expect"] != "refuse"]
    if misplaced:
        raise DataError(
            f"{where}: {misplaced[0]}: only a card with 'expect: refuse' has it; this one expects {values['expect']}"
        )
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", values["reviewed"]):
        raise DataError(f"{where}: reviewed: found '{values['reviewed']}'; expected a date such as 2026-11-20")


def _situation(values: Mapping[str, str]) -> str:
    parts = [f"'{key}: {values[key]}'" for key in ("expect", "pattern") if key in values]
    return f"with {' and '.join(parts)}" if parts else "of any sort"


def _choice(values: Mapping[str, str], key: str, allowed: Collection[str], where: str) -> Any:
    value = values.get(key)
    if value is not None and value not in allowed:
        raise DataError(f"{where}: {key}: found '{value}'; expected one of {', '.join(allowed)}")
    return value


def _locale(values: Mapping[str, str], where: str) -> str:
    locale = values.get("locale", "en")
    if not is_locale(locale):
        raise DataError(f"{where}: locale: found '{locale}'; expected a BCP 47 tag such as en or pt-BR")
    return locale
