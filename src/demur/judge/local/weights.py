"""The shipped weights of the judge's network: ``reader.npz``, with ``reader.json`` beside it as their training record."""

from functools import cache
from importlib import resources
from pathlib import Path
from typing import IO

import numpy as np

from demur.judge.local.reader import Reader
from demur.judge.local.vocabulary import Vocabulary

__all__ = ["ROOM", "read_reader", "write_reader"]

ROOM = Path(__file__).parent
"""Where the weights lie."""

_VOCABULARY = "vocabulary"


@cache
def read_reader() -> Reader:
    """Read the shipped weights, once a process."""
    with resources.files("demur.judge.local").joinpath("reader.npz").open("rb") as file, np.load(file) as arrays:
        weights = {name: arrays[name].astype(np.float32) for name in arrays.files if not name.startswith(_VOCABULARY)}
        return Reader(weights, Vocabulary(arrays[f"{_VOCABULARY}.slots"], arrays[f"{_VOCABULARY}.halves"]))


def write_reader(reader: Reader, file: IO[bytes]) -> None:
    """Write weights as `read_reader` reads them: in 16 bits."""
    vocabulary = {
        f"{_VOCABULARY}.slots": reader.vocabulary.slots,
        f"{_VOCABULARY}.halves": reader.vocabulary.halves,
    }
    weights = {name: values.astype(np.float16) for name, values in reader.weights.items()}
    np.savez_compressed(file, allow_pickle=False, **vocabulary, **weights)
