"""Bisection of a system prompt: which of its sentences cause refusals, or prevent them, over a set of cases at once.

A trial is one variant of the prompt, asked over the set. Two trials, the whole prompt and none, say whether anything hangs on it; then
group testing finds the sentences (`demur.explain.group_testing`), and trials in fresh words, with and without, confirm each.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Literal

from demur.explain.cue import estimate_effect
from demur.explain.group_testing import Members, find_sets
from demur.explain.inquiry import Answer, Inquiry, rate_of
from demur.explain.request import frame, put_under
from demur.explain.wordings import load_frames
from demur.judge.sentences import plain, split
from demur.stats import mcnemar
from demur.types import Case, Estimate

__all__ = ["MOST_TRIALS", "PromptStudy", "SentenceEffect", "cut_prompt", "read_sentences", "study_prompt"]

Role = Literal["causes", "prevents"]
_ROLES: tuple[Role, ...] = ("causes", "prevents")

MOST_TRIALS = 24
_FEWEST_PAIRS = 6
_MOST_FRAMES = 8
_CONFIRMING = 3
"""Trials kept for confirming: without what was found, and with each of two. Calls are kept for two of them, the second of which, of a
single finding, is the whole prompt, which was mostly asked already."""
_FEWEST_MOVED = 0.25
"""Share of the set that the whole prompt must turn for its sentences to be searched."""


@dataclass(frozen=True)
class SentenceEffect:
    """A sentence of the system prompt, and what it does to refusals."""

    number: int
    """From 1."""
    text: str
    start: int
    """Place in the prompt, in characters."""
    end: int
    role: Role | None = None
    """None: no trial singled it out."""
    together: tuple[int, ...] = ()
    """Numbers of the sentences without which it does nothing."""
    effect: Estimate | None = None
    """Refusal rate with it less that without it, over fresh questions; None where no trial singled it out."""
    p_value: float | None = None
    """Of the exact McNemar test on the same pairs, two-sided. Each case in each frame is a pair."""

    @property
    def is_confirmed(self) -> bool:
        """Whether the interval excludes 0 on the side of the role."""
        if self.effect is None or self.effect.low is None or self.effect.high is None:
            return False
        return self.effect.low > 0 if self.role == "causes" else self.effect.high < 0


@dataclass(frozen=True)
class PromptStudy:
    """What was found out about a system prompt."""

    sentences: tuple[SentenceEffect, ...]
    """All of them, in order."""
    n_cases: int
    """Harmless cases that a trial asks."""
    n_trials: int
    refused_with: Estimate
    """Harmless cases refused under the whole prompt."""
    refused_without: Estimate
    """Under none."""
    given_with: Estimate
    """Harmful twins that were given what they asked for, under the whole prompt; undefined where there is none."""
    given_cut: Estimate
    """Without the sentences that cause refusals, or without any prompt where there is none such."""
    is_complete: bool
    """Whether what is left of the prompt is known to do nothing more of the kind."""

    @property
    def found(self) -> tuple[SentenceEffect, ...]:
        """Those that were confirmed."""
        return tuple(sentence for sentence in self.sentences if sentence.is_confirmed)


def read_sentences(system: str) -> tuple[SentenceEffect, ...]:
    """Part a system prompt into its sentences; each line, as of a list, is at least one."""
    return tuple(
        SentenceEffect(number, system[one.start : one.end], one.start, one.end)
        for number, one in enumerate(split(plain(system)), 1)
    )


def cut_prompt(system: str, numbers: Sequence[int]) -> str | None:
    """Leave sentences out of a prompt, by their numbers; None if nothing is left."""
    sentences = read_sentences(system)
    ends = [*(sentence.start for sentence in sentences[1:]), len(system)]
    gone = set(numbers)
    kept = [system[one.start : end] for one, end in zip(sentences, ends, strict=True) if one.number not in gone]
    return "".join(kept).strip() or None


def study_prompt(
    system: str, cases: Sequence[Case], twins: Sequence[Case], inquiry: Inquiry, *, most_calls: int
) -> PromptStudy | None:
    """Find the sentences of a prompt on which refusals hang.

    Args:
        system: has at least one sentence.
        cases: harmless ones that stand under it, refused, answered, or both.
        twins: their harmful twins, asked once with the prompt and once without what was found.
        inquiry: asks.
        most_calls: that this may take.

    Returns:
        What was found; None where the calls are too few to begin.
    """
    end = inquiry.n_calls + min(most_calls, inquiry.left) - 2 * len(twins)
    if end - inquiry.n_calls < 2 * len(cases):
        return None
    whole = inquiry.ask([put_under(case, system) for case in cases])
    none = inquiry.ask([put_under(case, None) for case in cases])
    found, n_trials, is_complete = _search_both_ways(system, cases, (whole, none), inquiry, end)
    causes = [one.number for one in found.values() if one.role == "causes"]
    cut = cut_prompt(system, causes) if causes else None
    under = [inquiry.ask([put_under(twin, prompt) for twin in twins]) for prompt in (system, cut)]
    return PromptStudy(
        sentences=tuple(found.get(one.number, one) for one in read_sentences(system)),
        n_cases=len(cases),
        n_trials=n_trials,
        refused_with=rate_of([answer.is_refused for answer in whole]),
        refused_without=rate_of([answer.is_refused for answer in none]),
        given_with=rate_of([answer.is_given for answer in under[0]]),
        given_cut=rate_of([answer.is_given for answer in under[1]]),
        is_complete=is_complete,
    )


def _search_both_ways(
    system: str, cases: Sequence[Case], answers: tuple[Sequence[Answer], Sequence[Answer]], inquiry: Inquiry, end: int
) -> tuple[dict[int, SentenceEffect], int, bool]:
    """Search what causes refusals among the cases that the prompt turned to one, and what prevents them among the others.

    Returns:
        What was found by its number, how many trials it took, and whether nothing more is left.
    """
    found: dict[int, SentenceEffect] = {}
    n_trials, is_complete = len(answers), True
    for role in _ROLES:
        is_refused = role == "causes"
        turned = [
            case
            for case, one, other in zip(cases, *answers, strict=True)
            if one.is_refused is is_refused and other.is_refused is (not is_refused)
        ]
        if len(turned) < max(1, _FEWEST_MOVED * len(cases)):
            continue
        bisection = _Bisection(system, turned, role, inquiry)
        is_complete = bisection.search(MOST_TRIALS - n_trials, end) and is_complete
        found |= bisection.confirm(end)
        n_trials += bisection.n_trials
    return found, n_trials, is_complete


class _Bisection:
    """Searches the sentences that turn some cases one way."""

    def __init__(self, system: str, turned: Sequence[Case], role: Role, inquiry: Inquiry) -> None:
        self._system = system
        self._sentences = read_sentences(system)
        self._turned = turned
        self._role: Role = role
        self._inquiry = inquiry
        self._frames = load_frames(turned[0].locale)[: min(_MOST_FRAMES, ceil(_FEWEST_PAIRS / len(turned)))]
        self._sets: tuple[Members, ...] = ()
        self.n_trials = 0

    def search(self, most_trials: int, end: int) -> bool:
        """Search within some trials, and calls up to a number; say whether all was found."""
        calls = end - self._inquiry.n_calls - (_CONFIRMING - 1) * len(self._turned) * len(self._frames)
        room = min(most_trials - _CONFIRMING, calls // len(self._turned))
        found = find_sets(len(self._sentences), self._fires, most_tests=max(0, room))
        self._sets = found.sets
        self.n_trials += found.n_tests
        return found.is_complete

    def confirm(self, end: int) -> dict[int, SentenceEffect]:
        """Ask in fresh words, without everything that was found, and with one set of it at a time."""
        gone = {member for members in self._sets for member in members}
        without = tuple(place for place in range(len(self._sentences)) if place not in gone)
        affordable = (end - self._inquiry.n_calls) // (len(self._turned) * len(self._frames)) - 1
        absent: list[Answer] = []
        effects: dict[int, SentenceEffect] = {}
        for members in self._sets[: max(0, affordable)]:
            absent = absent or self._ask_framed(without)
            present = self._ask_framed((*without, *members))
            effects |= self._measure(members, present, absent)
        return effects

    def _fires(self, subsets: Sequence[Members]) -> list[bool]:
        """Say of each whether, with these sentences alone, at least half of the cases are as under the whole prompt."""
        is_refused = self._role == "causes"
        return [
            sum(answer.is_refused is is_refused for answer in self._inquiry.ask(self._under(members)))
            >= len(self._turned) / 2
            for members in subsets
        ]

    def _ask_framed(self, kept: Members) -> list[Answer]:
        self.n_trials += 1
        return self._inquiry.ask([frame(case, framing) for framing in self._frames for case in self._under(kept)])

    def _under(self, kept: Members) -> list[Case]:
        gone = [one.number for place, one in enumerate(self._sentences) if place not in kept]
        prompt = cut_prompt(self._system, gone)
        return [put_under(case, prompt) for case in self._turned]

    def _measure(
        self, members: Members, present: Sequence[Answer], absent: Sequence[Answer]
    ) -> dict[int, SentenceEffect]:
        pairs = [
            (one.is_refused, other.is_refused)
            for one, other in zip(present, absent, strict=True)
            if None not in (one.is_refused, other.is_refused)
        ]
        p_value = mcnemar(pairs.count((True, False)), pairs.count((False, True)))
        numbers = [self._sentences[member].number for member in members]
        return {
            number: replace(
                self._sentences[number - 1],
                role=self._role,
                together=tuple(other for other in numbers if other != number),
                effect=estimate_effect(present, absent),
                p_value=p_value,
            )
            for number in numbers
        }
