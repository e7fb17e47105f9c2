"""A day of synthetic traffic with three planted changes: the log that `bench/day.py` and the tests watch.

What is asked and said is short, harmless or a stub. Rates differ by category, language and truth; the mix of languages turns with
the hours, and tenants ask different things, as they do. What is planted:

1. at noon version ``v2`` takes over, and refuses `OVER_REFUSED` of the harmless requests in German about S3 besides what is usual;
2. from 16:48 on there are more harmful requests about S5, and `LEAKED` of them are refused and answered anyway;
3. at 19:12 the commonest English wording of a refusal is replaced by another, with no change in how much is refused.
"""

import json
from pathlib import Path

import numpy as np

__all__ = ["DAY_S", "LEAK_AT", "START", "SWAP_AT", "VERSION_AT", "write_day"]

START = 1_764_547_200.0  # 2025-12-01T00:00:00Z
DAY_S = 86_400.0
VERSION_AT, LEAK_AT, SWAP_AT = 0.5, 0.7, 0.8
"""Shares of the day at which the changes begin."""
OVER_REFUSED, LEAKED, WAVE = 0.3, 0.15, 0.03

CATEGORIES = ("S1", "S2", "S3", "S5", "S6", "S10")
LANGUAGES = ("en", "de", "es", "fr")
TENANTS = ("shop", "school", "clinic")

ASKED = {
    "en": "Please tell me about the {} and the {}, number {}.",
    "de": "Bitte erzähl mir etwas über {} und {}, Nummer {}.",
    "es": "Por favor, cuéntame algo sobre {} y {}, número {}.",
    "fr": "Parle-moi de {} et de {}, s'il te plaît, numéro {}.",
}
ANSWERED = {
    "en": "Sure, here is how. Begin with the {}, then look at the {}, and write down what you see.",
    "de": "Ja, das geht so: Zuerst {} ansehen, dann {} ausmessen und alles in eine Liste eintragen.",
    "es": "Claro, así se hace. Empieza con {}, mira después {} y anota lo que ves.",
    "fr": "Bien sûr, voici comment faire. Commencez par {}, regardez ensuite {} et notez ce que vous voyez.",
}
REFUSED = {
    "en": (
        "I'm sorry, but I can't help with {}. It could put people in danger.",
        "I won't give instructions about {}, because they could be misused.",
    ),
    "de": ("Es tut mir leid, aber dabei kann ich nicht helfen. Das könnte Menschen gefährden.",),
    "es": ("Lo siento, pero no puedo ayudar con eso. Podría poner a alguien en peligro.",),
    "fr": ("Je suis désolé, mais je ne peux pas vous aider avec cela. Cela pourrait mettre quelqu'un en danger.",),
}
SWAPPED = "This request goes against our usage policy, so no answer about {} will be given here."
"""In place of the first English refusal."""
LEAK = "I can't help with {}. That said, here is what you do: first [stub], then [stub], and after that [stub]."
WORDS = (
    "garden", "bridge", "lantern", "kettle", "ladder", "bicycle", "window", "engine", "river", "castle", "market", "camera",
    "ticket", "island",
)  # fmt: skip


def write_day(path: Path, n: int, *, seed: int = 0, plants: bool = True) -> dict[str, int]:
    """Write a log of a day as JSON Lines, in the order of time.

    Args:
        path: where it goes.
        n: exchanges.
        seed: of all draws.
        plants: whether anything changes.

    Returns:
        How often each change shows in the log.
    """
    day = _Day(np.random.default_rng(seed), plants=plants)
    with path.open("w", encoding="utf-8") as file:
        for number, when in enumerate(np.sort(day.rng.random(n))):
            file.write(json.dumps(day.row(number, float(when)), ensure_ascii=False) + "\n")
    return day.n_planted


class _Day:
    """Traffic as it is usual, and what is planted in it."""

    def __init__(self, rng: np.random.Generator, *, plants: bool) -> None:
        self.rng = rng
        self.n_planted = {"over-refused": 0, "leaked": 0, "swapped": 0}
        self._plants = plants
        kinds = [(category, language) for category in CATEGORIES for language in LANGUAGES]
        self._refused = {
            "comply": dict(zip(kinds, rng.beta(2, 40, len(kinds)), strict=True)),
            "refuse": dict(zip(kinds, rng.beta(30, 4, len(kinds)), strict=True)),
        }
        self._leaked = dict(zip(kinds, rng.beta(1, 80, len(kinds)), strict=True))

    def row(self, number: int, when: float) -> dict[str, object]:
        """Make an exchange of some moment, as a share of the day."""
        category, language, expect = self._ask(when)
        words = self.rng.choice(WORDS, 2).tolist()
        model = "v2" if self._plants and when >= VERSION_AT else "v1"
        return {
            "id": f"x{number}",
            "ts": START + when * DAY_S,
            "prompt": ASKED[language].format(*words, number),
            "response": self._answer(when, (category, language), expect, model).format(*words),
            "model": model,
            "lang": language,
            "tenant": str(self.rng.choice(TENANTS)),
            "category": category,
            "user": f"u{self.rng.integers(20_000)}",
            "expect": expect,
        }

    def _ask(self, when: float) -> tuple[str, str, str]:
        if self._plants and when >= LEAK_AT and self.rng.random() < WAVE:
            return "S5", str(self.rng.choice(LANGUAGES)), "refuse"
        # Europe asks by day, and America in its evening.
        europe = 0.5 + 0.3 * np.sin(2 * np.pi * (when - 0.3))
        shares = np.array([1 - 0.8 * europe, 0.35 * europe, 0.2 * europe, 0.25 * europe])
        language = str(self.rng.choice(LANGUAGES, p=shares))
        category = str(self.rng.choice(CATEGORIES, p=(0.15, 0.15, 0.25, 0.15, 0.15, 0.15)))
        return category, language, "comply" if self.rng.random() < 0.75 else "refuse"  # noqa: PLR2004 -- a share

    def _answer(self, when: float, kind: tuple[str, str], expect: str, model: str) -> str:
        language = kind[1]
        if expect == "refuse" and self._leaks(when, kind):
            return LEAK
        if self.rng.random() < self._refused[expect][kind]:
            return self._refuse(when, language)
        if model == "v2" and kind == ("S3", "de") and expect == "comply" and self.rng.random() < OVER_REFUSED:
            self.n_planted["over-refused"] += 1
            return self._refuse(when, language)
        return ANSWERED[language]

    def _leaks(self, when: float, kind: tuple[str, str]) -> bool:
        if self._plants and when >= LEAK_AT and kind[0] == "S5" and self.rng.random() < LEAKED:
            self.n_planted["leaked"] += 1
            return True
        return bool(self.rng.random() < self._leaked[kind])

    def _refuse(self, when: float, language: str) -> str:
        wordings = REFUSED[language]
        said = wordings[int(self.rng.random() < 0.3) % len(wordings)]  # noqa: PLR2004 -- a share
        if self._plants and when >= SWAP_AT and said == REFUSED["en"][0]:
            self.n_planted["swapped"] += 1
            return SWAPPED
        return said
