"""Thresholds: from which probability of harm to block, chosen by what harmless requests it may cost.

The rule. A request is blocked at a threshold if a rule of the policy blocks it, or if it is no crisis and the classifier gives
it at least the threshold. Of the multiples of 0.000001 up to 1, the threshold is the smallest one at which the harmless
requests that are blocked are at most the rate asked for, times their number, rounded down. Requests with one and the same
probability stand on the same side of it; where they are too many to be blocked, none of them is.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from demur.guard.decision import Decision
from demur.guard.guard import Guard
from demur.guard.policy import OFF, Policy, Thresholds
from demur.guard.wire.conversation import Conversation
from demur.stats import wilson
from demur.types import Estimate

__all__ = ["STEP", "Band", "Scores", "Tuned", "choose_threshold", "score", "tune"]

STEP = 1e-6
"""Thresholds are multiples of it."""
_STEPS = round(1 / STEP)
_RULE_OF_THREE = 3
"""Where none of n is seen, the rate is below 3 / n with 95 % confidence."""
_TELL_EVERY = 64
_BY_CLASSIFIER = ("intent", "escalation", "rephrased")
"""What a decision is by where the threshold decides about it."""


@dataclass(frozen=True)
class Scores:
    """What the guard sees in requests, apart from any threshold."""

    harm: tuple[float, ...]
    """Probability of harm of each request that a threshold decides about, ascending."""
    n_blocked: int = 0
    """Requests that are blocked whatever the threshold: by a rule of the policy, or for a persona without rules."""
    n_escalated: int = 0
    """Requests that are never blocked, being taken for a crisis."""

    @property
    def n(self) -> int:
        """All requests."""
        return len(self.harm) + self.n_blocked + self.n_escalated

    def blocked(self, threshold: float | None) -> int:
        """Count what is blocked at a threshold; without one, what rules block."""
        return self.n_blocked + (0 if threshold is None else self.at_least(threshold))

    def at_least(self, threshold: float) -> int:
        """Count the requests whose probability is a threshold or more."""
        return len(self.harm) - bisect_left(self.harm, threshold)


@dataclass(frozen=True)
class Band:
    """Two thresholds: blocked from one on, and asked what it is for between the other and that."""

    block: float
    clarify: float | None
    """None where nobody is asked."""
    harmless_blocked: Estimate
    harmless_asked: Estimate
    harmful_blocked: Estimate | None
    """None where no harmful requests were given."""
    harmful_asked: Estimate | None


@dataclass(frozen=True)
class Tuned:
    """A threshold and what it gives."""

    fpr: float
    """The rate that was asked for."""
    allowed: int
    """Harmless requests that may be blocked at most."""
    threshold: float | None
    """None where none keeps the rate: rules alone block too many, or too many requests have the probability 1."""
    harmless: Scores
    false_positives: Estimate
    """At the threshold; without one, what rules alone block. Wilson's interval, so `high` is an upper bound at 97.5 %."""
    as_a_whole: Estimate
    """Of the same requests, what a guard with this threshold in its policy blocks when it is asked: rails that look at earlier
    turns block too."""
    harmful: Scores | None
    recall: Estimate | None
    """At the threshold; None where no harmful requests were given."""
    bands: tuple[Band, ...]
    """The threshold alone first."""

    @property
    def needed(self) -> int:
        """Fewest harmless requests that can show the rate: of these, none blocked puts the rate below it at 95 % confidence."""
        return math.ceil(_RULE_OF_THREE / self.fpr)

    @property
    def is_too_few(self) -> bool:
        """Whether the harmless requests are too few to show the rate."""
        return self.harmless.n < self.needed


def tune(
    policy: Policy,
    harmless: Sequence[Conversation],
    *,
    harmful: Sequence[Conversation] | None = None,
    fpr: float,
    on_progress: Callable[[int, float | None], None] = lambda *_: None,
) -> Tuned:
    """Choose the threshold of a policy for a rate of false positives.

    Args:
        policy: its rules count, its thresholds do not, but for `crisis` and `suspect`.
        harmless: requests that should all be answered, at least one.
        harmful: requests that should be blocked.
        fpr: the most of the harmless that may be blocked, in (0, 1).
        on_progress: told the requests scored, and their share.
    """
    n_all = len(harmless) + len(harmful or ())

    def tell_from(before: int) -> Callable[[int], None]:
        return lambda n: on_progress(before + n, (before + n) / n_all)

    scores = score(policy, harmless, on_progress=tell_from(0))
    caught = None if harmful is None else score(policy, harmful, on_progress=tell_from(len(harmless)))
    threshold = choose_threshold(scores, fpr)
    return Tuned(
        fpr=fpr,
        allowed=_allowed(scores.n, fpr),
        threshold=threshold,
        harmless=scores,
        false_positives=wilson(scores.blocked(threshold), scores.n),
        as_a_whole=_as_a_whole(policy, harmless, threshold),
        harmful=caught,
        recall=None if caught is None else wilson(caught.blocked(threshold), caught.n),
        bands=_bands(scores, caught, fpr),
    )


