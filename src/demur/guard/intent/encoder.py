"""The encoder: six layers of attention that read closely what the network, which is quick, finds doubtful."""

from functools import cache
from importlib import resources
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.errors import MissingExtraError
from demur.guard.intent.network import shares
from demur.guard.intent.word_pieces import BEGIN, END, WordPieces

__all__ = ["MOST", "Encoder", "Told", "read_encoder"]

MOST = 128
"""Pieces that are read at once, the beginning and the end among them."""
_READABLE = 0.5
"""Share of broken words from which on a text is as good as foreign."""

Floats = NDArray[np.float32]


class Told(NamedTuple):
    """What the encoder says of a text."""

    readings: Floats
    """Probabilities, as far as the text can be read; shape (5,)."""
    hazards: Floats
    """Logits; shape (18,)."""
    foreign: float
    """Probability that the language is none that it knows; 1 where words are broken, or where not all of the text was read."""


class Encoder:
    """The weights in ONNX Runtime, in bytes, and the vocabulary that they carry; see `training/guard` for how they came to be.

    Args:
        path: Of the model, as `training/guard/shipping.py` writes it.

    Raises:
        MissingExtraError: ONNX Runtime is not installed.
    """

    def __init__(self, path: str) -> None:
        try:
            import onnxruntime
        except ImportError:
            raise MissingExtraError("the classifier of intent needs onnxruntime: pip install 'demur[guard]'") from None
        options = onnxruntime.SessionOptions()
        # One text at a time is read in the thread that asks; waking others, and keeping what they had, costs more than it saves.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._session: Any = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._pieces = WordPieces(self._session.get_modelmeta().custom_metadata_map["pieces"].split("\n"))

    def read(self, text: str) -> Told:
        """Read a folded text; of one that is longer than `MOST` pieces its two ends, of which the more alarming one counts."""
        rows, most = self._pieces.rows(text), MOST - 2
        ends = [rows] if len(rows) <= most else [rows[:most], rows[-most:]]
        told = max(map(self._read, ends), key=lambda one: float(one.readings[:2].sum()))
        is_broken = len(rows) > 2 * most or self._pieces.broken_share(rows) > _READABLE
        return told._replace(foreign=1.0) if is_broken else told

    def _read(self, rows: list[int]) -> Told:
        readings, hazards = self._session.run(None, {"rows": np.array([[BEGIN, *rows, END]], np.int64)})
        *known, foreign = shares(readings[0])
        probabilities = np.array(known, np.float32)
        return Told(probabilities / probabilities.sum(), hazards[0], float(foreign))


_LOCK = Lock()


def read_encoder() -> Encoder:
    """Load the encoder that is shipped, once, whoever asks.

    Raises:
        MissingExtraError: ONNX Runtime is not installed.
    """
    with _LOCK:
        return _read()


@cache
def _read() -> Encoder:
    with resources.as_file(resources.files("demur").joinpath("guard", "intent", "encoder.onnx")) as path:
        return Encoder(str(path))
