"""Texts as pieces: words that the vocabulary has, and the longest pieces it has of words that it has not."""

import re
from collections.abc import Sequence

__all__ = ["FIRST", "NOTHING", "UNKNOWN", "Pieces", "words_of"]

NOTHING, UNKNOWN, FIRST = 0, 1, 2
"""Rows of the table: padding, a character that no piece has, the first piece."""

_WORD = re.compile("[\\w\u0900-\u0963\u0966-\u097f\u064b-\u0652\u0670]+|[^\\w\\s]")
"""Letters and digits with the vowel signs of Devanagari and Arabic, which `re` does not count as letters; or one mark."""


def words_of(text: str) -> list[str]:
    """Cut a folded text into words and marks; a run of Chinese or Japanese is one word."""
    return _WORD.findall(text)


class Pieces:
    """A vocabulary of pieces, at the beginning of a word and within it alike.

    Args:
        pieces: In the order of their rows.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self._rows = dict(zip(pieces, range(FIRST, FIRST + len(pieces)), strict=True))
        self._sizes = [1] * FIRST + [len(piece) for piece in pieces]
        self._longest = max(self._sizes)

    def __len__(self) -> int:
        """Give the number of rows of the table."""
        return FIRST + len(self._rows)

    def rows(self, text: str) -> list[int]:
        """Give the rows of the pieces of a folded text, in their order."""
        found: list[int] = []
        get = self._rows.get
        for word in words_of(text):
            row = get(word)
            if row is None:
                found += self._cut(word)
            else:
                found.append(row)
        return found

    def starts(self, text: str) -> list[int]:
        """Give the places in a folded text where its pieces begin."""
        found: list[int] = []
        for match in _WORD.finditer(text):
            at, word = match.start(), match[0]
            for row in (NOTHING,) if word in self._rows else self._cut(word):
                found.append(at)
                at += self._sizes[row]
        return found

    def _cut(self, word: str) -> list[int]:
        """Cut a word that the vocabulary has not: the longest piece from the left, again and again."""
        found, start, size = [], 0, len(word)
        while start < size:
            for end in range(min(size, start + self._longest), start, -1):
                row = self._rows.get(word[start:end])
                if row is not None:
                    break
            else:
                row, end = UNKNOWN, start + 1
            found.append(row)
            start = end
        return found
