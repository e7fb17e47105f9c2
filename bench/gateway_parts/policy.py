"""A policy of many rules, the same for the same seed, in which each part can be left out."""

import json
import random
from collections.abc import Collection, Iterator
from typing import Literal, get_args

__all__ = ["PARTS", "Part", "some_phrases", "write_policy"]

Part = Literal["rules", "intent", "judge", "limits"]
"""Of a policy; the audit store is not its matter."""
PARTS: tuple[Part, ...] = get_args(Part)

N_RULES, N_PHRASES = 500, 5000
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
_VERBS = ("make", "build", "buy", "find", "open", "send", "write", "sell", "use", "mix", "order", "copy")
"""Verbs of ordinary text, so that many a place in one looks like the beginning of a match."""
_CATEGORIES = ("weapons", "fraud", "privacy", "harassment", "crime")
_WARN_EVERY = 5
_LIMITS = """\
limits:
  - {per: key, requests: 100000000, tokens: 200000000}
  - {per: address, requests: 100000000, tokens: 200000000}
  - {per: conversation, requests: 100000, tokens: 10000000}
penalty: {per: [conversation], after: 1000}
"""
"""So high that nobody is turned away: what is measured is the counting. All callers have one address, which is not held off, and some ask again in the next round what was refused in the last."""


def write_policy(without: Collection[Part] = ()) -> str:
    """Write a policy as YAML: 500 rules of one pattern and ten phrases each, classifier, judge and limits, less some of it."""
    text = "tell: true\n"
    text += "intent: off\n" if "intent" in without else ""
    text += "judge: off\n" if "judge" in without else "judge: block\n"
    text += "" if "limits" in without else _LIMITS
    return text + ("rules: []\n" if "rules" in without else f"rules:\n{''.join(_rules())}")


def some_phrases() -> list[str]:
    """Give a phrase of each rule that blocks."""
    return [phrases[0] for number, (phrases, _) in enumerate(_sought()) if number % _WARN_EVERY]


def _rules() -> Iterator[str]:
    for number, (phrases, pattern) in enumerate(_sought()):
        action = "block" if number % _WARN_EVERY else "warn"
        yield (
            f"  - name: rule-{number}\n    category: {_CATEGORIES[number % len(_CATEGORIES)]}\n    action: {action}\n"
            f"    phrases: {json.dumps(phrases)}\n    patterns: [{json.dumps(pattern)}]\n"
        )


def _sought() -> Iterator[tuple[list[str], str]]:
    """Give the phrases and the pattern of each rule."""
    rng = random.Random(500)
    for number in range(N_RULES):
        yield [_phrase(rng) for _ in range(N_PHRASES // N_RULES)], _pattern(rng, number)


def _word(rng: random.Random) -> str:
    """Make up a word that no text has, though it begins like many."""
    return f"{''.join(rng.choices(_SYLLABLES, k=rng.randint(2, 4)))}x"


def _phrase(rng: random.Random) -> str:
    words = [_word(rng) for _ in range(rng.randint(2, 3))]
    return " ".join([rng.choice(_VERBS), *words] if rng.random() < 0.5 else words)  # noqa: PLR2004 -- one in two


def _pattern(rng: random.Random, number: int) -> str:
    """Write a bounded pattern of one of the kinds that policies have: a name, a verb with its object, an id, a spaced word."""
    first, second = _word(rng), _word(rng)
    return (
        rf"\b{first}[ -]{{0,2}}{second}\b",
        rf"\b(?:{'|'.join(rng.sample(_VERBS, 3))}) (?:\w{{1,12}} ){{0,3}}{first}\b",
        rf"\b{first[:2].upper()}{number}-[0-9]{{4,8}}\b",
        rf"\b{first}\W{{0,3}}{second}\W{{0,3}}[0-9]{{1,3}} ?(?:g|mg|ml)\b",
        rf"\b{first}(?:ing|ed|s)? .{{0,20}}\b{second}\b",
    )[number % 5]
