"""A passage of what somebody said, made fit to be looked at: cut, highlighted, and with nothing invisible in it.

Hidden characters are a means of attack: right-to-left overrides make a text read as another one, terminal escapes and tag
characters carry what the reader does not see. Here each of them is shown by its code, so that the reader sees what was there.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from demur.types import Evidence

__all__ = ["Passage", "Piece", "make_passage", "make_title", "make_visible"]

_JOINERS = "\u200c\u200d"  # they shape letters in Persian and Indic scripts and hold emoji together
_LAYOUT = "\n\t"
_ASCII_CONTROLS = 0x20
_DELETE = 0x7F
_QUOTE_LIMIT = 300
_TITLE_LIMIT = 140


@dataclass(frozen=True)
class Piece:
    """A stretch of a passage that is shown in one way."""

    text: str
    """Ready to be shown, though not yet escaped for HTML."""
    shows: tuple[str, ...] = ()
    """What the judge found in this stretch."""
    starts: tuple[str, ...] = ()
    """Those of `shows` that begin here: where the label is put."""
    n_omitted: int = 0
    """Characters left out at this place; `text` is then empty."""


@dataclass(frozen=True)
class Passage:
    """What was said, in pieces."""

    pieces: tuple[Piece, ...]
    beyond: tuple[tuple[str, str], ...] = ()
    """Evidence that lies in the part left out: what it shows, and the words."""

    @property
    def n_omitted(self) -> int:
        """How many characters were left out."""
        return sum(piece.n_omitted for piece in self.pieces)

    @property
    def text(self) -> str:
        """What is shown, without marks."""
        return "".join(piece.text for piece in self.pieces)


def make_visible(text: str) -> str:
    """Replace each character that would act or hide rather than be seen by one that shows it."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(char) for char in text)


def make_passage(text: str, evidence: Sequence[Evidence] = (), *, limit: int) -> Passage:
    """Cut a text to about ``limit`` characters (its beginning and its end are kept) and mark the evidence in it.

    Evidence whose words do not stand where it says they do is passed over: marking other words would be a false quotation.
    """
    spans = [span for span in evidence if span.start < span.end and text[span.start : span.end] == span.text]
    if len(text) <= limit:
        return Passage(_mark(text, spans, 0, len(text)))
    head, tail = limit * 3 // 4, len(text) - limit // 4
    gap = Piece("", n_omitted=tail - head)
    pieces = (*_mark(text, spans, 0, head), gap, *_mark(text, spans, tail, len(text)))
    beyond = [span for span in spans if span.start >= head and span.end <= tail]
    return Passage(pieces, tuple((span.shows, make_visible(span.text[:_QUOTE_LIMIT])) for span in beyond))


def make_title(text: str) -> str:
    """Put a text into one line of at most 140 characters."""
    line = " ".join(make_visible(text[: 2 * _TITLE_LIMIT]).split())
    return line if len(line) <= _TITLE_LIMIT else f"{line[: _TITLE_LIMIT - 1]}…"


def _mark(text: str, spans: Sequence[Evidence], low: int, high: int) -> tuple[Piece, ...]:
    inside = [span for span in spans if span.start < high and span.end > low]
    edges = {low, high}
    for span in inside:
        edges |= {max(low, span.start), min(high, span.end)}
    cuts = sorted(edges)
    pieces = []
    for start, end in pairwise(cuts):
        over = [span for span in inside if span.start <= start and span.end >= end]
        shows = tuple(dict.fromkeys(span.shows for span in over))
        starts = tuple(dict.fromkeys(span.shows for span in over if max(low, span.start) == start))
        pieces.append(Piece(make_visible(text[start:end]), shows, starts))
    return tuple(pieces)


def _visible(char: str) -> str:
    if char in _LAYOUT or char in _JOINERS:
        return char
    code = ord(char)
    if code < _ASCII_CONTROLS:
        return chr(0x2400 + code)  # Unicode's pictures of the control characters, in their order
    if code == _DELETE:
        return "\u2421"
    category = unicodedata.category(char)
    if category == "Cs":
        return "\ufffd"  # half of a surrogate pair cannot be written as UTF-8
    if category in {"Cc", "Cf", "Zl", "Zp"}:
        return f"[U+{code:04X}]"
    return char
