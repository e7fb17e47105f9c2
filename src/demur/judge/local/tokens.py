"""Texts as tokens: a whole batch at once, in a fixed number of passes over its characters.

A token is a word, a Chinese character or kana, a run of one mark, or a line's end. It is known by the hash of its folded
characters, and by the hashes of its beginning and its end, which words of one stem and of one form share. In Chinese and
Japanese these are the pairs with the next character and with the one before. A token of its own stands before each text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from demur.judge.local.alphabet import ALONE, LETTER, LINE, MARK, NOTHING, SEPARATOR, SPACE, START, alphabet
from demur.judge.local.arrays import Hashes, Indices

__all__ = ["CAPITAL", "LISTED", "MOST_HEAD", "MOST_TAIL", "SHOWN", "Tokens", "read_tokens"]

SHOWN, CAPITAL, LISTED = 1, 2, 4
"""Bits of `Tokens.look`: within code or a quotation; begins with a capital; in the item of a list."""

MOST_HEAD, MOST_TAIL = 2_400, 800
"""Characters read at either end of a text; what a reply is shows at its ends."""

_MULTIPLIER = 0x100000001B3
_INVERSE = pow(_MULTIPLIER, -1, 1 << 64)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_STEM, _ENDING, _FEWEST = 4, 3, 5
"""Characters of a word's beginning and end, and of a word that has both."""
_HANGUL = (0xAC00, 0xD7A3)
_HANGUL_PART = 2
_FENCE = 3
"""Backticks or tildes that open or close a block of code."""
_APOSTROPHE, _QUOTE, _BACKTICK, _CITED, _POINT, _DIGIT = map(ord, "'\"`>.0")
_UPPER, _LOWER, _HALVES = np.uint16(0xD800), np.uint16(0xDC00), np.uint16(0x400)
"""The two halves of the pairs by which UTF-16 writes a character beyond 65,535; unsigned differences wrap around."""


def _marks(characters: str) -> NDArray[np.bool_]:
    table = np.zeros(1 << 16, bool)
    table[[ord(character) for character in characters]] = True
    return table


_OPENING, _CLOSING = _marks("\u201c\u00ab\u300c\u300e\u201e"), _marks("\u201d\u00bb\u300d\u300f")
_ENDS, _ENDS_AT_ONCE = _marks("!?.\u061f\u0964"), _marks("\u3002\uff01\uff1f")
_CODE = _marks("`~")
_BULLETS, _NUMBER_ENDS = _marks("-*+\u2022\u2023"), _marks(".)\uff0e\u3001")

