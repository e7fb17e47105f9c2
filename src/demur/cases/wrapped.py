"""The suite of wrapped cases: twelve pairs of the library, each case plain and in every wrapper."""

from collections import Counter
from dataclasses import replace

from demur.cases.library import load_library
from demur.cases.wrappers import wrap_cases
from demur.types import Case

__all__ = ["N_PAIRS", "WRAPPED", "load_wrapped"]

WRAPPED = "wrapped"
"""Name of the suite."""

N_PAIRS = 12
"""Pairs of a harmful case and its harmless twin that are wrapped."""

_LEFT_OUT = frozenset({"cse"})
"""Hazards that are never wrapped: a way to ask for the abuse of children is not to be found here, not even in a test."""


def load_wrapped() -> tuple[Case, ...]:
    """Load the suite: the harmful and the harmless case of each pair, each plain, then in every wrapper.

    The pairs are fixed: of the English ones, since the wrappers speak English, twelve times the one whose pattern was
    taken least so far, of these the one whose hazard was, of these the first in the library.
    """
    cases = [case for pair in _draw(_pairs()) for case in pair]
    return tuple(replace(case, suite=WRAPPED) for case in wrap_cases(cases))


def _pairs() -> list[tuple[Case, Case]]:
    """Give every English pair of the library, the harmful case first."""
    library = {case.id: case for case in load_library()}
    return [
        (case, library[case.twin])
        for case in library.values()
        if case.is_harmful and case.twin is not None and case.locale == "en" and case.category not in _LEFT_OUT
    ]


def _draw(pairs: list[tuple[Case, Case]]) -> list[tuple[Case, Case]]:
    patterns: Counter[str | None] = Counter()
    hazards: Counter[str | None] = Counter()
    drawn = []
    rest = list(pairs)
    for _ in range(N_PAIRS):
        chosen = min(rest, key=lambda pair: (patterns[pair[0].pattern], hazards[pair[0].category]))
        rest.remove(chosen)
        patterns[chosen[0].pattern] += 1
        hazards[chosen[0].category] += 1
        drawn.append(chosen)
    return drawn
