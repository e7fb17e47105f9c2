"""Texts as WordPieces (Wu et al. 2016), as uncased BERT cuts them: what the encoder reads."""

import re
import unicodedata
from collections.abc import Sequence

__all__ = ["BEGIN", "END", "UNKNOWN", "WordPieces"]

UNKNOWN, BEGIN, END = 100, 101, 102
"""Rows of BERT's table: a word that no pieces make up, the beginning and the end of a text."""

_WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3400-\u9fff\uf900-\ufaff]+|[^\w\s]|_")
"""One Chinese character; letters and digits; or one mark."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


class WordPieces:
    """A vocabulary of pieces; those that go on within a word begin with ``##``.

    Args:
        pieces: In the order of their rows.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self._rows = {piece: row for row, piece in enumerate(pieces)}
        self._longest = max(map(len, pieces))
        self._broken = frozenset({UNKNOWN, *(row for row, piece in enumerate(pieces) if piece.startswith("##"))})

    def rows(self, text: str) -> list[int]:
        """Give the rows of the pieces of a folded text, in their order."""
        if _NOT_ASCII.search(text):
            text = "".join(char for char in unicodedata.normalize("NFD", text) if unicodedata.category(char) != "Mn")
        found: list[int] = []
        for word in _WORD.findall(text):
            row = self._rows.get(word)
            if row is None:
                found += self.cut(word)
            else:
                found.append(row)
        return found

    def broken_share(self, rows: Sequence[int]) -> float:
        """Give the share of pieces that begin no word: one in ten of English; nearly all of what is written without spaces, or in no language."""
        return sum(row in self._broken for row in rows) / max(1, len(rows))

    def cut(self, word: str) -> list[int]:
        """Cut a word into the longest pieces from the left, again and again; `UNKNOWN` alone where some part is none."""
        found, start = [], 0
        while start < len(word):
            for end in range(min(len(word), start + self._longest), start, -1):
                row = self._rows.get(f"##{word[start:end]}" if start else word[:end])
                if row is not None:
                    break
            else:
                return [UNKNOWN]
            found.append(row)
            start = end
        return found
