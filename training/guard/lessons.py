"""What is set the network to learn: the labels of the written requests, prose, and what the encoder says of many more texts."""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
from disguises import frame, mistype, scramble, surround
from exercises import HARMLESS, VOICES, harmless_by_language, is_about_crisis, prose
from numpy.typing import NDArray
from student import Lesson
from variants import change_texts, make_requests, sweep_words
from written import Request, judge_prompts, plain_prompts, tongues_answers

from demur.guard.intent.encoder import read_encoder
from demur.guard.intent.intent import ABOUTS, HAZARDS, READINGS
from demur.guard.intent.network import shares

__all__ = ["Answers", "ask_about", "lessons_of", "texts_to_ask"]

_N_CHANGED, _N_SWEPT, _N_MADE, _N_PROSE, _LONGEST_PROMPT = 100_000, 40_000, 6_000, 5, 300
_N_FRAMED, _N_MISTYPED, _N_SURROUNDED, _N_SCRAMBLED = 9_000, 6_000, 6_000, 9_000
_FRAMED, _MISTYPED = 0.06, 0.10
"""Share of changed texts that are framed; up to where they are mistyped."""
_SMOOTHING, _MADE_SMOOTHING, _TAUGHT = 0.02, 0.06, 0.5
"""Of labels; and how much the encoder weighs against a label."""
_CRISIS_WEIGHT, _TONGUE_WEIGHT, _DISGUISED_WEIGHT, _SCRAMBLED_WEIGHT, _ASKED_WEIGHT, _PROSE_WEIGHT = (
    3.0,
    1.5,
    0.6,
    0.5,
    0.7,
    0.7,
)
_OWN_LANGUAGE = 0.6
"""Share of the surrounded whose surroundings are in the same language."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Answers:
    """What the encoder says of some texts: probabilities."""

    rows: dict[str, int]
    readings: Floats
    hazards: Floats


def texts_to_ask(english: Sequence[Request], *, pieces: Sequence[str], vectors: Floats, seed: int) -> list[str]:
    """Gather what the encoder is asked about: written requests, prose, the judge's prompts, made and swept ones, and changed ones."""
    rng = random.Random(seed)
    prompts = [text for text in judge_prompts("en") if len(text) < _LONGEST_PROMPT]
    written = [request.text for request in english]
    about = [request.text for request in english if is_about_crisis(request)]
    pairs = [request.text for request in english if request.file.startswith("english_7")]
    changed = change_texts(
        written + 2 * about + prompts + pairs, _N_CHANGED, pieces=pieces, vectors=vectors, seed=seed + 1
    )
    made = [text for text, _ in make_requests(_N_MADE, seed)]
    swept = sweep_words(_N_SWEPT, pieces=pieces, seed=seed + 2)
    told = [text for _ in range(_N_PROSE) for text in prose(rng)]
    return list(dict.fromkeys([*written, *told, *prompts, *made, *swept, *(_disguise(text, rng) for text in changed)]))


def _disguise(text: str, rng: random.Random) -> str:
    chance = rng.random()
    if chance < _FRAMED:
        return frame(text, rng, is_voice=True)
    return mistype(text, rng) if chance < _MISTYPED else text


def ask_about(texts: Sequence[str]) -> Answers:
    """Ask the encoder that ships; in as many processes as there are processors, for it reads one text at a time."""
    with ProcessPoolExecutor() as pool:
        told = list(pool.map(_ask, texts, chunksize=512))
    readings, hazards = (np.stack(part) for part in zip(*told, strict=True))
    return Answers({text: row for row, text in enumerate(texts)}, readings, hazards)


def _ask(text: str) -> tuple[Floats, Floats]:
    told = read_encoder().read(text)
    return told.readings, shares(told.hazards)


