"""The teacher as it ships: one graph of ONNX with weights of a byte and the vocabulary in its properties."""

import copy
import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx
import torch
from encoder import read_pieces
from onnxruntime.quantization import QuantType, quantize_dynamic
from teacher import Teacher
from torch import Tensor, nn

from demur.guard.intent.encoder import MOST

__all__ = ["ship"]

_OPSET = 17


class _OneText(nn.Module):
    """Reads one text, of which nothing is padding."""

    def __init__(self, teacher: Teacher, temperature: float) -> None:
        super().__init__()
        self.teacher = copy.deepcopy(teacher)
        for part in (self.teacher.reading.weight, self.teacher.reading.bias):
            part.data /= temperature
        place = self.teacher.encoder.place
        place.data = place.data[:MOST].clone()

    def forward(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        return self.teacher.tell(rows, torch.ones_like(rows, dtype=torch.float32))


def ship(teacher: Teacher, path: Path, *, temperature: float) -> None:
    """Write the teacher as `demur.guard.intent.encoder` reads it, the logits of its readings divided by a temperature."""
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exact, small = Path(folder) / "exact.onnx", Path(folder) / "small.onnx"
        example: Sequence[Tensor] = (torch.arange(1_000, 1_020)[None],)
        names = {"input_names": ["rows"], "output_names": ["readings", "hazards"], "dynamic_axes": {"rows": {1: "n"}}}
        torch.onnx.export(
            _OneText(teacher, temperature).eval(), tuple(example), exact, opset_version=_OPSET, dynamo=False, **names
        )
        quantize_dynamic(exact, small, weight_type=QuantType.QInt8, per_channel=True)
        model = onnx.load(small)
        onnx.helper.set_model_props(model, {"pieces": "\n".join(read_pieces())})
        path.write_bytes(model.SerializeToString(deterministic=True))
