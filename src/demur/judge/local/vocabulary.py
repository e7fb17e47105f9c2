"""Which words the judge's network has a row of its own for."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from demur.judge.local.arrays import Hashes, Indices

__all__ = ["N_ENDINGS", "N_STEMS", "Vocabulary", "half_of", "part_rows", "slot_of"]

N_STEMS, N_ENDINGS = 1 << 14, 1 << 13
"""Indices of the tables of beginnings and ends of words; row 0 of each is for a token without one."""

_SLOT_BITS = 18
_SLOT_SHIFT = np.uint64(64 - _SLOT_BITS)
_HALF_SHIFT = np.uint64(14)


def slot_of(words: Hashes) -> Indices:
    """Say in which slot of the look-up table the words are."""
    return (words >> _SLOT_SHIFT).view(np.int64)


def half_of(words: Hashes) -> NDArray[np.uint32]:
    """Give the part of the hashes by which words of one slot are told apart."""
    return (words >> _HALF_SHIFT).astype(np.uint32)


@dataclass(frozen=True)
class Vocabulary:
    """The words that have a row of their own: one for each slot at most; the commoner, the lower its row, from 1."""

    slots: NDArray[np.uint32]
    """Slot of each word, in the order of their rows."""
    halves: NDArray[np.uint32]

    def __len__(self) -> int:
        """Give the number of rows, the one of unknown words (0) among them."""
        return len(self.slots) + 1

    def find(self, words: Hashes) -> Indices:
        """Give the row of each word; 0 of one without."""
        rows: Indices = self._rows[slot_of(words)].astype(np.int64)
        rows *= self._known[rows] == half_of(words)
        return rows

    @cached_property
    def _rows(self) -> NDArray[np.uint16]:
        rows = np.zeros(1 << _SLOT_BITS, np.uint16)
        rows[self.slots] = np.arange(1, len(self))
        return rows

    @cached_property
    def _known(self) -> NDArray[np.uint32]:
        return np.concatenate([np.zeros(1, np.uint32), self.halves])


def part_rows(stems: Hashes, endings: Hashes) -> tuple[Indices, Indices]:
    """Give the rows of beginnings and ends of words by their hashes; 0 of a token without one."""
    stem, ending = (
        (1 + (hashes >> np.uint64(50)).astype(np.int64) % (size - 1)) * (hashes > 0)
        for hashes, size in ((stems, N_STEMS), (endings, N_ENDINGS))
    )
    return stem, ending
