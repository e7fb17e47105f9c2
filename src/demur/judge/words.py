"""Words of a text in any language: what is compared where two texts are compared by what they say.

Where writing leaves spaces between words (most scripts), a word is what stands between them, cut to its first letters,
which joins most inflected forms without knowing the language. Where it leaves none (Chinese, Japanese, Thai and their
neighbours), two neighbouring characters are taken for a word: about as many as there are characters.
"""

import re
from collections.abc import Iterator
from unicodedata import normalize

from demur.judge.sentences import plain

__all__ = ["find_words", "index_words", "is_unspaced"]

_STEM_LETTERS = 5
"""First letters that are kept: truncation to 5 did as well as full stemming for retrieval (Can et al. 2008, on Turkish)."""
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u09d7\u0a01-\u0a03\u0a3c-\u0a4d\u0a70\u0a71"
    "\u0a81-\u0a83\u0abc-\u0acd\u0b01-\u0b03\u0b3c-\u0b57\u0b82\u0bbe-\u0bcd\u0c00-\u0c04\u0c3e-\u0c56\u0c81-\u0c83\u0cbc-\u0cd6"
    "\u0d00-\u0d03\u0d3b-\u0d4d\u0d57\u0dca-\u0ddf\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
"""Vowel signs and accents that stand after their letter, and are no letters to the regular expressions of Python."""
_UNSPACED = (
    "\u0e00-\u0e4e\u0e80-\u0ece\u1000-\u109f\u1780-\u17d3\u3005-\u3007\u3041-\u309f\u30a1-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORD = re.compile(
    rf"[{_UNSPACED}]+|(?:(?![{_UNSPACED}])[^\W_]|[{_MARKS}])+(?:'(?:(?![{_UNSPACED}])[^\W_]|[{_MARKS}])+)*"
)
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
"""The same on a text that has none of these, several times faster."""
_UNSPACED_START = re.compile(f"[{_UNSPACED}]")


def find_words(text: str) -> Iterator[re.Match[str]]:
    """Find what stands between spaces and punctuation, in a text whose form `plain` leaves as it is.

    A stretch of a script without spaces is one match.
    """
    return (_ASCII_WORD if text.isascii() else _WORD).finditer(text)


def is_unspaced(word: str) -> bool:
    """Tell whether a word that `find_words` found is of a script that leaves no spaces between words."""
    return _UNSPACED_START.match(word) is not None


def index_words(text: str) -> list[str]:
    """Give the words of a text, in order, in the form in which they are compared.

    Case, accents' encoding, width, quotes and punctuation do not count; numbers are left out.
    """
    said = plain(normalize("NFKC", text))
    if said.isascii():
        return [_stem(word) for word in _ASCII_WORD.findall(said) if not word.isdigit()]
    words: list[str] = []
    for word in _WORD.findall(said):
        if is_unspaced(word):
            words += [word[n : n + 2] for n in range(max(1, len(word) - 1))]
        elif not word.isdigit():
            words.append(_stem(word))
    return words


def _stem(word: str) -> str:
    return word.removesuffix("'s")[:_STEM_LETTERS]
