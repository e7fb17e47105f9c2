"""The encoder: six layers of attention that read closely what the network, which is quick, finds doubtful."""

from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from demur.errors import MissingExtraError
from demur.guard.intent.word_pieces import BEGIN, END, WordPieces

__all__ = ["MOST", "Encoder", "read_encoder"]

MOST = 128
"""Pieces that are read, the beginning and the end among them; the middle of a longer text is left out."""


class Encoder:
    """The weights in ONNX Runtime, in bytes, and the vocabulary that they carry; see `training/guard` for how they came to be.

    Args:
        model: As `training/guard/shipping.py` writes it.

    Raises:
        MissingExtraError: ONNX Runtime is not installed.
    """

    def __init__(self, model: bytes) -> None:
        try:
            import onnxruntime
        except ImportError:
            raise MissingExtraError("the classifier of intent needs onnxruntime: pip install 'demur[guard]'") from None
        options = onnxruntime.SessionOptions()
        # One text at a time is read in the thread that asks; waking others, and keeping what they had, costs more than it saves.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._session: Any = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._pieces = WordPieces(self._session.get_modelmeta().custom_metadata_map["pieces"].split("\n"))

    def read(self, text: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Read a folded text.

        Returns:
            The logits of the readings and, the last, of a language that it does not know (6,); of the hazards (18,).
        """
        rows, half = self._pieces.rows(text), MOST // 2 - 1
        if len(rows) > 2 * half:
            rows = rows[:half] + rows[-half:]
        readings, hazards = self._session.run(None, {"rows": np.array([[BEGIN, *rows, END]], np.int64)})
        return readings[0], hazards[0]


@cache
def read_encoder() -> Encoder:
    """Load the encoder that is shipped, once."""
    return Encoder(resources.files("demur").joinpath("guard", "intent", "encoder.onnx").read_bytes())
