"""Cues: the words, spans or earlier exchanges a refusal hangs on, found by taking them out and confirmed on fresh questions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np

from demur.explain.group_testing import Members, find_sets
from demur.explain.inquiry import Answer, Inquiry
from demur.explain.request import EDITS, Span, Unit, edit, frame, read_units, says_something, swap
from demur.explain.wordings import load_frames
from demur.stats import paired_bootstrap
from demur.types import Case, Estimate, Outcome

__all__ = [
    "APART",
    "MOST_CUES",
    "Cue",
    "Edit",
    "confirm_trigger",
    "count_pairs",
    "estimate_effect",
    "find_cues",
    "frame_often",
    "rank_cues",
    "try_swaps",
]

MOST_CUES = 3
"""Confirmed of one request."""
APART = " … "
"""Stands between words of a cue that are apart."""
_PAIRS, _SAMPLED_PAIRS = 6, 8
"""Fresh questions with and without a cue. If all six turn, Tango's interval begins at .22; if five do, at .12; if four do, it holds 0."""
_AT_ONCE = 3
"""Tests of a step of the bisection: a step is a round of questions, and half as many rounds cost half as many calls more."""
_MOST_SWAPS = 2


@dataclass(frozen=True)
class Cue:
    """Something a refusal hangs on, and by how much."""

    text: str
    """Its words; an ellipsis stands between those that are apart."""
    spans: tuple[Span, ...]
    """Places in the request, from and to, in characters; empty for exchanges, and over a run."""
    turns: tuple[int, ...]
    """Numbers of the earlier turns that are part of it."""
    effect: Estimate
    """Refusal rate with it less that without it, in [-1, 1], over pairs of questions that were not asked while it was searched; undefined
    where no call was left to confirm it."""

    @property
    def is_named(self) -> bool:
        """Whether its interval excludes 0."""
        return self.effect.low is not None and self.effect.low > 0


@dataclass(frozen=True)
class Edit:
    """A change of the request that was asked, and what came of it."""

    kind: str
    """``remove``, or ``swap`` for words of the twin."""
    text: str
    """What was changed."""
    request: str
    """As it was asked."""
    n_words: int
    """How many words were changed."""
    outcome: Outcome | None


def count_pairs(inquiry: Inquiry) -> int:
    """Say how many fresh questions confirm a cue: more of them where the same question may get two answers."""
    return _PAIRS if inquiry.is_greedy else _SAMPLED_PAIRS


def frame_often(case: Case, n: int) -> list[Case]:
    """Put a case in n frames, none of which leaves the request as it is."""
    return [frame(case, framing) for framing in load_frames(case.locale)[:n]]


def estimate_effect(present: Sequence[Answer], absent: Sequence[Answer]) -> Estimate:
    """Estimate how much more is refused with something than without it, on pairs of questions, in [-1, 1].

    The interval says what holds for these requests in other words, and nothing of other requests.

    Args:
        present: with it.
        absent: without it, in the same order.
    """
    pairs = [(one.is_refused, other.is_refused) for one, other in zip(present, absent, strict=True)]
    judged = [(one, other) for one, other in pairs if one is not None and other is not None]
    return paired_bootstrap(
        [other for _, other in judged],
        [one for one, _ in judged],
        range(len(judged)),
        rng=np.random.default_rng(0),
        n_unjudged=len(pairs) - len(judged),
    )