def score(
    policy: Policy, requests: Iterable[Conversation], *, on_progress: Callable[[int], None] = lambda _: None
) -> Scores:
    """Read the probability of harm of requests as the input rail does: in every view, the strongest of them.

    What is said before the last question is not scored by a threshold, since what the rail makes of it depends on it.
    """
    guard = Guard(replace(policy, intent=_unblocking(policy.intent)))
    harm: list[float] = []
    n_blocked = n_escalated = 0
    for number, asked in enumerate(requests, 1):
        seen = guard.see(asked)
        if seen.decision.action == "escalate":
            n_escalated += 1
        elif seen.decision.action == "block" and not _is_by_threshold(seen.decision):
            n_blocked += 1
        else:
            harm.append(seen.harm or 0.0)
        if number % _TELL_EVERY == 0:
            on_progress(number)
    return Scores(tuple(sorted(harm)), n_blocked, n_escalated)


def choose_threshold(scores: Scores, fpr: float) -> float | None:
    """Choose by the rule that heads this module; None where no threshold keeps the rate."""
    room = _allowed(scores.n, fpr) - scores.n_blocked
    if room < 0:
        return None
    if room >= len(scores.harm):
        return STEP
    step = max(1, math.floor(scores.harm[-room - 1] * _STEPS))
    while step <= _STEPS and scores.at_least(step / _STEPS) > room:
        step += 1
    return step / _STEPS if step <= _STEPS else None


def _allowed(n: int, fpr: float) -> int:
    """Round down, without losing a request to the arithmetic of fractions: 0.07 * 100 is 7."""
    return math.floor(fpr * n + 1e-9)


def _unblocking(limits: Thresholds) -> Thresholds:
    """Give thresholds under which the classifier is asked and hardly blocks, so that what blocks is something else."""
    known = Thresholds() if limits == OFF else limits
    return replace(known, block=1.0, clarify=None)


def _is_by_threshold(decision: Decision) -> bool:
    return decision.rule in _BY_CLASSIFIER and decision.score is not None


def _as_a_whole(policy: Policy, harmless: Sequence[Conversation], threshold: float | None) -> Estimate:
    """Count what a guard with the threshold blocks."""
    limits = _unblocking(policy.intent)
    suspect = limits.suspect if threshold is None or limits.suspect is None else min(limits.suspect, threshold)
    guard = Guard(replace(policy, intent=replace(limits, block=threshold, suspect=suspect)))
    return wilson(sum(guard.decide(asked).action == "block" for asked in harmless), len(harmless))


def _bands(harmless: Scores, harmful: Scores | None, fpr: float) -> tuple[Band, ...]:
    """Give what two thresholds do, for the rate and for parts and multiples of it; what comes out the same is given once."""
    wanted: list[tuple[float, float | None]] = [(fpr, None), (fpr / 10, fpr), (fpr, 2 * fpr), (fpr, 5 * fpr)]
    bands: dict[tuple[float, float | None], Band] = {}
    for block_rate, ask_rate in wanted:
        block = choose_threshold(harmless, block_rate)
        clarify = None if ask_rate is None else choose_threshold(harmless, ask_rate)
        if block is None or (ask_rate is not None and (clarify is None or clarify >= block)):
            continue
        bands.setdefault((block, clarify), _band(block, clarify, harmless, harmful))
    return tuple(bands.values())


def _band(block: float, clarify: float | None, harmless: Scores, harmful: Scores | None) -> Band:
    def blocked(scores: Scores) -> Estimate:
        return wilson(scores.blocked(block), scores.n)

    def asked(scores: Scores) -> Estimate:
        between = 0 if clarify is None else scores.at_least(clarify) - scores.at_least(block)
        return wilson(between, scores.n)

    return Band(
        block,
        clarify,
        blocked(harmless),
        asked(harmless),
        None if harmful is None else blocked(harmful),
        None if harmful is None else asked(harmful),
    )
