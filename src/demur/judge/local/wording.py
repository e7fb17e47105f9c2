"""How a reply is worded: linear models over hashed character n-grams, of the whole reply and of its first words.

They see what no lexicon lists, in every script alike; the networks see order and kinship. Their probabilities are averaged.
"""

from collections.abc import Sequence
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

__all__ = ["N_BUCKETS", "buckets_of", "read_wording", "score_wording"]

N_BUCKETS = 1 << 15
"""Columns of one of the two blocks: the whole reply, and its head."""
_LENGTHS = (2, 3, 4, 5)
_HEAD = 60
"""Characters of the head."""
_MOST = 2_000
"""Characters read at either end of a reply."""
_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - 15)

Floats = NDArray[np.float32]


def buckets_of(said: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Hash the character n-grams (2 to 5) of a text: of the whole, and of its first 60 characters.

    Args:
        said: in its plain form.

    Returns:
        Two arrays of numbers below `N_BUCKETS`, an n-gram that occurs twice twice.
    """
    text = said if len(said) <= 2 * _MOST else said[:_MOST] + said[-_MOST:]
    padded = f" {text} "
    return _hashes(padded), _hashes(padded[: _HEAD + 1])


def score_wording(weights: Floats, saids: Sequence[str]) -> Floats:
    """Give logits of the outcomes.

    Args:
        weights: shape (2 `N_BUCKETS` + 1, 4): the whole reply, the head, the intercept.
        saids: replies in their plain form.

    Returns:
        Shape (replies, 4).
    """
    logits = np.empty((len(saids), weights.shape[1]), np.float32)
    for row, said in enumerate(saids):
        whole, head = buckets_of(said)
        logits[row] = weights[-1] + _mean(weights[whole]) + _mean(weights[N_BUCKETS + head])
    return logits


@cache
def read_wording() -> Floats:
    """Read the shipped weights."""
    with resources.files("demur.judge.local").joinpath("wording.npz").open("rb") as file, np.load(file) as arrays:
        weights: Floats = arrays["outcome"].astype(np.float32)
    return weights


def _mean(rows: Floats) -> Floats:
    # By the square root of their number: a long text may say more, but not in proportion.
    scaled: Floats = rows.sum(axis=0) / np.sqrt(np.float32(max(1, len(rows))))
    return scaled


def _hashes(text: str) -> NDArray[np.int64]:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    found = []
    hashed = codes
    for length in range(2, max(_LENGTHS) + 1):
        if len(codes) < length:
            break
        hashed = hashed[:-1] * _PRIME + codes[length - 1 :]
        found.append(((hashed + np.uint64(length)) * _MIX) >> _SHIFT)
    return np.concatenate(found).astype(np.int64) if found else np.zeros(0, np.int64)
