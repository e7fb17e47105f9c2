"""Sums and maxima over groups of consecutive rows: tokens of a sentence, sentences of a text.

`numpy.ufunc.reduceat` takes some 50 nanoseconds for each group and column, ten times as long as what follows: each group is laid out
in whole blocks of a few rows, blocks are halved until one row is left, and the blocks of a group are taken together.
"""

from functools import cached_property

import numpy as np

from demur.judge.local.arrays import Floats, Indices

__all__ = ["Groups"]

_NOTHING = np.float32(-1e30)
"""Less than any number a network gives."""


class Groups:
    """Rows in groups, one group after another."""

    def __init__(self, counts: Indices, block: int) -> None:
        """Lay out groups.

        Args:
            counts: rows of each group, at least one.
            block: rows of a block, a power of two.
        """
        self.counts, self.block = counts, block
        self.last = np.cumsum(counts) - 1
        self.first = self.last + 1 - counts
        self._n_blocks = -(-counts // block)
        self._first_block = np.cumsum(self._n_blocks) - self._n_blocks
        self.size = int(self._n_blocks.sum()) * block
        """Rows when laid out."""
        self.slots = np.arange(int(counts.sum())) + np.repeat(self._first_block * block - self.first, counts)
        """Where each row is laid out."""

    @cached_property
    def steps(self) -> list[Indices]:
        """For each place in a group, which groups have a row there."""
        return [np.flatnonzero(self.counts > step) for step in range(int(self.counts.max()))]

    def strongest(self, rows: Floats) -> Floats:
        """Give the greatest number of each column in each group."""
        return self.join(np.maximum, self.fold(np.maximum, self._lay_out(rows, _NOTHING)))

    def total(self, rows: Floats) -> Floats:
        """Give the sum of each column in each group."""
        return self.join(np.add, self.fold(np.add, self._lay_out(rows, np.float32(0))))

    def log_sum(self, logits: Floats) -> Floats:
        """Give the logarithm of the sum of the exponentials of each column in each group."""
        top = self.strongest(logits)
        found: Floats = top + np.log(self.total(np.exp(logits - np.repeat(top, self.counts, axis=0))))
        return found

    def _lay_out(self, rows: Floats, between: np.float32) -> Floats:
        laid_out = np.full((self.size, rows.shape[1]), between, np.float32)
        laid_out[self.slots] = rows
        return laid_out

    def fold(self, both: np.ufunc, laid_out: Floats) -> Floats:
        """Take together the rows of each block, of all or some whole blocks; they are overwritten."""
        rows = laid_out.reshape(-1, self.block, laid_out.shape[1])
        half = self.block
        while half > 1:
            half //= 2
            rows = both(rows[:, :half], rows[:, half : 2 * half], out=rows[:, :half])
        return rows[:, 0]

    def join(self, both: np.ufunc, blocks: Floats) -> Floats:
        """Take together the blocks of each group."""
        found: Floats = blocks[self._first_block]
        for place in range(1, int(self._n_blocks.max())):
            there = np.flatnonzero(self._n_blocks > place)
            found[there] = both(found[there], blocks[self._first_block[there] + place])
        return found