def lessons_of(kept: Sequence[Request], back: Sequence[Request], answers: Answers, *, seed: int) -> list[Lesson]:
    """Make all lessons; none of a text that is kept back."""
    known = {request.text for request in (*kept, *back)}
    written = [_lesson(request, request.text, _weight(request), answers) for request in kept]
    nothing, harmless = np.zeros(len(HAZARDS), np.float32), one_hot(HARMLESS, len(READINGS), _SMOOTHING)
    told = [
        Lesson(text, harmless, nothing, _PROSE_WEIGHT) for text in (*prose(random.Random(seed)), *tongues_answers())
    ]
    return [*written, *told, *_disguised(kept, answers, seed), *_asked(answers, known, seed)]


def _weight(request: Request) -> float:
    if is_about_crisis(request) or request.reading in VOICES:
        return _CRISIS_WEIGHT
    return 1.0 if request.language == "en" else _TONGUE_WEIGHT


def _lesson(request: Request, text: str, weight: float, answers: Answers) -> Lesson:
    readings = one_hot(READINGS.index(request.reading), len(READINGS), _SMOOTHING)
    if request.text in answers.rows:
        readings = (1 - _TAUGHT) * readings + _TAUGHT * answers.readings[answers.rows[request.text]]
    hazards = np.zeros(len(HAZARDS), np.float32)
    if request.hazard in HAZARDS:
        hazards = one_hot(HAZARDS.index(request.hazard), len(HAZARDS), _SMOOTHING)  # type: ignore[arg-type]
    about = ABOUTS.index(request.about) if request.about in ABOUTS else -1  # type: ignore[arg-type]
    return Lesson(text, readings.astype(np.float32), hazards, weight, about)


def _disguised(kept: Sequence[Request], answers: Answers, seed: int) -> Iterator[Lesson]:
    rng, by_language = random.Random(seed), harmless_by_language(kept)
    everything = [text for texts in by_language.values() for text in texts]

    def put(request: Request, text: str) -> Lesson:
        return _lesson(request, text, _DISGUISED_WEIGHT * (1 + is_about_crisis(request)), answers)

    for request in rng.sample(kept, _N_FRAMED):
        yield put(request, frame(request.text, rng, is_voice=request.reading in VOICES))
    for request in rng.sample(kept, _N_MISTYPED):
        yield put(request, mistype(request.text, rng))
    for request in rng.sample(kept, _N_SURROUNDED):
        fillers = by_language[request.language] if rng.random() < _OWN_LANGUAGE else everything
        yield put(request, surround(request.text, fillers, rng))
    nothing, harmless = np.zeros(len(HAZARDS), np.float32), one_hot(HARMLESS, len(READINGS), _SMOOTHING)
    for request in rng.sample(kept, _N_SCRAMBLED):
        yield Lesson(scramble(request.text, rng), harmless, nothing, _SCRAMBLED_WEIGHT)


def _asked(answers: Answers, known: set[str], seed: int) -> Iterator[Lesson]:
    """Teach what the encoder says; a hazard only where it finds the text anything but harmless."""
    plain, made = set(plain_prompts()), dict(make_requests(_N_MADE, seed))
    for text, row in answers.rows.items():
        if text not in known:
            readings = answers.readings[row]
            hazards = answers.hazards[row] * (readings[HARMLESS] < 0.5)  # noqa: PLR2004
            if text in plain:
                readings = _mixed(readings, HARMLESS, _SMOOTHING)
            if text in made:
                label = READINGS.index("harmful") if made[text] else HARMLESS
                readings = _mixed(readings, label, _MADE_SMOOTHING)
            yield Lesson(text, readings.astype(np.float32), hazards, _ASKED_WEIGHT)


def _mixed(readings: Floats, label: int, smoothing: float) -> Floats:
    mixed: Floats = _TAUGHT * readings + (1 - _TAUGHT) * one_hot(label, len(READINGS), smoothing)
    return mixed


def one_hot(index: int, n: int, smoothing: float) -> Floats:
    """Give a probability near 1 to one of `n`."""
    shares = np.full(n, smoothing / n, np.float32)
    shares[index] += 1 - smoothing
    return shares
