"""Folding: one spelling for texts that differ only in case, width, spaces and characters that nobody sees.

Compatibility forms are resolved by NFKC (Unicode Standard Annex 15) and case by full case folding. Beyond NFKC_Casefold, marks
of the general blocks that did not melt into a letter are dropped, so that a struck-out or dotted word is the word.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import partial

from demur.guard.views.origins import Edit, Edited, Hop

__all__ = ["clean", "fold", "fold_cleaned"]

_INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Controls, soft hyphens, zero-width and directional characters, fillers, variation selectors, tags."""

_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
"""The marks that belong to no one writing system."""

_NONSTARTERS = "".join(map(chr, filter(lambda code: unicodedata.combining(chr(code)), range(0x300, 0x1F000))))


class _Rare:
    """Characters that most texts hold none of. A class of re is quick while it holds none beyond the basic plane."""

    def __init__(self, members: str, repeated: str) -> None:
        ranges = re.findall("(.)-(.)|(.)", members, re.DOTALL)
        self.chars = frozenset(
            one or chr(code) for low, high, one in ranges for code in range(ord(low or one), ord(high or one) + 1)
        )
        self.basic = re.compile(f"[{''.join(sorted(char for char in self.chars if char <= _BASIC))}]{repeated}")
        self.full = re.compile(f"[{members}]{repeated}")

    def pattern(self, present: set[str]) -> re.Pattern[str] | None:
        """Give the pattern to look for among characters that are present, if any of them is one."""
        found = self.chars & present
        if not found:
            return None
        return self.basic if max(found) <= _BASIC else self.full


_BASIC = "\uffff"
_UNSEEN = _Rare(_INVISIBLE, "+")
_LOOSE_MARKS = _Rare(_MARKS, "+")
_STACKS = (_Rare(_MARKS, "{3,}"), _Rare(_NONSTARTERS, "{9,}"))
"""No orthography needs three marks of the general blocks on one letter, or nine of any; and sorting a long run takes Python
time that grows with its square."""
_LONG = re.compile("[\u3300-\u3357\u33ae\u33af\ufdfa\ufdfb]")
"""Characters of which some become more than four under NFKC, up to eighteen."""
_CONTROLS = dict.fromkeys((*range(0x09), *range(0x0E, 0x1C), 0x7F))
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_STRETCH = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]+")
_SPACES = re.compile(r"\s+")

GROWTH = 4
"""How many times longer than its text a folded text may be."""


def clean(text: str) -> tuple[str, tuple[Hop, ...]]:
    """Drop what nobody sees and resolve compatibility forms; case and spaces stay.

    Returns:
        The text and the steps back to what was given, the nearest first; none where nothing moved.
    """
    if text.isascii() and (text.isprintable() or len(text.translate(_CONTROLS)) == len(text)):
        return text, ()
    present = set(text)
    hops: tuple[Hop, ...] = ()
    for rare in (_UNSEEN, *_STACKS):
        text, hops = _without(rare.pattern(present), "", text, hops)
    composed, further = _composed(text, hops)
    if len(composed) > GROWTH * len(text):
        text, hops = _without(_LONG, " ", text, hops)
        composed, further = _composed(text, hops)
    if composed is not text:
        present = set(composed)
    return _without(_LOOSE_MARKS.pattern(present), "", composed, further)


_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u02b9\u201b", "'"))
"""As telephones write them; one character for one."""


def fold_cleaned(text: str, hops: tuple[Hop, ...] = ()) -> tuple[str, tuple[Hop, ...]]:
    """Fold the case and the spaces of a text that `clean` gave; each run of spaces is one, none stands at an end."""
    if text.isascii():
        return _single_spaced(text.lower(), hops)
    text = text.translate(_APOSTROPHES)
    lower = text.casefold()
    if len(lower) != len(text):
        hops = (Edited(partial(_growing, text)), *hops)
        lower, hops = _composed(lower, hops)
        lower, hops = _without(_LOOSE_MARKS.pattern(set(lower)), "", lower, hops)
    return _single_spaced(lower, hops)


def fold(text: str) -> str:
    """Fold a text; a phrase to be looked for in views is folded the same way."""
    return fold_cleaned(clean(text)[0])[0]


def _without(
    pattern: re.Pattern[str] | None, new: str, text: str, hops: tuple[Hop, ...]
) -> tuple[str, tuple[Hop, ...]]:
    """Put `new` for each find of a pattern."""
    if pattern is None or not pattern.search(text):
        return text, hops
    return pattern.sub(new, text), (Edited(partial(_finds, pattern, new, text)), *hops)


def _finds(pattern: re.Pattern[str], new: str, text: str) -> Iterator[Edit]:
    """Give each find of a pattern, and `new` in its place."""
    for match in pattern.finditer(text):
        yield Edit(*match.span(), new)


def _single_spaced(text: str, hops: tuple[Hop, ...]) -> tuple[str, tuple[Hop, ...]]:
    """Make each run of white space one space, and drop it at both ends."""
    spaced = " ".join(text.split())
    return spaced, (hops if len(spaced) == len(text) else (Edited(partial(_runs, text)), *hops))


def _runs(text: str) -> Iterator[Edit]:
    """Give each run of white space with what becomes of it."""
    for match in _SPACES.finditer(text):
        start, end = match.span()
        yield Edit(start, end, "" if start == 0 or end == len(text) else " ")


def _growing(text: str) -> Iterator[Edit]:
    """Give the characters that case folding makes longer."""
    for match in _NON_ASCII.finditer(text):
        if len(folded := match[0].casefold()) > 1:
            yield Edit(*match.span(), folded)


def _composed(text: str, hops: tuple[Hop, ...]) -> tuple[str, tuple[Hop, ...]]:
    """Bring a text into NFKC."""
    if unicodedata.is_normalized("NFKC", text):
        return text, hops
    composed = unicodedata.normalize("NFKC", text)
    return composed, (Edited(partial(_compositions, text, composed)), *hops)


def _compositions(text: str, composed: str) -> list[Edit]:
    """Find what NFKC changed, cluster by cluster."""
    edits = [
        Edit(start, end, new)
        for stretch in _STRETCH.finditer(text)
        for start, end in _clusters(text, *stretch.span())
        if (new := unicodedata.normalize("NFKC", text[start:end])) != text[start:end]
    ]
    grown = sum(len(edit.text) - (edit.end - edit.start) for edit in edits)
    # A composition across clusters is none that Unicode defines; were there one, the whole text would be its origin.
    return edits if len(text) + grown == len(composed) else [Edit(0, len(text), composed)]


def _clusters(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a stretch before each character that can neither be moved nor melt into the one before it."""
    first = start
    for place in range(start + 1, end):
        if not _joins(text[place]):
            yield first, place
            first = place
    yield first, end


def _joins(char: str) -> bool:
    """Whether NFKC may join a character to the one before: marks, the later parts of Hangul syllables, voicing signs."""
    return unicodedata.category(char)[0] == "M" or "\u1160" <= char <= "\u11ff" or "\uff9e" <= char <= "\uffdc"
