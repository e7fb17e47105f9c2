"""A question in place of an answer: what is asked when a request may be harmless or harmful and the guard cannot tell.

A clarification has three parts: an opening, one open question that a sentence answers, and what would gladly be helped
with. It accuses of nothing and explains nothing. The phrasings are data, `clarifications.toml`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from demur.refusals.phrasing import LANGUAGES, Draw, choose_language, fill, keep_fitting, read_phrasings, tidy
from demur.refusals.refusal import check_category

__all__ = ["is_clarification", "write_clarification"]

_TABLE = "clarifications.toml"
_JOINTS = {**dict.fromkeys(LANGUAGES, " "), "zh": ""}
"""By language: what stands between the parts."""
_MARKS = "?？"
"""What the question ends with; there is none in any other part."""


def write_clarification(category: str, *, locale: str, request: str, persona: str | None = None) -> str:
    """Write a question of 15 to 45 words (two characters are a word in Chinese) that tells one reading from the other.

    Pure: the same arguments give the same words. Not a word of the request is repeated. Where somebody may be in danger,
    `demur.guard.crisis` is what answers; category ``self-harm`` asks for whom the question is.

    Args:
        category: one of `demur.refusals.CATEGORIES`: what the request would be refused for if it were harmful.
        locale: BCP 47 tag of the asker's language.
        request: what was asked; any length.
        persona: the name the operator gave the assistant; None leaves it out. A long one makes the text longer.

    Raises:
        KeyError: `category` is none of `CATEGORIES`.
    """
    check_category(category)
    language, table = choose_language(locale), read_phrasings(_TABLE)
    words, group = table[language], table["groups"][category]
    draw = Draw(f"clarify {category}\n{request}")
    name = tidy(persona)
    slots = {"persona": name} if name else {}
    opening = fill(draw.one_of(keep_fitting(_openings_of(words, group), slots)), slots)
    question = draw.one_of(words["questions"][group])
    offer = draw.one_of(_offers_of(words, category, group))
    return _JOINTS[language].join((opening, question, offer))


def is_clarification(text: str) -> bool:
    """Tell whether a text is what `write_clarification` writes, in any language and under any name without a question mark.

    Exact but for space around it; a text with anything added, left out or put in other words is none.
    """
    known, said = _read_known(), text.strip()
    end = max(said.rfind(mark, -known.longest_end) for mark in _MARKS) + 1
    if not end or said[end:].lstrip() not in known.offers or sum(map(said.count, _MARKS)) != 1:
        return False
    return any(rest in known.questions for rest in _after_openings(said[:end], known.openings))


def _openings_of(words: Mapping[str, Any], group: str) -> list[str]:
    """Give what a clarification can begin with, in one language. In a crisis nobody introduces themselves."""
    openings = words["openings"]
    own: list[str] = openings.get(group) or openings["any"] + openings["persona"]
    return own


def _offers_of(words: Mapping[str, Any], category: str, group: str) -> list[str]:
    """Give what can be offered, in one language: each frame with each thing."""
    frames = words["frames"]
    return [
        fill(frame, {"offer": offer})
        for frame in frames.get(group, frames["any"])
        for offer in words["offers"][category]
    ]


@dataclass(frozen=True)
class _Known:
    """The parts of every clarification, of all languages."""

    openings: tuple[tuple[str, str], ...]
    """What stands before and after the persona's name; the second is empty where there is none."""
    questions: frozenset[str]
    offers: frozenset[str]
    longest_end: int
    """Characters from a question's mark to the end of the text, both counted."""


@cache
def _read_known() -> _Known:
    table = read_phrasings(_TABLE)
    languages, groups = [table[language] for language in LANGUAGES], table["groups"]
    openings = {opening for words in languages for each in words["openings"].values() for opening in each}
    offers = {
        offer
        for words in languages
        for category, group in groups.items()
        for offer in _offers_of(words, category, group)
    }
    return _Known(
        openings=tuple((head, tail) for head, _, tail in (each.partition("{persona}") for each in sorted(openings))),
        questions=frozenset(
            question for words in languages for each in words["questions"].values() for question in each
        ),
        offers=frozenset(offers),
        longest_end=max(map(len, offers)) + len("? "),
    )


def _after_openings(said: str, openings: Sequence[tuple[str, str]]) -> list[str]:
    """Give what is left of a text after each opening that it can begin with; a name may hold what another opening says."""
    left = []
    for head, tail in openings:
        end = said.rfind(tail, len(head)) if tail else len(head)
        if end >= len(head) and said.startswith(head):
            left.append(said[end + len(tail) :].lstrip())
    return left
