"""Texts as tokens: a whole batch at once, in a fixed number of passes over its characters.

A token is a word, a Chinese character or kana, a run of one mark, or a line's end. It is known by the hash of its folded
characters, and by the hashes of its beginning and its end, which words of one stem and of one form share. In Chinese and
Japanese these are the pairs with the next character and with the one before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from alphabet import ALONE, LETTER, LINE, MARK, NOTHING, SPACE, alphabet
from numpy.typing import NDArray

__all__ = ["CAPITAL", "LISTED", "SHOWN", "Tokens", "read_tokens"]

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
_APOSTROPHE, _QUOTE, _BACKTICK, _POINT, _DIGIT = map(ord, "'\"`.0")
_OPENING, _CLOSING = "\u201c\u00ab\u300c\u300e\u201e", "\u201d\u00bb\u300d\u300f"
_ENDS, _ENDS_AT_ONCE = "!?.\u061f\u0964", "\u3002\uff01\uff1f"
_BULLETS = "-*+\u2022\u2023"

Hashes = NDArray[np.uint64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a batch of texts, one after another; every array has an entry for each."""

    word: Hashes
    stem: Hashes
    """Of its beginning; 0 of a token without one."""
    ending: Hashes
    """0 of a token without one."""
    look: NDArray[np.uint8]
    start: Indices
    """Index of its first character in its text."""
    end: Indices
    text: Indices
    """Index of its text; rises."""
    sentence: Indices
    """Number of its sentence within the text, from 0."""
    kind: NDArray[np.uint8]
    """Of its first character; see `alphabet`."""
    n_texts: int

    def __len__(self) -> int:
        """Give the number of tokens."""
        return len(self.word)

    def only(self, kept: NDArray[np.bool_]) -> "Tokens":
        """Leave out the tokens that are not to be kept."""
        arrays = {name: getattr(self, name)[kept] for name in self.__slots__ if name != "n_texts"}
        return Tokens(**arrays, n_texts=self.n_texts)


def read_tokens(texts: Sequence[str]) -> Tokens:
    """Read texts.

    Args:
        texts: of a text longer than 3,200 characters the first 2,400 and the last 800 are read.
    """
    lengths = np.array([len(text) for text in texts], np.int64)
    codes, owner, place = _characters(texts, lengths)
    table = alphabet()
    known = np.minimum(codes, len(table.kind) - 1)
    kind, folded = table.kind[known], table.folded[known].astype(np.int64)
    beyond = codes >= len(table.kind)
    folded[beyond] = codes[beyond]
    if (unseen := kind == NOTHING).any():
        seen = ~unseen
        kind, folded, owner, place, known = kind[seen], folded[seen], owner[seen], place[seen], known[seen]
    kind = _join_apostrophes(kind, folded)
    starts, ends = _bounds(kind, folded, owner)
    hashes = _Hashes(folded)
    word = hashes.of(starts, ends)
    stem, ending = _parts(hashes, kind, folded, owner, starts=starts, ends=ends)
    look = _look(kind, folded, owner, starts, table.is_capital[known])
    sentence = _sentences(kind, folded, owner, starts, ends)
    return Tokens(
        word=word,
        stem=stem,
        ending=ending,
        look=look,
        start=place[starts],
        end=place[ends - 1] + 1,
        text=owner[starts],
        sentence=sentence,
        kind=kind[starts],
        n_texts=len(texts),
    )


