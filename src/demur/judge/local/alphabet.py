"""What each character is to the judge: one table look-up a character, so that a batch of texts is read in a few passes."""

import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ALONE",
    "LETTER",
    "LINE",
    "MARK",
    "NOTHING",
    "SCRIPTS",
    "SEPARATOR",
    "SPACE",
    "START",
    "Alphabet",
    "alphabet",
]

SPACE, LINE, NOTHING, LETTER, ALONE, MARK, START = range(7)
"""Kinds of characters: space; end of a line; invisible, as if it were not there; part of a word (letters, digits, signs that
modify them); a word by itself (Chinese characters and kana, which no space parts); everything else that can be seen; and what
is put before each text of a batch."""

SEPARATOR = "\ue000"
"""The character of kind `START`; of the private use area, so that it stands in no text that means anything."""

SCRIPTS = ("none", "latin", "cyrillic", "arabic", "devanagari", "hangul", "han", "kana", "other")
"""Scripts, by their number in `Alphabet.script`."""

_N_UNITS = 1 << 16
_RANGES = (
    ("cyrillic", 0x400, 0x52F),
    ("arabic", 0x600, 0x6FF),
    ("devanagari", 0x900, 0x97F),
    ("hangul", 0x1100, 0x11FF),
    ("hangul", 0xAC00, 0xD7A3),
    ("han", 0x3400, 0x9FFF),
    ("kana", 0x3040, 0x30FF),
    ("other", 0x370, 0x3FF),
    ("other", 0x530, 0x5FF),
    ("other", 0x700, 0x8FF),
    ("other", 0x980, 0x10FF),
    ("other", 0x1200, 0x1CFF),
    ("other", 0x2C00, 0x2DFF),
    ("other", 0xA000, 0xABFF),
)
_SAME = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201b": "'",
    "\u02bc": "'",
    "\u00b4": "'",
    "\u2032": "'",
    "\u2026": ".",
} | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
_LINES = "\n\r\x0b\x0c\x85\u2028\u2029"
_SPACES = "\t\x1c\x1d\x1e\x1f"
_PAIRS_AND_PRIVATE = range(0xD800, 0xF900)
_KIND_OF_CATEGORY = {"L": LETTER, "M": LETTER, "N": LETTER, "Z": SPACE}


class Alphabet(NamedTuple):
    """Tables over the 65,536 units of UTF-16; either half of a pair (an emoji, a rare character) is a mark."""

    folded: NDArray[np.uint16]
    """The unit it counts as: small, in its plain width, straight quotes and dashes, any digit as ``0``."""
    kind: NDArray[np.uint8]
    script: NDArray[np.uint8]
    is_capital: NDArray[np.bool_]


@cache
def alphabet() -> Alphabet:
    """Build the tables, once a process."""
    folded = np.arange(_N_UNITS, dtype=np.uint16)
    kind = np.full(_N_UNITS, MARK, np.uint8)
    is_capital = np.zeros(_N_UNITS, bool)
    for code in range(_N_UNITS):
        if code in _PAIRS_AND_PRIVATE:
            continue
        character = chr(code)
        category = unicodedata.category(character)
        kind[code] = NOTHING if category == "Cf" else _KIND_OF_CATEGORY.get(category[0], MARK)
        is_capital[code] = category == "Lu"
        small = (_SAME.get(character) or unicodedata.normalize("NFKC", character)).lower()
        if category == "Nd":
            folded[code] = ord("0")
        elif len(small) == 1 and ord(small) < _N_UNITS:
            folded[code] = ord(small)
    kind[[ord(character) for character in _LINES]] = LINE
    kind[[ord(character) for character in _SPACES]] = SPACE
    script = np.where(kind == LETTER, SCRIPTS.index("latin"), SCRIPTS.index("none")).astype(np.uint8)
    for name, low, high in _RANGES:
        block = slice(low, high + 1)
        script[block] = np.where(kind[block] == LETTER, SCRIPTS.index(name), SCRIPTS.index("none"))
    script[folded == ord("0")] = SCRIPTS.index("none")
    kind[np.isin(script, [SCRIPTS.index("han"), SCRIPTS.index("kana")])] = ALONE
    kind[ord(SEPARATOR)] = START
    return Alphabet(folded, kind, script, is_capital)
