"""What is asked and answered: texts that were written to train the judge, ordinary ones, put together anew for each request."""

import json
import random
import re
from functools import cache

from gateway_parts.processes import BENCH

__all__ = ["make_prompt", "make_reply"]

_TRAINING = BENCH.parent / "training" / "judge"
_KINDS = ("advice", "answers", "daily", "everyday", "facts", "people", "products")
"""Of exchanges: those that are about nothing in particular."""
_SHORT, _LONG = 30, 150
"""Characters that a prompt may lack or have too many, and from which on it is made longer by more than a question."""
_PIECE = re.compile(r"\s*\w{1,6}|\s*[^\w\s]|\s+")
"""About what a token is."""


def make_prompt(rng: random.Random, n_chars: int) -> str:
    """Make a harmless request of about this many characters, of which there are too many to meet one twice."""
    text = f"{rng.choice(_exchanges())[0]} (No. {rng.randrange(10**9)})"
    while (left := n_chars - len(text)) > _SHORT:
        asked, said = rng.choice(_exchanges())
        text += f"\n{asked if left < _LONG else said}"
    return text[: n_chars + _SHORT]


def make_reply(rng: random.Random, n_pieces: int) -> list[str]:
    """Make a reply in pieces as a model streams it."""
    pieces: list[str] = []
    while len(pieces) < n_pieces:
        reply = rng.choice(_exchanges())[1]
        pieces += _PIECE.findall(f"\n\n{reply}" if pieces else reply)
    return pieces[:n_pieces]


@cache
def _exchanges() -> list[tuple[str, str]]:
    """Give ordinary questions with the answers they were given."""
    lines = (
        json.loads(line) for kind in _KINDS for line in (_TRAINING / f"english_{kind}.jsonl").open(encoding="utf-8")
    )
    return [(line["p"], line["r"]) for line in lines if line["o"] == "comply" and isinstance(line["p"], str)]
