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


def hashes_of(rows: NDArray[np.intp], text: str) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Give the hashes, below `N_HASHES`, of what a text has: its runs of three to five characters, and its runs of pieces.

    Args:
        rows: Of its pieces, at least one.
        text: Folded; no more than its first 400 characters are read.
    """
    letters = np.frombuffer(f"  {text[:_MOST_LETTERS]}  ".encode("utf-32-le", "surrogatepass"), "<u4")
    first = letters * np.uint32(_SPREAD)
    two = first[:-1] * np.uint32(31) + first[1:]
    three = two[:-1] * np.uint32(37) + first[2:]
    four = three[:-1] * np.uint32(41) + first[3:]
    five = four[:-1] * np.uint32(43) + first[4:]
    alone = rows.astype(np.uint32) * np.uint32(_SPREAD)
    pairs = alone[:-1] * np.uint32(5) + alone[1:]
    threes = pairs[:-1] * np.uint32(7) + alone[2:]
    around = alone[:-2] * np.uint32(11) + alone[2:] + np.uint32(_APART)
    return _index(np.concatenate([three, four, five])), _index(
        np.concatenate([alone, pairs, threes, around])
    ) + np.uint32(_HALF)


def _index(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    mixed = (hashes ^ (hashes >> np.uint32(15))) * np.uint32(_APART)
    return (mixed >> np.uint32(11)) & np.uint32(_HALF - 1)


def alarms_of(rows: NDArray[np.intp], text: str, table: NDArray[np.float32]) -> NDArray[np.float32]:
    """Add up what the runs of either kind say, over the root of their number; the columns are the table's."""
    letters, pieces = hashes_of(rows, text)
    added: NDArray[np.float32] = np.add.reduce(table[letters]) * np.float32(len(letters) ** -0.5)
    added += np.add.reduce(table[pieces]) * np.float32(len(pieces) ** -0.5)
    return added
