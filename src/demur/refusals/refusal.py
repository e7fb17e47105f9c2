"""Refusals worth reading: what is said when a rail says no, by category and language, in the operator's voice.

A refusal has five parts: an acknowledgment of the asker, the boundary in plain words, the reason in one sentence, something
concrete that can be done instead, and an open end. Each part has several phrasings; a hash of the request chooses among them,
so that the same request gets the same answer and different requests different ones. The phrasings are data, `refusals.toml`.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from unicodedata import category as kind_of
from unicodedata import normalize

from demur.judge.sentences import plain
from demur.judge.words import is_unspaced
from demur.refusals.phrasing import (
    LANGUAGES,
    Draw,
    choose_language,
    fill,
    keep_fitting,
    read_phrasings,
    tidy,
)

__all__ = ["CATEGORIES", "check_category", "write_refusal"]

CATEGORIES = (
    "crime", "cyber-attack", "defamation", "disinformation", "elections", "financial-advice", "fraud", "harassment",
    "health-advice", "illegal-goods", "intellectual-property", "legal-advice", "minors", "privacy", "prompt-attack", "scope",
    "self-harm", "sexual-content", "social-engineering", "violence", "weapons",
)  # fmt: skip
"""What can be refused. `harassment` is hate too, `prompt-attack` jailbreaks too; `scope` is what an operator's service is not for."""
_TABLE = "refusals.toml"
_TOPIC_LENGTH, _TOPIC_WORDS = 40, 8
_SHORTEST_TOPIC = 3
_MOST_READ = 400
"""Characters of a request that are looked at for its topic."""
_CLAUSE_END = re.compile(r"[.!?;:,\n。！？；：，、]")
_PERSONAL = re.compile(r"@|//|www\.|\d{4}")
"""Addresses, and numbers long enough for a phone, a card or a birthday."""
_KEPT_MARKS = "'’-"


def write_refusal(
    category: str, *, locale: str, request: str, persona: str | None = None, scope: str | None = None
) -> str:
    """Write a refusal of 40 to 90 words (two characters are a word in Chinese) that says which boundary is in the way.

    Pure: the same arguments give the same words. Where the category allows it and nothing in it would repeat harm, a few
    words of the request are quoted, 40 characters at most.

    Args:
        category: one of `CATEGORIES`.
        locale: BCP 47 tag of the asker's language.
        request: what was asked; any length.
        persona: the name the operator gave the assistant; None leaves it out.
        scope: what the service is for, as a noun phrase in the asker's language; only category ``scope`` says it.

    Raises:
        KeyError: `category` is none of `CATEGORIES`.
    """
    check_category(category)
    language, table = choose_language(locale), read_phrasings(_TABLE)
    words, manner = table[language], table["categories"][category]
    draw = Draw(f"{category}\n{request}")
    one, two = draw.two_of(words[category]["alternative"], always=manner.get("always", 0))
    topic = _topic_of(request, words["lead_ins"], unspaced=language == "zh") if manner["quotes"] else ""
    filled = {"topic": topic, "persona": tidy(persona), "scope": tidy(scope), "one": one, "two": two}
    slots = {name: value for name, value in filled.items() if value}
    phrasings = _phrasings_of(words, category, manner)
    said = {part: fill(draw.one_of(keep_fitting(known, slots)), slots) for part, known in phrasings.items()}
    return _LAYOUTS[language].format(**said)


def check_category(category: str) -> None:
    """Raise KeyError if there is no such category, and say which there are."""
    if category not in CATEGORIES:
        raise KeyError(f"found category {category!r}; expected one of: {', '.join(CATEGORIES)}")


_LAYOUTS = {
    **dict.fromkeys(LANGUAGES, "{acknowledgment} {boundary}, {reason}. {alternative} {end}"),
    "zh": "{acknowledgment}{boundary}，{reason}。{alternative}{end}",
}
"""By language: the no and its reason are one sentence, so that the reason cannot grow into a sermon."""


@cache
def _unrepeated() -> re.Pattern[str]:
    """Find a word that is not to be quoted back, of any language: the request need not be in that of the answer."""
    stems = [plain(stem) for language in LANGUAGES for stem in read_phrasings(_TABLE)[language]["unrepeated"]]
    return re.compile(
        "|".join(re.escape(stem) if is_unspaced(stem) else rf"(?<!\w){re.escape(stem)}" for stem in stems)
    )


def _phrasings_of(words: Mapping[str, Any], category: str, manner: Mapping[str, Any]) -> dict[str, list[str]]:
    """Give what each part of a refusal can be, in one language. In a crisis nobody introduces themselves."""
    group, acknowledgments, ends = manner["group"], words["acknowledgments"], words["ends"]
    return {
        "acknowledgment": acknowledgments[group] + (acknowledgments["topic"] if manner["quotes"] else []),
        "boundary": words[category]["boundary"],
        "reason": words[category]["reason"],
        "alternative": words["offers"],
        "end": ends[group] if group in ends else ends["any"] + ends["persona"],
    }


def _topic_of(request: str, lead_ins: Sequence[str], *, unspaced: bool) -> str:
    """Take a few words of a request that say what it is about; empty if there are none that may be quoted."""
    said = _drop_lead_ins(normalize("NFKC", request[:_MOST_READ]).strip(), lead_ins)
    clause = next((clause for clause in map(str.strip, _CLAUSE_END.split(said)) if clause), "")
    if _PERSONAL.search(clause):
        return ""
    kept = "".join(mark if kind_of(mark)[0] in "LMN" or mark in _KEPT_MARKS else " " for mark in clause)
    topic = _cut(" ".join(kept.split()).strip(_KEPT_MARKS), unspaced=unspaced)
    return topic if len(topic) >= _SHORTEST_TOPIC and _unrepeated().search(plain(kept)) is None else ""


def _drop_lead_ins(said: str, lead_ins: Sequence[str]) -> str:
    """Drop what requests begin with, again and again: ``please``, ``can you``, ``tell me``."""
    while True:
        lowered = plain(said)
        found = next((lead_in for lead_in in lead_ins if _leads(lowered, lead_in)), None)
        if found is None:
            return said
        said = said[len(found) :].lstrip(" ,:!-，：！、")


def _leads(lowered: str, lead_in: str) -> bool:
    following = lowered[len(lead_in) : len(lead_in) + 1]
    return lowered.startswith(lead_in) and (not following.isalpha() or not lead_in.isascii() or lead_in[-1] == "'")


def _cut(text: str, *, unspaced: bool) -> str:
    """Shorten a text to the length of a topic, between words, and show that it goes on."""
    shorter = " ".join(text.split()[:_TOPIC_WORDS])
    if len(shorter) > _TOPIC_LENGTH - (shorter != text):
        shorter = shorter[: _TOPIC_LENGTH - 1]
        shorter = shorter if unspaced else shorter.rpartition(" ")[0]
    return shorter if shorter == text or not shorter else shorter + "…"
