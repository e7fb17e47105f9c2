"""What is set the teacher and the alarms to learn: written requests, and the same framed, mistyped, surrounded and scrambled; prose."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from alarm_table import Alarm
from disguises import frame, mistype, scramble, surround
from teacher import FOREIGN, Exercise
from variants import make_requests
from written import Request, plain_answers, plain_prompts, tongues_answers

from demur.guard.intent.intent import HAZARDS, READINGS

__all__ = ["HARMLESS", "VOICES", "alarms_from", "exercises_from", "harmless_by_language", "is_about_crisis", "prose"]

VOICES = "crisis", "worried", "mention"
"""Readings that a tale around them would change."""
HARMLESS = READINGS.index("harmless")
_N_DISGUISED, _N_MISTYPED, _N_PROSE, _N_MADE, _N_TONGUES = 5_000, 5_000, 4_000, 1_000, 1_500
_FRAMED, _MISTYPED, _SURROUNDED = 0.4, 0.65, 0.93
"""Shares of the disguised, added up; the rest cannot be read."""
_LENGTHS = 100, 200, 400, 700
"""Characters of a stretch of prose."""


def is_about_crisis(request: Request) -> bool:
    """Tell whether a request was written for the files of crises."""
    return request.file.startswith("crisis")


def harmless_by_language(requests: Sequence[Request]) -> Mapping[str, list[str]]:
    """Gather harmless requests, to surround others with."""
    found: dict[str, list[str]] = defaultdict(list)
    for request in requests:
        if request.reading == "harmless":
            found[request.language].append(request.text)
    return found


def _exercise_of(request: Request, text: str | None = None, weight: float | None = None) -> Exercise:
    """Put a written request as an exercise, or another text that says the same."""
    hazard = HAZARDS.index(request.hazard) if request.hazard in HAZARDS else None  # type: ignore[arg-type]
    usual = 1.5 if is_about_crisis(request) else 1.0
    return Exercise(text or request.text, READINGS.index(request.reading), hazard, weight or usual)


def exercises_from(requests: Sequence[Request], seed: int) -> list[Exercise]:
    """Put English requests as exercises, some of them in disguise, prose that is no request, plain prompts, made ones, and other languages."""
    rng = random.Random(seed)
    english = [request for request in requests if request.language == "en"]
    told = list(prose(rng))
    fillers = [*harmless_by_language(english)["en"], *rng.sample(told, len(told) // 2)]
    found = [_exercise_of(request) for request in english]
    tongues = [request.text for request in requests if request.language != "en"] + tongues_answers()
    found += [Exercise(text, FOREIGN, None, 0.3) for text in rng.sample(tongues, _N_TONGUES)]
    found += [_disguised(request, fillers, rng) for request in rng.sample(english, _N_DISGUISED)]
    # Without so many of them, a harmless word of grim letters that is mistyped is taken for the grim one.
    found += [_exercise_of(one, mistype(one.text, rng), 0.8) for one in rng.sample(english, _N_MISTYPED)]
    found += [Exercise(text, HARMLESS, None, 0.8) for text in (*rng.sample(told, _N_PROSE), *plain_prompts())]
    return found + [
        Exercise(text, READINGS.index("harmful" if harmful else "harmless"), None, 0.6)
        for text, harmful in make_requests(_N_MADE, seed)
    ]


def _disguised(request: Request, fillers: Sequence[str], rng: random.Random) -> Exercise:
    chance = rng.random()
    if chance < _FRAMED:
        text = frame(request.text, rng, is_voice=request.reading in VOICES)
    elif chance < _MISTYPED:
        text = mistype(request.text, rng)
    elif chance < _SURROUNDED:
        text = surround(request.text, fillers, rng)
    else:
        return Exercise(scramble(request.text, rng), HARMLESS, None, 0.5)
    return _exercise_of(request, text, 0.8)


def prose(rng: random.Random) -> Iterator[str]:
    """Give questions with their answers and with others', and stretches of answers, all of which are harmless."""
    pairs = plain_answers()
    for question, answer in pairs:
        yield f"{question} {answer}"[: rng.choice(_LENGTHS)]
        yield f"{question} {rng.choice(pairs)[1]}"[: rng.choice(_LENGTHS)]
        yield _stretch(answer, rng)
        yield _stretch(f"{answer} {rng.choice(pairs)[1]}", rng)


def _stretch(text: str, rng: random.Random) -> str:
    start = rng.randrange(max(1, len(text) - min(_LENGTHS)))
    return text[start : start + rng.choice(_LENGTHS)]


def alarms_from(requests: Sequence[Request], seed: int) -> Iterator[Alarm]:
    """Put requests in all languages for the table of alarms: those about crises also disguised; what cannot be read; plain prompts."""
    rng, harmless = random.Random(seed), harmless_by_language(requests)
    about = [request for request in requests if is_about_crisis(request)]
    for request in requests:
        usual = 0.25 if request.language == "en" else 0.6
        yield _alarm(request, request.text, 1.0 if is_about_crisis(request) else usual)
    for request in about:
        yield _alarm(request, mistype(request.text, rng), 0.4)
        yield _alarm(request, surround(request.text, harmless[request.language], rng), 0.4)
    for request in rng.sample(requests, 3_000):
        yield Alarm(scramble(request.text, rng), is_crisis=False, about=None, weight=0.4)
    for text in plain_prompts():
        yield Alarm(text, is_crisis=False, about=None, weight=0.3)


def _alarm(request: Request, text: str, weight: float) -> Alarm:
    return Alarm(text, is_crisis=request.reading == "crisis", about=request.about, weight=weight)
