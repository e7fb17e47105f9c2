"""Which texts of a batch are no text or no sense, before anything is read."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from demur.judge.local.alphabet import ALONE, LETTER, MARK
from demur.judge.local.tokens import SHOWN, Tokens

__all__ = ["Shape", "shapes_of"]

Shape = Literal["empty", "garbled"]

_RUN = 4
"""Words of the runs by which a loop is known."""
_FEWEST_WORDS, _FEWEST_CHARACTERS, _FEWEST_MARKS = 24, 120, 16
_REPEATED, _REPEATED_PAIRS, _SYMBOLS = 0.7, 0.9, 0.65
_RUN_BITS = 12
_DRAWN_WITH = np.array([ord(mark) for mark in "|=*-_#"], np.uint16)
"""Marks that tables, rules and headings are drawn with."""
_MIX = np.uint64(0x9E3779B97F4A7C15)


def shapes_of(tokens: Tokens, texts: Sequence[str]) -> list[Shape | None]:
    """Say of each text whether it is empty or garbled.

    Empty has no letter, no digit, and shows nothing. Garbled is a loop or symbol soup. A loop is a text of at least 24 words
    in which more than 70 % of the runs of four have been seen before, or of fewer words and at least 120 characters in which
    90 % of the pairs of neighbouring characters have. Symbol soup has 16 marks or more that are more than 65 % of its
    characters. What stands in code or quotations is not counted.

    Args:
        tokens: of the texts.
        texts: the same.
    """
    n = tokens.n_texts
    is_said = (tokens.look & SHOWN) == 0
    is_word = ((tokens.kind == LETTER) | (tokens.kind == ALONE)) & is_said
    size = (tokens.end - tokens.start) * is_said
    shows = np.bincount(tokens.text, weights=~is_said, minlength=n) > 0
    n_words = np.bincount(tokens.text[is_word], minlength=n)
    in_words = np.bincount(tokens.text, weights=size * is_word, minlength=n)
    is_symbol = (tokens.kind == MARK) & ~np.isin(tokens.units[tokens.start], _DRAWN_WITH)
    in_marks = np.bincount(tokens.text, weights=size * is_symbol, minlength=n)
    is_soup = (in_marks >= _FEWEST_MARKS) & (in_marks > _SYMBOLS * (in_marks + in_words))
    is_loop = (n_words >= _FEWEST_WORDS) & ~shows & (_repeated(tokens, is_word, n_words) > _REPEATED)
    is_long = (n_words < _FEWEST_WORDS) & (in_words >= _FEWEST_CHARACTERS) & ~shows
    for index in np.flatnonzero(is_long):
        pairs = [*pairwise("".join(texts[int(index)].split()))]
        is_loop[index] = 1 - len(set(pairs)) / len(pairs) > _REPEATED_PAIRS
    is_empty = (n_words == 0) & ~shows
    return [
        "garbled" if garbled else "empty" if empty else None
        for garbled, empty in zip(is_soup | is_loop, is_empty, strict=True)
    ]


def _repeated(tokens: Tokens, is_word: NDArray[np.bool_], n_words: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the share of runs of words that were seen before; runs of one text are told apart by some bits of a hash."""
    at = np.flatnonzero(is_word)
    if len(at) < _RUN:
        return np.zeros(tokens.n_texts)
    words, text = tokens.word[at], tokens.text[at]
    runs = words[: 1 - _RUN].copy()
    for step in range(1, _RUN):
        runs = (runs ^ (runs >> np.uint64(31))) * _MIX + words[step : len(words) - _RUN + 1 + step]
    whole = text[_RUN - 1 :] == text[: 1 - _RUN]
    seen = np.zeros((tokens.n_texts, 1 << _RUN_BITS), bool)
    seen[text[: 1 - _RUN][whole], ((runs * _MIX) >> np.uint64(64 - _RUN_BITS)).view(np.int64)[whole]] = True
    distinct = np.count_nonzero(seen, axis=1)
    found: NDArray[np.float64] = 1 - distinct / np.maximum(1, n_words - _RUN + 1)
    return found
