"""Plain phrases, thousands of them, found in one pass (Aho and Corasick 1975): case ignored, whole words only."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate
from typing import Any
from unicodedata import category

__all__ = ["Phrases", "is_joined", "is_joined_at"]

_UNSPACED = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x1950, 0x19FF), (0x1A20, 0x1AAF), (0x2E80, 0x2FDF),
    (0x3005, 0x3007), (0x3021, 0x30FF), (0x31C0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0xA4CF), (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F), (0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x1B000, 0x1B16F), (0x20000, 0x3FFFF),
)  # fmt: skip
"""Scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Tai, Han, kana, Yi. Written from their Unicode blocks."""
_OTHER, _LETTER, _MARK, _UNSPACED_LETTER, _UNSPACED_MARK = range(5)


class Phrases:
    """A set of phrases, each belonging to one or more owners.

    Positions are of the text as given, although matching is done on its case folding, which can be longer: "ß" folds
    to "ss" and "İ" to "i" and a dot. A phrase never begins or ends within such a character, as no word does.

    Args:
        phrases: each with the number of its owner; none empty.
    """

    def __init__(self, phrases: Iterable[tuple[str, int]]) -> None:
        import ahocorasick

        owners: dict[str, set[int]] = defaultdict(set)
        for phrase, owner in phrases:
            owners[phrase.casefold()].add(owner)
        self.longest = max(map(len, owners), default=0)
        """Characters of the longest phrase, folded."""
        self._automaton: Any = ahocorasick.Automaton()
        for folded, mine in owners.items():
            self._automaton.add_word(folded, (len(folded), tuple(sorted(mine))))
        if owners:
            self._automaton.make_automaton()

    def find(self, text: str, start: int = 0) -> Iterator[tuple[int, int, int]]:
        """Give the owner, the start and the end of every phrase that begins at or after ``start``, in no order."""
        if not self.longest:
            return
        rest = text[start:]
        folded = rest.casefold()
        before = text[start - 1].casefold()[-1] if start else ""
        ends: list[int] | None = None
        for last, (length, owners) in self._automaton.iter(folded):
            first, end = last - length + 1, last + 1
            left = folded[first - 1] if first else before
            if (left and is_joined(left, folded[first])) or is_joined_at(folded, end):
                continue
            if len(folded) != len(rest):
                ends = ends or list(accumulate(len(char.casefold()) for char in rest))
                first, end = bisect_right(ends, first), bisect_right(ends, last) + 1
            for owner in owners:
                yield owner, start + first, start + end

    def may_begin(self, text: str, at: int) -> bool:
        """Tell whether a phrase begins at ``at`` that the rest of the text does not decide: it could go on, or the word could."""
        return bool(self.longest) and self._is_start(text, at) and bool(self._automaton.match(self._fold(text, at)))

    def begins(self, text: str, at: int) -> bool:
        """Tell whether a whole phrase begins at ``at``, if the text ends here."""
        if not self.longest or not self._is_start(text, at):
            return False
        folded = self._fold(text, at)
        ends = range(self._automaton.longest_prefix(folded), 0, -1)
        return any(folded[:end] in self._automaton and not is_joined_at(folded, end) for end in ends)

    def _fold(self, text: str, at: int) -> str:
        """Fold as much as decides: the longest phrase and the character after it."""
        return text[at : at + self.longest + 1].casefold()

    @staticmethod
    def _is_start(text: str, at: int) -> bool:
        return not at or not is_joined(text[at - 1].casefold()[-1], text[at].casefold()[0])


def is_joined_at(folded: str, at: int) -> bool:
    """Tell whether the characters on both sides of a position are of one word."""
    return 0 < at < len(folded) and is_joined(folded[at - 1], folded[at])


def is_joined(left: str, right: str) -> bool:
    """Tell whether two characters in a row are of one word, so that no phrase ends between them.

    A combining mark belongs to what it stands on. Scripts without spaces have no word boundaries to look for: a phrase
    may begin and end beside any letter of theirs.
    """
    kind = _kind(right)
    return kind in (_MARK, _UNSPACED_MARK) or (kind == _LETTER and _kind(left) in (_LETTER, _MARK))


@lru_cache(maxsize=4096)
def _kind(char: str) -> int:
    is_unspaced = any(first <= ord(char) <= last for first, last in _UNSPACED)
    if category(char).startswith("M"):
        return _UNSPACED_MARK if is_unspaced else _MARK
    if char.isalnum() or char == "_":
        return _UNSPACED_LETTER if is_unspaced else _LETTER
    return _OTHER
