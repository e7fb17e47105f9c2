"""Requests of many kinds for a soak: short and long, of many callers, some of them blocked, some of them hiding what they say."""

import base64
import random
from collections.abc import Iterator, Sequence

from gateway_parts.load import make_request
from gateway_parts.policy import some_phrases
from gateway_parts.texts import make_prompt

__all__ = ["make_varied"]

_TWISTS = {"plain": 0.89, "forbidden": 0.02, "encoded": 0.03, "invisible": 0.05, "crisis": 0.01}
"""What is done to the last message, and to what share of them."""
_CHUNKS = (5, 20, 40)
_REFUSED, _IN_CONVERSATION = 0.05, 0.2
"""Shares of the replies that are refusals, and of the requests that have turns before them."""
_MOST_BEFORE = 4
_KEYS = 1000
"""Callers, each with a key."""


def make_varied(n: int, *, seed: int) -> Iterator[bytes]:
    """Make requests, half of them streams, no two alike."""
    rng = random.Random(seed)
    phrases = some_phrases()
    for number in range(n):
        kind = "refuse" if rng.random() < _REFUSED else "mock"
        yield make_request(
            _messages(rng, phrases),
            f"{kind}-{rng.choice(_CHUNKS)}-0",
            is_stream=bool(number % 2),
            key=f"sk-bench-{rng.randrange(_KEYS)}",
        )


def _messages(rng: random.Random, phrases: Sequence[str]) -> list[dict[str, str]]:
    n_before = 2 * rng.randint(1, _MOST_BEFORE) if rng.random() < _IN_CONVERSATION else 0
    before = [{"role": ("user", "assistant")[turn % 2], "content": make_prompt(rng, 200)} for turn in range(n_before)]
    text = make_prompt(rng, int(rng.lognormvariate(5.5, 1.0)))
    (twist,) = rng.choices(list(_TWISTS), weights=list(_TWISTS.values()))
    return [*before, {"role": "user", "content": _twisted(twist, text, rng.choice(phrases))}]


def _twisted(twist: str, text: str, phrase: str) -> str:
    if twist == "forbidden":
        return f"{text} {phrase}"
    if twist == "encoded":
        return f"{text} {base64.b64encode(text[:200].encode()).decode()}"
    if twist == "invisible":
        return text.replace("'", "\u2019").replace("e", "e\u200b", 3)
    if twist == "crisis":
        return f"I want to die. {text[:40]}"
    return text