def find_cues(
    case: Case, inquiry: Inquiry, framed: Sequence[Answer], *, reserve: int = 0
) -> tuple[tuple[Cue, ...], tuple[Edit, ...]]:
    """Find what the refusal of a case hangs on.

    Args:
        case: refused as it stands.
        inquiry: asks.
        framed: the same case in its frames, as `frame_often` puts it.
        reserve: calls to leave for what comes after.

    Returns:
        The cues, strongest first, and the edits that were tried.
    """
    units, search = read_units(case), _Search(case, inquiry)
    n_pairs, n_samples = len(framed), search.n_samples
    room = (inquiry.left - reserve - n_pairs) // n_samples
    if not units or room < 1:
        return (), ()
    found = find_sets(len(units), search.fires, most_tests=room, n_at_once=_AT_ONCE)
    n_confirmed = min(MOST_CUES, (inquiry.left - reserve) // n_pairs)
    cues = [
        _confirm(case, [units[member] for member in members], inquiry, framed if place < n_confirmed else ())
        for place, members in enumerate(found.sets)
    ]
    return rank_cues(cues), search.edits


def try_swaps(case: Case, twin: Case, inquiry: Inquiry) -> tuple[Edit, ...]:
    """Put the words of a twin where the two differ, one stretch at a time, the longest first."""
    here, there = (text.split(" ") for text in (case.prompt, twin.prompt))
    places = [0]
    for word in here:
        places.append(places[-1] + len(word) + 1)
    stretches = [
        code[1:] for code in SequenceMatcher(None, here, there, autojunk=False).get_opcodes() if code[0] == "replace"
    ]
    longest = sorted(stretches, key=lambda stretch: stretch[0] - stretch[1])[:_MOST_SWAPS][: max(0, inquiry.left)]
    swapped = [swap(case, places[a], places[b] - 1, " ".join(there[c:d])) for a, b, c, d in longest]
    answers = inquiry.ask(swapped)
    return tuple(
        Edit("swap", f"{' '.join(here[a:b])} → {' '.join(there[c:d])}", asked.prompt, max(b - a, d - c), answer.outcome)
        for (a, b, c, d), asked, answer in zip(longest, swapped, answers, strict=True)
    )


def rank_cues(cues: Iterable[Cue]) -> tuple[Cue, ...]:
    """Put cues in order, the strongest first; those whose effect was not measured come last."""

    def strength(cue: Cue) -> tuple[float, float]:
        value, low = cue.effect.value, cue.effect.low
        return (2.0, 0.0) if value is None or low is None else (-value, -low)

    return tuple(sorted(cues, key=strength))


def confirm_trigger(text: str, found: Sequence[tuple[Case, Unit]], inquiry: Inquiry) -> Cue:
    """Ask several cases with and without what they have in common, each in frames of its own, so that there are six pairs or more.

    Args:
        text: what they have in common.
        found: each case, at least one, with the unit to be taken out of it.
        inquiry: asks, with twice as many calls left as there are pairs.
    """
    pairs = [found[number % len(found)] for number in range(max(count_pairs(inquiry), len(found)))]
    framings = [load_frames(case.locale)[number // len(found)] for number, (case, _) in enumerate(pairs)]
    present = [frame(case, framing) for (case, _), framing in zip(pairs, framings, strict=True)]
    absent = [
        frame(edit(case, [unit], EDITS[number % len(EDITS)]), framing)
        for number, ((case, unit), framing) in enumerate(zip(pairs, framings, strict=True))
    ]
    return Cue(text, (), (), estimate_effect(inquiry.ask(present), inquiry.ask(absent)))


class _Search:
    """Tests removals, and keeps what was tried."""

    def __init__(self, case: Case, inquiry: Inquiry) -> None:
        self._case = case
        self._inquiry = inquiry
        self._units = read_units(case)
        self._tried: dict[Members, Edit] = {}
        self.n_samples = 1 if inquiry.is_greedy else 2

    @property
    def edits(self) -> tuple[Edit, ...]:
        return tuple(self._tried.values())

    def fires(self, subsets: Sequence[Members]) -> list[bool]:
        """Say of each whether the request without it is not refused, in any of its samples; without any word it is none."""
        cases = [edit(self._case, [self._units[member] for member in members]) for members in subsets]
        asked = [case for case in cases if says_something(case)]
        samples = [self._inquiry.ask(asked, sample=sample) for sample in range(self.n_samples)]
        of_case = {case.prompt: answers for case, *answers in zip(asked, *samples, strict=True)}
        for members, case in zip(subsets, cases, strict=True):
            for answer in of_case.get(case.prompt, ())[:1]:
                units = [self._units[member] for member in members]
                self._tried[members] = Edit(
                    "remove", _quote(self._case, units), case.prompt, len(units), answer.outcome
                )
        return [all(answer.is_refused is False for answer in of_case.get(case.prompt, ())) for case in cases]


def _confirm(case: Case, units: Sequence[Unit], inquiry: Inquiry, framed: Sequence[Answer]) -> Cue:
    """Ask the same frames without the units, by each kind of edit in turn."""
    frames = load_frames(case.locale)[: len(framed)]
    without = [frame(edit(case, units, EDITS[number % len(EDITS)]), framing) for number, framing in enumerate(frames)]
    return Cue(
        text=_quote(case, units),
        spans=_join(case.prompt, sorted(span for unit in units for span in unit.spans)),
        turns=tuple(number for unit in units for number in unit.turns),
        effect=estimate_effect(framed, inquiry.ask(without)),
    )


def _quote(case: Case, units: Sequence[Unit]) -> str:
    spans = _join(case.prompt, sorted(unit.spans[0] for unit in units if unit.spans))
    quoted = [case.prompt[start:end] for start, end in spans]
    return APART.join([*(unit.text for unit in units if unit.turns), *quoted])


def _join(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Join spans with nothing but space between them."""
    joined = list(spans[:1])
    for before, span in pairwise(spans):
        if text[before[1] : span[0]].strip():
            joined.append(span)
        else:
            joined[-1] = (joined[-1][0], span[1])
    return tuple(joined)
