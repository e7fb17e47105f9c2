"""What runs of letters and of pieces say of a crisis, whatever the language: a linear model, one table of hashed runs."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["N_HASHES", "alarms_of", "hashes_of"]

N_HASHES = 1 << 17
_HALF = N_HASHES >> 1
"""The first half is of runs of letters, the second of runs of pieces."""
_MOST_LETTERS = 400
_SPREAD, _APART = 0x9E3779B1, 0x85EBCA77
"""Odd numbers whose multiples spread well (Knuth, The Art of Computer Programming 3, 6.4)."""

_Hashes = NDArray[np.intp]


def hashes_of(rows: _Hashes, text: str) -> tuple[_Hashes, _Hashes]:
    """Give the hashes, below `N_HASHES`, of what a text has: its runs of three to five characters, and its runs of pieces.

    Args:
        rows: Of its pieces, at least one.
        text: Folded; no more than its first 400 characters are read.
    """
    letters = np.frombuffer(f"  {text[:_MOST_LETTERS]}  ".encode("utf-32-le", "surrogatepass"), np.uint32)
    first = letters.astype(np.int64) * _SPREAD & 0xFFFFFFFF
    two = (first[:-1] * 31 + first[1:]) & 0xFFFFFFFF
    three = (two[:-1] * 37 + first[2:]) & 0xFFFFFFFF
    four = (three[:-1] * 41 + first[3:]) & 0xFFFFFFFF
    five = (four[:-1] * 43 + first[4:]) & 0xFFFFFFFF
    alone = rows.astype(np.int64) * _SPREAD & 0xFFFFFFFF
    pairs = (alone[:-1] * 5 + alone[1:]) & 0xFFFFFFFF
    threes = (pairs[:-1] * 7 + alone[2:]) & 0xFFFFFFFF
    around = (alone[:-2] * 11 + alone[2:] + _APART) & 0xFFFFFFFF
    runs, more = np.concatenate([three, four, five]), np.concatenate([alone, pairs, threes, around])
    return _index(runs), _index(more) + _HALF


def _index(hashes: NDArray[np.int64]) -> _Hashes:
    mixed = (hashes ^ (hashes >> 15)) * _APART & 0xFFFFFFFF
    index: _Hashes = (mixed >> 11) & (_HALF - 1)
    return index


def alarms_of(rows: _Hashes, text: str, table: NDArray[np.float32]) -> NDArray[np.float32]:
    """Add up what the runs of either kind say, over the root of their number; the columns are the table's."""
    added = np.zeros(table.shape[1], np.float32)
    for hashes in hashes_of(rows, text):
        added += table.take(hashes, 0).sum(0) / np.float32(len(hashes) ** 0.5)
    return added
