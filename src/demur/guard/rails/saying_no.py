"""Whether a reply may be saying no: a glance, a fiftieth of what the judge takes, after which the judge reads what is left.

A logistic regression on the words at both ends of a reply: each alone, with the one before, and by its ending; hashed, so that it is
one table. Trained by ``training/guard/saying_no.py`` on the replies written for the judge.
"""

import math
import re
import zlib
from array import array
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np

from demur.guard.views import fold

__all__ = ["N_FEATURES", "features_of", "likelihood_of_no", "may_say_no"]

N_FEATURES = 1 << 16
_MASK = N_FEATURES - 1
_HEAD_CHARS, _TAIL_CHARS, _HEAD, _TAIL = 1_100, 500, 48, 16
"""Characters that are folded, and words that are read, at either end."""
_TOKEN = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\W_]+(?:'[^\W_]+)?|[?!]")
_ASCII_TOKEN = re.compile(rb"[a-z0-9]+(?:'[a-z0-9]+)?|[?!]")
"""The same on most texts, without a word encoded by itself."""
_ENDING, _LONG = 3, 4
"""Bytes of an ending, and of a word that has one."""
_ENDING_SEED = 7
_POSSIBLE = 0.3
"""Likelihood from which a no is possible: of 3,120 replies that were not trained with, so many as say no had less: 4 %."""


def may_say_no(reply: str) -> bool:
    """Tell whether a reply may be a refusal, whole or partial; half of what has the words of one is none."""
    return likelihood_of_no(reply) >= _POSSIBLE


def likelihood_of_no(reply: str) -> float:
    """Give a rough probability in [0, 1] that a reply refuses, wholly or partly."""
    table = _read_table()
    found = features_of(reply)
    if not found:
        return 0.0
    weights = table.weights
    total = table.bias + sum([weights[index] for index in found]) / math.sqrt(len(found))
    return 1 / (1 + math.exp(-total))


def features_of(reply: str) -> set[int]:
    """Give what a reply is known by: indices below `N_FEATURES`."""
    if len(reply) > _HEAD_CHARS + _TAIL_CHARS:
        reply = f"{reply[:_HEAD_CHARS]} {reply[-_TAIL_CHARS:]}"
    folded = fold(reply)
    if folded.isascii():
        words = _ASCII_TOKEN.findall(folded.encode())
    else:
        words = [word.encode("utf-8", "surrogatepass") for word in _TOKEN.findall(folded)]
    if len(words) > _HEAD + _TAIL:
        words = [*words[:_HEAD], *words[-_TAIL:]]
    crc, found, before = zlib.crc32, set[int](), 0
    for word in words:
        alone = crc(word)
        found.add(alone & _MASK)
        found.add(crc(word, before) & _MASK)
        if len(word) > _LONG:
            found.add(crc(word[-_ENDING:], _ENDING_SEED) & _MASK)
        before = alone
    return found


class _Table(NamedTuple):
    weights: "array[float]"
    """`N_FEATURES` of them; an array of Python's own is read one by one in a third of numpy's time."""
    bias: float


@cache
def _read_table() -> _Table:
    with resources.files("demur.guard.rails").joinpath("saying_no.npz").open("rb") as file, np.load(file) as arrays:
        return _Table(array("f", arrays["weights"].astype(np.float32).tobytes()), float(arrays["bias"]))
