"""Phrasings: tables of them by language, choices among them that depend on a text alone, and slots that are filled in.

What the guard says in the model's place is put together from these, so that the same request gets the same words and
different requests different ones.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import blake2b
from importlib import resources
from typing import Any, TypeVar

__all__ = ["LANGUAGES", "Draw", "choose_language", "fill", "keep_fitting", "read_phrasings", "tidy"]

LANGUAGES = ("de", "en", "es", "fr", "pt", "zh")
"""What can be spoken; in any other language the guard speaks English."""

_FALLBACK = "en"
_SLOT = re.compile(r"\{([a-z]+)\}")
_Choice = TypeVar("_Choice")


class Draw:
    """Choices that depend on a text alone."""

    def __init__(self, text: str) -> None:
        self._left = int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32).digest())

    def one_of(self, choices: Sequence[_Choice]) -> _Choice:
        """Choose one; 256 bits last for some eighty choices among eight."""
        self._left, index = divmod(self._left, len(choices))
        return choices[index]

    def two_of(self, choices: Sequence[_Choice], *, always: int) -> tuple[_Choice, _Choice]:
        """Choose two different ones; the one is among the first `always`, where that is not 0."""
        one = self.one_of(range(always or len(choices)))
        two = (one + 1 + self.one_of(range(len(choices) - 1))) % len(choices)
        return choices[one], choices[two]


@cache
def read_phrasings(name: str) -> Mapping[str, Any]:
    """Read a table of phrasings that stands beside this module, such as ``refusals.toml``; its head explains its fields."""
    return tomllib.loads(resources.files("demur.refusals").joinpath(name).read_text(encoding="utf-8"))


def choose_language(locale: str) -> str:
    """Give the language that is spoken to somebody with a BCP 47 tag: one of `LANGUAGES`, whatever the region."""
    language = re.split(r"[-_]", locale, maxsplit=1)[0].lower()
    return language if language in LANGUAGES else _FALLBACK


def keep_fitting(phrasings: Sequence[str], slots: Mapping[str, str]) -> list[str]:
    """Keep the phrasings whose slots can all be filled; those that have slots, if there are any."""
    needs = [(phrasing, set(_SLOT.findall(phrasing))) for phrasing in phrasings]
    filled = [(phrasing, needed) for phrasing, needed in needs if needed <= set(slots)]
    return [phrasing for phrasing, needed in filled if needed] or [phrasing for phrasing, _ in filled]


def fill(phrasing: str, slots: Mapping[str, str]) -> str:
    """Fill the slots of a phrasing; what they are filled with is not looked into again."""
    return _SLOT.sub(lambda slot: slots[slot[1]], phrasing)


def tidy(text: str | None) -> str:
    """Put an operator's words on one line, without a point at their end; empty for None."""
    return " ".join((text or "").split()).rstrip(".。 ")
