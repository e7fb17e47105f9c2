"""Which of the ten over-refusal patterns a refusal is: the case's own, else what stated rules infer from cues and levers."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from demur.explain.cue import Cue
from demur.explain.lever_study import LeverEffect
from demur.types import Case

__all__ = ["Pattern", "find_pattern"]

_FICTION = re.compile(
    r"\b(?:stor(?:y|ies)|novel|fiction(?:al)?|characters?|screenplay|scene|poem|roleplay|role-play|villain|play the)\b",
    re.IGNORECASE,
)
_HISTORY = re.compile(
    r"\b(?:histor(?:y|ic|ical|ian)|century|massacre|genocide|documentary|journalis[mt]|reporter|1[5-9]\d\d|19\d\ds)\b",
    re.IGNORECASE,
)


class Pattern(NamedTuple):
    """A pattern, and why it is this one."""

    name: str | None
    """One of `demur.cases.PATTERNS`; None if no rule says."""
    because: str


def find_pattern(case: Case, cues: Sequence[Cue], levers: Sequence[LeverEffect]) -> Pattern:
    """Say which pattern the refusal of a harmless case is.

    The rules, of which the first that holds decides: the case is filed under a pattern; a word is named and the request speaks of fiction,
    or of history; exactly one word is named; no word is named, and stating a profession opens the case and none of its twins.
    """
    if case.pattern is not None:
        return Pattern(case.pattern, "the case is filed under it")
    named = [cue for cue in cues if cue.is_named]
    if named and (match := _FICTION.search(case.prompt)):
        return Pattern("persona-fiction", f"a word is named, and the request speaks of '{match[0]}'")
    if named and (match := _HISTORY.search(case.prompt)):
        return Pattern("history-journalism", f"a word is named, and the request speaks of '{match[0]}'")
    if len(named) == 1 and len(named[0].text.split()) == 1:
        return Pattern("surface-keyword", "one word is named, and nothing else")
    if not named and any(lever.name == "profession" and lever.opens and lever.safety == "safe" for lever in levers):
        return Pattern("unstated-profession", "no word is named, and stating a profession opens it")
    return Pattern(None, "no rule says")