Units = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a batch of texts, one after another; every array but the last three has an entry for each."""

    word: Hashes
    stem: Hashes
    """Of its beginning; 0 of a token without one."""
    ending: Hashes
    """0 of a token without one."""
    look: NDArray[np.uint8]
    kind: NDArray[np.uint8]
    """Of its first character; see `alphabet`."""
    script: NDArray[np.uint8]
    """Likewise."""
    text: Indices
    """Index of its text; rises."""
    sentence: Indices
    """Number of its sentence in the batch; rises by 0 or 1."""
    start: Indices
    """Its first unit in the batch as it was joined."""
    end: Indices
    firsts: Indices
    """Index of the token before each text."""
    units: Units
    """The batch as it was joined."""
    kept: Indices | None
    """Where in `units` each unit stands that `start` and `end` count, and their number; None if all are counted, none being invisible."""

    def __len__(self) -> int:
        """Give the number of tokens."""
        return len(self.word)

    @property
    def n_texts(self) -> int:
        """Number of texts."""
        return len(self.firsts)

    def span(self, first: int, last: int, size: int) -> tuple[int, int]:
        """Say where some tokens of one text stand in it.

        Args:
            first: index of the first of them; the token before the text counts as its beginning.
            last: index of the last.
            size: characters of the whole text.

        Returns:
            Index of the first character, and of the one after the last.
        """
        begin = int(self.start[self.firsts[self.text[first]]])
        bounds = np.array([begin + 1, max(begin + 1, self.start[first]), max(begin + 1, self.end[last])], np.int64)
        if self.kept is not None:
            bounds = self.kept[bounds - [0, 0, 1]] + [0, 0, 1]
        units = self.units[bounds[0] : bounds[2]]
        is_pair = (units[:-1] - _UPPER < _HALVES) & (units[1:] - _LOWER < _HALVES)
        n_pairs = np.concatenate([[0, 0], np.cumsum(is_pair)])
        places = [int(bound - bounds[0] - n_pairs[bound - bounds[0]]) for bound in bounds[1:]]
        if size > MOST_HEAD + MOST_TAIL:
            places = [place if place <= MOST_HEAD else place - MOST_HEAD - 1 + size - MOST_TAIL for place in places]
        return places[0], places[1]


def read_tokens(texts: Sequence[str]) -> Tokens:
    """Read texts.

    Args:
        texts: at least one; of a text longer than 3,200 characters the first 2,400 and the last 800 are read.
    """
    units = _units(texts)
    at = units.astype(np.intp)
    table = alphabet()
    kind, kept = table.kind[at], None
    if (kind == NOTHING).any():
        seen = np.flatnonzero(kind != NOTHING)
        kind, at, kept = kind[seen], at[seen], np.append(seen, len(at))
    folded = table.folded[at]
    _join_apostrophes(kind, folded)
    start, end = _bounds(kind, folded)
    first_kind, mark, size = kind[start], folded[start], end - start
    hashes = _Hashes(folded)
    stem, ending = _parts(hashes, kind, mark, start, end)
    begins_line = (first_kind == START) | (first_kind == LINE)
    firsts = np.flatnonzero(first_kind == START)
    text = np.cumsum(first_kind == START) - 1
    following = kind[np.minimum(end, len(kind) - 1)]
    following[-1] = START
    first = at[start]
    look = _look(mark, size, text, begins_line, table.is_capital[first])
    look[firsts] = 0
    return Tokens(
        word=hashes.of(start, end),
        stem=stem,
        ending=ending,
        look=look,
        kind=first_kind,
        script=table.script[first],
        text=text,
        sentence=_sentences(mark, first_kind, size, begins_line, following),
        start=start,
        end=end,
        firsts=firsts,
        units=units,
        kept=kept,
    )


def _units(texts: Sequence[str]) -> Units:
    """Give the UTF-16 units of all texts, a separator before each."""
    most = MOST_HEAD + MOST_TAIL
    cut = [text if len(text) <= most else f"{text[:MOST_HEAD]}\n{text[-MOST_TAIL:]}" for text in texts]
    joined = SEPARATOR.join(["", *cut])
    if joined.count(SEPARATOR) != len(texts):
        joined = SEPARATOR.join(["", *(text.replace(SEPARATOR, " ") for text in cut)])
    return np.frombuffer(joined.encode("utf-16-le", "surrogatepass"), np.uint16)


def _join_apostrophes(kind: NDArray[np.uint8], folded: Units) -> None:
    """Count an apostrophe between letters as one of them."""
    at = np.flatnonzero(folded[1:-1] == _APOSTROPHE) + 1
    inner = at[(kind[at - 1] == LETTER) & (kind[at + 1] == LETTER)]
    kind[inner] = LETTER


def _bounds(kind: NDArray[np.uint8], folded: Units) -> tuple[Indices, Indices]:
    goes_on = np.zeros(len(kind) + 1, bool)
    is_run = (kind[1:] == LETTER) | (kind[1:] == LINE) | ((kind[1:] == MARK) & (folded[1:] == folded[:-1]))
    goes_on[1:-1] = (kind[1:] == kind[:-1]) & is_run
    lower = np.flatnonzero(folded[1:] - _LOWER < _HALVES) + 1
    goes_on[lower] |= folded[lower - 1] - _UPPER < _HALVES
    is_seen = kind != SPACE
    return np.flatnonzero(is_seen & ~goes_on[:-1]), np.flatnonzero(is_seen & ~goes_on[1:]) + 1


class _Hashes:
    """Polynomial hashes of any stretches of a text: one running sum of characters times rising powers, modulo 2^64."""

    def __init__(self, folded: Units) -> None:
        powers, self._inverses = _powers(1 << max(12, len(folded).bit_length()))
        self._sums = np.zeros(len(folded) + 1, np.uint64)
        np.multiply(folded, powers[: len(folded)], out=self._sums[1:])
        np.cumsum(self._sums, out=self._sums)

    def of(self, start: Indices, end: Indices) -> Hashes:
        """Hash the stretches; never 0."""
        found: Hashes = (self._sums[end] - self._sums[start]) * self._inverses[start]
        found ^= found >> np.uint64(29)
        found *= _MIX
        found ^= found >> np.uint64(32)
        found |= np.uint64(1)
        return found


@cache
def _powers(n: int) -> tuple[Hashes, Hashes]:
    def rising(base: int) -> Hashes:
        factors = np.full(n, base, np.uint64)
        factors[0] = 1
        return np.cumprod(factors, dtype=np.uint64)

    return rising(_MULTIPLIER), rising(_INVERSE)


def _parts(
    hashes: _Hashes, kind: NDArray[np.uint8], mark: Units, start: Indices, end: Indices
) -> tuple[Hashes, Hashes]:
    """Hash the beginnings and ends of words; of a character that stands alone, its pairs with its neighbours."""
    stem, ending = np.zeros(len(start), np.uint64), np.zeros(len(start), np.uint64)
    first_kind, size = kind[start], end - start
    is_hangul = (mark >= _HANGUL[0]) & (mark <= _HANGUL[1])
    for some, n_stem, n_ending in (
        (np.flatnonzero((size >= _FEWEST) & (first_kind == LETTER) & ~is_hangul), _STEM, _ENDING),
        (np.flatnonzero(is_hangul & (size > _HANGUL_PART)), _HANGUL_PART, _HANGUL_PART),
    ):
        if len(some):
            stem[some] = hashes.of(start[some], start[some] + n_stem)
            ending[some] = hashes.of(end[some] - n_ending, end[some])
    alone = np.flatnonzero(first_kind == ALONE)
    if len(alone):
        after = alone[end[alone] < len(kind)]
        after = after[kind[end[after]] == ALONE]
        stem[after] = hashes.of(start[after], end[after] + 1)
        behind = alone[kind[start[alone] - 1] == ALONE]
        ending[behind] = hashes.of(start[behind] - 1, end[behind])
    return stem, ending


def _look(
    mark: Units, size: Indices, text: Indices, begins_line: NDArray[np.bool_], is_capital: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    look = is_capital.astype(np.uint8) * np.uint8(CAPITAL)
    line = np.cumsum(begins_line) - 1
    heads = np.flatnonzero(begins_line)
    # The first token of a line is the end of the one before.
    one, two = (np.minimum(heads + n, len(mark) - 1) for n in (1, 2))
    is_item = (line[one] == np.arange(len(heads))) & (
        _BULLETS[mark[one]] | ((mark[one] == _DIGIT) & _NUMBER_ENDS[mark[two]])
    )
    look[is_item[line]] |= LISTED
    look[_shown(mark, size, text, line, heads)] |= SHOWN
    return look


def _shown(mark: Units, size: Indices, text: Indices, line: Indices, heads: Indices) -> NDArray[np.bool_]:
    """Tell which tokens stand between quotation marks of a line, between backticks, in a block of code, or in a cited line."""
    shown = np.zeros(len(mark), bool)
    if (ticks := _CODE[mark]).any():
        fence = ticks & (size >= _FENCE)
        shown |= _odd(fence, text, np.flatnonzero(np.diff(text, prepend=-1)))
        shown |= _odd((mark == _BACKTICK) & (size < _FENCE) & (size % 2 == 1), line, heads)
    if (cited := mark == _CITED).any():
        shown |= cited[np.minimum(heads + 1, len(mark) - 1)][line]
    single, quotes, opened = mark == _APOSTROPHE, (mark == _QUOTE) & (size % 2 == 1), _OPENING[mark]
    quotes |= single & (size == 1)
    if quotes.any() or opened.any():
        quoted = _odd(quotes & ~single, line, heads) | _odd(quotes & single, line, heads)
        depth = np.cumsum(opened.astype(np.int64) - _CLOSING[mark])
        quoted |= depth - depth[heads][line] > 0
        # A text that is one quotation says it; its last mark closes it, and what begins a line is not seen.
        unquoted = np.bincount(text, weights=~quoted & ~quotes & ~_CLOSING[mark], minlength=int(text[-1]) + 1)
        unquoted -= np.bincount(text[heads], minlength=len(unquoted))
        shown |= quoted & (unquoted > 0)[text]
    return shown


def _odd(marks: NDArray[np.bool_], group: Indices, heads: Indices) -> NDArray[np.bool_]:
    """Tell where the number of marks so far in the group is odd, in groups in which it ends even; no group begins with one."""
    count = np.cumsum(marks)
    before = count[heads]
    total = np.diff(np.append(before, count[-1]))
    odd: NDArray[np.bool_] = ((count - before[group]) % 2 == 1) & (total % 2 == 0)[group]
    return odd


def _sentences(
    mark: Units, kind: NDArray[np.uint8], size: Indices, begins_line: NDArray[np.bool_], following: NDArray[np.uint8]
) -> Indices:
    """Number the sentences: they end at a line's end, and at a point or question mark before space."""
    ends_here = _ENDS[mark] & (following != LETTER) & (following != ALONE)
    # Not the point of an initial, an abbreviation in single letters, or the number of an item.
    is_point = mark == _POINT
    ends_here[1:] &= ~((size[:-1] == 1) & (kind[:-1] == LETTER) & is_point[1:])
    ends_here[2:] &= ~((mark[1:-1] == _DIGIT) & begins_line[:-2] & is_point[2:])
    ends_here |= _ENDS_AT_ONCE[mark]
    begins = begins_line.copy()
    begins[1:] |= ends_here[:-1] & ~ends_here[1:]
    return np.cumsum(begins) - 1
