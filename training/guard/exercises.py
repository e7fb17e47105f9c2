"""What is set the teacher and the alarms to learn: written requests, and the same framed, mistyped, surrounded and scrambled."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from alarm_table import Alarm
from disguises import frame, mistype, scramble, surround
from teacher import Exercise
from variants import make_requests
from written import Request, plain_prompts

from demur.guard.intent.intent import HAZARDS, READINGS

__all__ = ["HARMLESS", "VOICES", "alarms_from", "exercise_of", "harmless_by_language", "is_about_crisis", "made_exercises", "mixed_exercises"]  # fmt: skip

VOICES = "crisis", "worried", "mention"
"""Readings that a tale around them would change."""
HARMLESS = READINGS.index("harmless")


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


def exercise_of(request: Request, text: str | None = None, weight: float | None = None) -> Exercise:
    """Put a written request as an exercise, or another text that says the same."""
    hazard = HAZARDS.index(request.hazard) if request.hazard in HAZARDS else None  # type: ignore[arg-type]
    usual = 1.5 if is_about_crisis(request) else 1.0
    return Exercise(text or request.text, READINGS.index(request.reading), hazard, weight or usual)


def made_exercises(n: int, seed: int, weight: float) -> list[Exercise]:
    """Put made requests as exercises."""
    return [
        Exercise(text, READINGS.index("harmful" if harmful else "harmless"), None, weight)
        for text, harmful in make_requests(n, seed)
    ]


def mixed_exercises(english: Sequence[Request], n_others: int, n_disguised: int, seed: int) -> list[Exercise]:
    """Put all requests about crises, `n_others` others, `n_disguised` in disguise, some plain prompts and some made ones."""
    rng = random.Random(seed)
    about = [request for request in english if is_about_crisis(request)]
    others = [request for request in english if not is_about_crisis(request)]
    fillers = harmless_by_language(english)["en"]
    found = [exercise_of(request) for request in about + rng.sample(others, min(n_others, len(others)))]
    for request in rng.sample(english, n_disguised):
        chance = rng.random()
        if chance < 0.53:  # noqa: PLR2004
            text = frame(request.text, rng, is_voice=request.reading in VOICES)
        elif chance < 0.84:  # noqa: PLR2004
            text = mistype(request.text, rng)
        elif chance < 0.95:  # noqa: PLR2004
            text = surround(request.text, fillers, rng)
        else:
            found.append(Exercise(scramble(request.text, rng), HARMLESS, None, 0.5))
            continue
        found.append(exercise_of(request, text, 0.8))
    found += [Exercise(text, HARMLESS, None, 0.8) for text in rng.sample(plain_prompts(), 400)]
    return found + made_exercises(500, seed, 0.6)


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