def _characters(texts: Sequence[str], lengths: Indices) -> tuple[Indices, Indices, Indices]:
    """Give the code points of all texts, each text behind a line's end, with their text and their place in it."""
    most = MOST_HEAD + MOST_TAIL
    cut = ["\n" + (text if len(text) <= most else f"{text[:MOST_HEAD]}\n{text[-MOST_TAIL:]}") for text in texts]
    codes = np.frombuffer("".join(cut).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    sizes = np.array([len(text) for text in cut], np.int64)
    owner = np.repeat(np.arange(len(texts)), sizes)
    firsts = np.cumsum(sizes) - sizes
    place = np.arange(len(codes)) - firsts[owner] - 1
    if (lengths > most).any():
        late = (lengths[owner] > most) & (place > MOST_HEAD)
        place[late] += lengths[owner[late]] - most - 1
    return codes, owner, place


def _join_apostrophes(kind: NDArray[np.uint8], folded: Indices) -> NDArray[np.uint8]:
    """Count an apostrophe between letters as one of them."""
    at = np.flatnonzero(folded[1:-1] == _APOSTROPHE) + 1 if len(folded) > 2 else np.zeros(0, np.int64)  # noqa: PLR2004 -- one needs neighbours
    inner = at[(kind[at - 1] == LETTER) & (kind[at + 1] == LETTER)]
    kind[inner] = LETTER
    return kind


def _bounds(kind: NDArray[np.uint8], folded: Indices, owner: Indices) -> tuple[Indices, Indices]:
    before = np.empty_like(kind)
    before[:1], before[1:] = SPACE, kind[:-1]
    same = np.zeros(len(kind), bool)
    same[1:] = folded[1:] == folded[:-1]
    same[1:] &= owner[1:] == owner[:-1]
    goes_on = (kind == before) & ((kind == LETTER) | ((kind == MARK) & same) | (kind == LINE))
    goes_on[1:] &= owner[1:] == owner[:-1]
    begins = (kind != SPACE) & ~goes_on
    starts = np.flatnonzero(begins)
    stops = np.ones(len(kind), bool)
    stops[:-1] = ~goes_on[1:]
    ends = np.flatnonzero(stops & (kind != SPACE)) + 1
    return starts, ends


class _Hashes:
    """Polynomial hashes of any stretches of a text: one running sum of characters times rising powers, modulo 2^64."""

    def __init__(self, folded: Indices) -> None:
        self._powers, self._inverses = _powers(1 << max(12, len(folded).bit_length()))
        self._sums = np.zeros(len(folded) + 1, np.uint64)
        np.cumsum((folded + 1).astype(np.uint64) * self._powers[: len(folded)], out=self._sums[1:])

    def of(self, starts: Indices, ends: Indices) -> Hashes:
        """Hash the stretches; never 0."""
        plain = (self._sums[ends] - self._sums[starts]) * self._inverses[starts]
        mixed: Hashes = (plain ^ (plain >> np.uint64(29))) * _MIX
        return (mixed ^ (mixed >> np.uint64(32))) | np.uint64(1)


@cache
def _powers(n: int) -> tuple[Hashes, Hashes]:
    def rising(base: int) -> Hashes:
        factors = np.full(n, base, np.uint64)
        factors[0] = 1
        return np.cumprod(factors, dtype=np.uint64)

    return rising(_MULTIPLIER), rising(_INVERSE)


def _parts(
    hashes: _Hashes, kind: NDArray[np.uint8], folded: Indices, owner: Indices, *, starts: Indices, ends: Indices
) -> tuple[Hashes, Hashes]:
    """Hash the beginnings and ends of words; of a character that stands alone, its pairs with its neighbours."""
    stem, ending = np.zeros(len(starts), np.uint64), np.zeros(len(starts), np.uint64)
    first = folded[starts]
    is_hangul = (first >= _HANGUL[0]) & (first <= _HANGUL[1])
    sizes = ends - starts
    for some, n_stem, n_ending in (
        (np.flatnonzero((sizes >= _FEWEST) & (kind[starts] == LETTER) & ~is_hangul), _STEM, _ENDING),
        (np.flatnonzero(is_hangul & (sizes > _HANGUL_PART)), _HANGUL_PART, _HANGUL_PART),
    ):
        stem[some] = hashes.of(starts[some], starts[some] + n_stem)
        ending[some] = hashes.of(ends[some] - n_ending, ends[some])
    alone = np.flatnonzero(kind[starts] == ALONE)
    if len(alone):
        after = alone[ends[alone] < len(kind)]
        after = after[(kind[ends[after]] == ALONE) & (owner[ends[after]] == owner[starts[after]])]
        stem[after] = hashes.of(starts[after], ends[after] + 1)
        behind = alone[starts[alone] > 0]
        behind = behind[(kind[starts[behind] - 1] == ALONE) & (owner[starts[behind] - 1] == owner[starts[behind]])]
        ending[behind] = hashes.of(starts[behind] - 1, ends[behind])
    return stem, ending


def _look(
    kind: NDArray[np.uint8], folded: Indices, owner: Indices, starts: Indices, is_capital: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    look = np.where(is_capital[starts], np.uint8(CAPITAL), np.uint8(0))
    line = np.cumsum(kind == LINE)[starts]
    firsts = np.flatnonzero(np.diff(line, prepend=-1))
    firsts = firsts[firsts + 1 < len(starts)]
    # The first token of a line is the end of the one before.
    mark, after = folded[starts[firsts + 1]], np.minimum(firsts + 2, len(starts) - 1)
    is_item = np.isin(mark, [ord(bullet) for bullet in _BULLETS])
    is_item |= (mark == _DIGIT) & np.isin(folded[starts[after]], [_POINT, ord(")"), ord("\uff0e"), ord("\u3001")])
    items = np.zeros(int(line[-1]) + 1 if len(line) else 1, bool)
    items[line[firsts[is_item]]] = True
    look[items[line]] |= LISTED
    look[_shown(kind, folded, owner)[starts]] |= SHOWN
    return look


def _shown(kind: NDArray[np.uint8], folded: Indices, owner: Indices) -> NDArray[np.bool_]:
    """Tell which characters stand between quotation marks within a line, between backticks, or within a code fence."""
    shown = np.zeros(len(kind), bool)
    if (ticks := folded == _BACKTICK).any():
        fence = np.zeros(len(kind), bool)
        fence[2:] = ticks[2:] & ticks[1:-1] & ticks[:-2]
        shown |= _odd(fence, owner) | _odd(ticks & ~fence, np.cumsum(kind == LINE))
    opened = np.isin(folded, [ord(mark) for mark in _OPENING])
    straight = folded == _QUOTE
    if opened.any() or straight.any():
        line = np.cumsum(kind == LINE)
        shown |= _odd(straight, line)
        depth = np.cumsum(opened.astype(np.int64) - np.isin(folded, [ord(mark) for mark in _CLOSING]))
        first = np.flatnonzero(np.diff(line, prepend=-1))
        shown |= depth - depth[first][np.cumsum(np.diff(line, prepend=-1) > 0) - 1] > 0
    return shown


def _odd(marks: NDArray[np.bool_], group: Indices) -> NDArray[np.bool_]:
    """Tell where the number of marks so far in the group is odd, in groups in which it ends even."""
    count = np.cumsum(marks)
    first = np.flatnonzero(np.diff(group, prepend=-1))
    number = np.cumsum(np.diff(group, prepend=-1) > 0) - 1
    before = np.concatenate([[0], count])[first]
    total = np.diff(np.append(before, count[-1]))
    odd: NDArray[np.bool_] = ((count - before[number]) % 2 == 1) & (total[number] % 2 == 0)
    return odd


def _sentences(kind: NDArray[np.uint8], folded: Indices, owner: Indices, starts: Indices, ends: Indices) -> Indices:
    """Number the sentences of each text: they end at a line's end, and at a point or question mark before space."""
    mark = folded[starts]
    following = np.minimum(ends, len(kind) - 1)
    at_gap = (ends >= len(kind)) | np.isin(kind[following], [SPACE, LINE, MARK]) | (owner[following] != owner[starts])
    ends_here = np.isin(mark, [ord(end) for end in _ENDS]) & at_gap
    ends_here |= np.isin(mark, [ord(end) for end in _ENDS_AT_ONCE])
    # Not the point of an initial, an abbreviation in single letters, or the number of an item.
    is_brief = np.zeros(len(starts), bool)
    is_brief[1:] = (ends[:-1] - starts[:-1] == 1) & (kind[starts[:-1]] == LETTER) & (mark[1:] == _POINT)
    is_number = np.zeros(len(starts), bool)
    is_number[2:] = (mark[1:-1] == _DIGIT) & (kind[starts[:-2]] == LINE) & (mark[2:] == _POINT)
    ends_here &= ~is_brief & ~is_number
    begins = kind[starts] == LINE
    begins[1:] |= ends_here[:-1] & ~ends_here[1:]
    number = np.cumsum(begins)
    text = owner[starts]
    first = np.flatnonzero(np.diff(text, prepend=-1))
    group = np.cumsum(np.diff(text, prepend=-1) > 0) - 1
    numbered: Indices = number - number[first][group]
    return numbered
