"""Which stretches of a text are read: all of a short one; the ends of a long one, and what between them is most telling."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["SIZE", "Stretch", "choose_stretches"]

SIZE = 64
"""Pieces of a stretch: a longer text is read in stretches, so that what surrounds a request does not hide it."""


class Stretch(NamedTuple):
    """Pieces from `start` to `end`, not included."""

    start: int
    end: int


def choose_stretches(weights: NDArray[np.float32]) -> tuple[Stretch, ...]:
    """Choose the stretches of a text to read.

    Args:
        weights: How much each piece of the text by itself speaks for harm or a crisis; shape (pieces,).

    Returns:
        At most three of at most `SIZE` pieces, whatever the length of the text: one of a short text; else its beginning, its end,
        and of those that begin between them the one with the greatest sum.
    """
    n = len(weights)
    if n <= SIZE:
        return (Stretch(0, n),)
    ends = Stretch(0, SIZE), Stretch(n - SIZE, n)
    if n <= SIZE + SIZE // 2:
        return ends
    sums = np.cumsum(weights, dtype=np.float64)
    inner = sums[SIZE + 1 : n - 1] - sums[1 : n - SIZE - 1]
    start = 2 + int(np.argmax(inner))
    return ends[0], Stretch(start, start + SIZE), ends[1]
