"""Views: the readings of a text that a rule is matched against, each with the way back to what was sent.

A text can hide its words in many ways and still be read by a model: invisible characters, letters of other alphabets, letters
apart, digits for letters, encodings, one inside the other. It is read once, here; rules then see every reading, and say
where in the text as it was sent they found something. The text itself is never changed.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from demur.guard.views.codes import SPOKEN, braille, morse, numbers, spoken_letters
from demur.guard.views.confusables import bare, skeleton
from demur.guard.views.decodings import base32_runs, base64_runs, escapes, hex_runs, hidden_letters, percent_escapes
from demur.guard.views.disguises import disguises_of, leet, mirrored_words, telltales, turn, turned_over
from demur.guard.views.folding import clean, fold_cleaned
from demur.guard.views.gaps import cut_words, joined_letters, joined_strings, parted_words, signed_letters
from demur.guard.views.origins import Edit, Edited, Hop, Mirrored, splice

__all__ = ["View", "read_views"]

MOST_VIEWS = 16
DEEPEST = 3
"""Readings within readings: Base64 in Base64 in percent-encoding."""
SIZE_FACTOR = 8
SIZE_FLOOR = 65_536
"""Characters. All views beside the text itself have together at most SIZE_FACTOR times its length, or this where it is more."""


@dataclass(frozen=True)
class View:
    """One reading of a text."""

    name: str
    """The readings that lead to it, from the first: `raw`, `folded`, `base64>joined`. All but `raw` are folded at the end."""
    text: str
    cut: bool = False
    """On the first view: whether readings were left out because there were too many of them or they were too long. Nothing can then
    be said about what they hold."""
    hops: tuple[Hop, ...] = field(default=(), repr=False, compare=False)
    """The steps back to the text, the last one first."""

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Give the span of the text as it was sent that the characters from `start` to `end` (not included) come from.

        Where characters cannot be told apart, as within one run of Base64, it is the whole of what they come from.

        Raises:
            ValueError: The span is none of this view.
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(
                f"The view {self.name} has {len(self.text)} characters; there is no span {start} to {end}."
            )
        for hop in self.hops:
            start, end = hop.back(start, end)
        return start, end


class _Reading(NamedTuple):
    """A text found in a text, before it is folded."""

    path: tuple[str, ...]
    text: str
    hops: tuple[Hop, ...]


_DECODERS: tuple[tuple[str, Callable[[str], list[Edit]]], ...] = (
    ("joined", joined_letters),
    ("signed", signed_letters),
    ("parted", parted_words),
    ("cut", cut_words),
    ("strings", joined_strings),
    ("percent", percent_escapes),
    ("escapes", escapes),
    ("hex", hex_runs),
    ("base64", base64_runs),
    ("base32", base32_runs),
    ("numbers", numbers),
    ("morse", morse),
    ("braille", braille),
)


def read_views(text: str, *, most: int = MOST_VIEWS) -> tuple[View, ...]:
    """Read a text in every way that finds something in it.

    Args:
        text: Any text.
        most: How many views there may be.

    Returns:
        The text itself first, then its folded form, then what is found in it, the least hidden first, each only where it differs
        from all before: ordinary prose has two views, and one if it is in small letters. The same text gives the same views.
    """
    views: list[View] = []
    seen = {text}
    room = max(SIZE_FACTOR * len(text), SIZE_FLOOR)
    cut = False
    for view in _readings(text):
        if view is None:
            cut = True
        elif view.text not in seen:
            room -= len(view.text)
            if len(views) + 1 >= most or room < 0:
                cut = True
                break
            seen.add(view.text)
            views.append(view)
    return View("raw", text, cut=cut), *views


def _readings(text: str) -> Iterator[View | None]:
    """Give folded readings, the least hidden first; each text found is looked into in its turn, None stands for those too deep."""
    queue: deque[_Reading | View] = deque([_Reading((), text, ())])
    seen = {text}
    while queue:
        reading = queue.popleft()
        if isinstance(reading, View):
            yield reading
            continue
        cleaned, hops = clean(reading.text)
        hops = (*hops, *reading.hops)
        folded, steps = fold_cleaned(cleaned, hops)
        yield View(">".join(reading.path) or "folded", folded, hops=steps)
        inside = (*_hidden(reading, cleaned), *_inside(_Reading(reading.path, cleaned, hops), folded.split()))
        if len(reading.path) >= DEEPEST:
            if any(found.text not in seen for found in inside):
                yield None
            continue
        for found in inside:
            if found.text not in seen:
                seen.add(found.text)
                queue.append(found)
        for name, read in zip(("leet", "leet-l"), leet(folded), strict=False):
            queue.append(View(">".join((*reading.path, name)), read, hops=steps))


def _hidden(reading: _Reading, cleaned: str) -> Iterator[_Reading]:
    """Give a text as it reads when its unseen letters are seen; cleaning has lost them, if there were any."""
    if cleaned != reading.text and (edits := hidden_letters(reading.text)):
        yield _edited(reading, "hidden", edits)


def _inside(reading: _Reading, words: list[str]) -> Iterator[_Reading]:
    """Give what is found in a cleaned text, whose folded words are `words`."""
    path, text, hops = reading
    for name, plain in (("skeleton", skeleton(text)), ("bare", bare(text, words)), ("over", turned_over(text))):
        if plain != text:
            yield _Reading((*path, name), plain, hops)
    for name, decode in _DECODERS:
        if edits := decode(text):
            yield _edited(reading, name, edits)
    if found := telltales(words):
        yield from _disguised(reading, words, found)


def _disguised(reading: _Reading, words: list[str], found: frozenset[str]) -> Iterator[_Reading]:
    """Give what is found in a text that holds words which tell of a disguise: of all of it, or of some of its lines."""
    path, text, hops = reading
    if not SPOKEN.keys().isdisjoint(found) and (edits := spoken_letters(text)):
        yield _edited(reading, "spoken", edits)
    lines = [match.span() for match in _LINE.finditer(text)]
    by_line = [(span, disguises_of(text[slice(*span)].casefold().split(), found)) for span in lines[:_MOST_LINES]]
    whole = disguises_of(words, found)
    for name in dict.fromkeys((*whole, *(name for _, names in by_line for name in names))):
        if name == "reversed" and _TURNED.intersection(path):  # what was turned once holds its frame back to front
            continue
        spans = [span for span, names in by_line if name in names]
        if 0 < len(spans) < len(lines):
            yield _edited(reading, name, [Edit(*span, turn(name, text[slice(*span)])) for span in spans])
        elif name == "reversed":
            yield _Reading((*path, name), text[::-1], (Mirrored(len(text)), *hops))
        else:
            yield _Reading((*path, name), turn(name, text), hops)
        if name == "reversed":
            yield _edited(reading, "mirrored", mirrored_words(text))


_LINE = re.compile(r"[^\n]*[^\s\n][^\n]*")
_MOST_LINES = 200
_TURNED = frozenset({"reversed", "mirrored"})


def _edited(reading: _Reading, name: str, edits: list[Edit]) -> _Reading:
    """Give a reading with stretches of it decoded where they stand."""
    hop = Edited(partial(list, edits))
    return _Reading((*reading.path, name), splice(reading.text, edits), (hop, *reading.hops))
