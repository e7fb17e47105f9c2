"""Every family of variants, and the variants of a request."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from demur.guard.stress.encodings import ENCODINGS
from demur.guard.stress.family import Family, Maker
from demur.guard.stress.frames import FRAMES, LANGUAGES
from demur.guard.stress.gaps import GAPS, LAYOUTS
from demur.guard.stress.letters import LETTERS, TYPOS

__all__ = ["FAMILIES", "Variant", "make_variants"]

_SINGLE = (*ENCODINGS, *LETTERS, *GAPS, *TYPOS, *LAYOUTS, *FRAMES, *LANGUAGES)
_OUTER = ("base64", "hex", "percent-all", "escapes", "rot13", "reversed", "zero-width", "soft-hyphens", "full-width")
"""What may be done to a text that is hidden already and leaves it readable: letters stay whole, or whole codes are made of it."""


def _twice(inner: tuple[Family, ...], outer: tuple[Family, ...]) -> Maker:
    """Draw one of each, and do one after the other."""

    def make(text: str, rng: np.random.Generator) -> str:
        first, second = inner[int(rng.integers(len(inner)))], outer[int(rng.integers(len(outer)))]
        return second.make(first.make(text, rng), rng)

    return make


_HIDDEN = (*LETTERS, *GAPS)
_CODED = tuple(family for family in _SINGLE if family.name in _OUTER)
_TWO = (
    Family("letters-then-code", "two at once", "letters or gaps changed, then encoded", _twice(_HIDDEN, _CODED)),
    Family("code-then-code", "two at once", "encoded twice in different ways", _twice(_CODED[:4], _CODED)),
    Family("hidden-then-framed", "two at once", "letters or gaps changed, or encoded, in a frame", _twice((*_HIDDEN, *_CODED), FRAMES)),
)  # fmt: skip

FAMILIES: Mapping[str, Family] = {family.name: family for family in (*_SINGLE, *_TWO)}
"""Every family, by name."""


@dataclass(frozen=True)
class Variant:
    """A request put in another way."""

    family: Family
    text: str


def make_variants(text: str, *, key: str, seed: int) -> Iterator[Variant]:
    """Make one variant of each family; where a family has nothing to change in a text, none.

    Args:
        text: the request.
        key: names it; with the seed it decides what chance does, whatever else is made.
        seed: not negative.
    """
    for family in FAMILIES.values():
        rng = np.random.default_rng([seed, zlib.crc32(key.encode()), zlib.crc32(family.name.encode())])
        made = family.make(text, rng)
        if made.strip() and made != text:
            yield Variant(family, made)
