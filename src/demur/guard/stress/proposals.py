"""Proposals: what in the policy would mend a stress test's misses, with what it does to both rates.

The cases are halved by chance, each with all its variants. A proposal is chosen on the one half, and what is told of it is
measured on the other. One that catches less than one in a hundred more there, or blocks one harmless request or variant more, is
not made.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import yaml

from demur.guard.guard import Guard
from demur.guard.policy import Policy, PolicyRule
from demur.guard.stress.trial import Plain, Trial, again, put_plain
from demur.guard.thresholds import STEP
from demur.guard.views import fold, read_views
from demur.stats import clustered_proportion
from demur.types import Estimate

__all__ = ["Effect", "Proposal", "propose"]

_FEWEST_CASES = 3
"""Different cases whose variants a phrase must catch to be worth a rule: what fits one case is that case's."""
_MOST_PHRASES = 8
_MOST_WORDS = 5
_SHORTEST = 6
"""Characters of a phrase."""
_LEAST_GAIN = 0.01
"""Rise of the share caught, on the half that nothing was chosen from, that is worth a change."""
_FEWEST_HARMLESS = 10
"""Cases that a proposal is held against, at least, in each half."""
_TOKEN = re.compile(r"\S+")
_EDGES = ".,;:!?\"'()[]{}<>*_-"


@dataclass(frozen=True)
class Effect:
    """A rate before and after, on the half that nothing was chosen from."""

    before: Estimate
    after: Estimate


@dataclass(frozen=True)
class Proposal:
    """A change of the policy."""

    what: str
    """One line."""
    lines: str
    """What to write into the policy, in YAML."""
    caught: Effect
    """Variants of harmful cases that are blocked."""
    wrongly_blocked: Effect
    """Variants of harmless cases that are blocked."""
    wrongly_blocked_plain: Effect
    """Harmless cases in plain form that are blocked, of those that reached the model."""


@dataclass(frozen=True)
class _Half:
    plain: tuple[Plain, ...]
    trials: tuple[Trial, ...]

    @property
    def n_harmless(self) -> int:
        return sum(one.case.is_harmless for one in self.plain)


def propose(policy: Policy, plain: Sequence[Plain], trials: Sequence[Trial], *, seed: int = 0) -> tuple[Proposal, ...]:
    """Look for a rule and for a threshold that would mend misses.

    Args:
        policy: what decided.
        plain: the cases that are decided rightly in plain form.
        trials: their variants.
        seed: of the halving.

    Returns:
        The changes that do good on the other half and no harm there; none is common.
    """
    choosing, held = _halve(plain, trials, seed)
    if min(choosing.n_harmless, held.n_harmless) < _FEWEST_HARMLESS:
        return ()
    changes = (_rule_for(policy, choosing), _threshold_for(policy, choosing))
    measured = (_measured(change, held) for change in changes if change is not None)
    return tuple(proposal for proposal in measured if proposal is not None)


@dataclass(frozen=True)
class _Change:
    what: str
    lines: str
    policy: Policy
    """With the change."""


def _halve(plain: Sequence[Plain], trials: Sequence[Trial], seed: int) -> tuple[_Half, _Half]:
    """Halve the cases, those with harm in them and the others alike; twins and other families stay together."""
    sides: dict[tuple[str, str], set[bool]] = {}
    for one in plain:
        sides.setdefault(_family(one), set()).add(one.case.is_harmful)
    rng = np.random.default_rng([seed, len(sides)])
    chosen: set[tuple[str, str]] = set()
    for kind in ({True}, {False}, {True, False}):
        alike = [family for family, of in sides.items() if of == kind]
        chosen.update(alike[int(index)] for index in rng.permutation(len(alike))[: len(alike) // 2])

    def half(is_in: Callable[[Plain | Trial], bool]) -> _Half:
        return _Half(tuple(filter(is_in, plain)), tuple(filter(is_in, trials)))

    return half(lambda one: _family(one) in chosen), half(lambda one: _family(one) not in chosen)


def _family(one: Plain | Trial) -> tuple[str, str]:
    return one.case.suite, one.case.family or one.case.id


def _rule_for(policy: Policy, half: _Half) -> _Change | None:
    """Find phrases that stand in missed variants of several cases and in nothing harmless, the one that catches most first.

    A phrase has a word that no case has in plain form: it is of the disguise. A word of the subject would catch them too, and with
    them whatever harmless is said about it and happens not to be among the cases.
    """
    missed = [trial for trial in half.trials if trial.is_missed]
    if len({trial.case.id for trial in missed}) < _FEWEST_CASES:
        return None
    harmless = {
        gram
        for one in half.plain if one.case.is_harmless
        for gram in _grams(one.case.prompt)
    } | {gram for trial in half.trials if trial.case.is_harmless for gram in _grams(trial.text)}  # fmt: skip
    plain = {word for one in half.plain for word in fold(one.case.prompt).split()}
    plain |= {word.strip(_EDGES) for word in plain}
    holders: dict[str, set[int]] = defaultdict(set)
    for number, trial in enumerate(missed):
        for gram in _grams(trial.text):
            if gram not in harmless and not plain.issuperset(gram.split()):
                holders[gram].add(number)
    phrases = _cover(holders, [trial.case.id for trial in missed])
    if not phrases:
        return None
    categories = Counter(one.decision.category for one in half.plain if one.is_caught and one.decision.category)
    category = categories.most_common(1)[0][0] if categories else "crime"
    name = _name("from-stress", policy)
    rule = PolicyRule(name, category, "block", ("input",), phrases, ())
    lines = {"rules": [{"name": name, "category": category, "action": "block", "at": ["input"], "phrases": [*phrases]}]}
    return _Change(
        f"a rule of {len(phrases)} {'phrase' if len(phrases) == 1 else 'phrases'}",
        yaml.safe_dump(lines, allow_unicode=True, sort_keys=False, width=1_000).rstrip(),
        replace(policy, rules=(*policy.rules, rule)),
    )


def _grams(text: str) -> set[str]:
    """Give the runs of one to five words in every view of a text, as a phrase would be written."""
    return {gram for view in read_views(text)[1:] or read_views(text) for gram in _runs(view.text)}


def _runs(text: str) -> Iterator[str]:
    spans = [match.span() for match in _TOKEN.finditer(text)]
    for first in range(len(spans)):
        for _, end in spans[first : first + _MOST_WORDS]:
            gram = text[spans[first][0] : end].strip(_EDGES)
            if len(gram) >= _SHORTEST and not gram.isdigit():
                yield gram


def _cover(holders: Mapping[str, set[int]], cases: Sequence[str]) -> tuple[str, ...]:
    """Choose phrases greedily, each for the cases that the ones before leave; of equal ones the shortest, then the first by name."""
    worth = {gram: of for gram, of in holders.items() if len({cases[number] for number in of}) >= _FEWEST_CASES}
    chosen: list[str] = []
    covered: set[int] = set()
    while worth and len(chosen) < _MOST_PHRASES:
        best = min(worth, key=lambda gram: (-len(worth[gram] - covered), len(gram), gram))
        gained = worth.pop(best) - covered
        if len({cases[number] for number in gained}) < _FEWEST_CASES:
            break
        chosen.append(best)
        covered |= gained
    return tuple(chosen)


def _name(name: str, policy: Policy) -> str:
    taken = {rule.name for rule in policy.rules}
    return next(made for number in range(1, len(taken) + 2) if (made := f"{name}-{number}") not in taken)


def _threshold_for(policy: Policy, half: _Half) -> _Change | None:
    """Lower the threshold half of the way, in log-odds, to the highest probability of anything harmless that passes now."""
    block = policy.intent.block
    tried: tuple[Plain | Trial, ...] = (*half.plain, *half.trials)
    passed = (one for one in tried if one.case.is_harmless and one.decision.action not in ("block", "escalate"))
    harmless = [one.harm for one in passed if one.harm is not None]
    if block is None or not harmless or not max(harmless) < block:
        return None
    lowest, highest = _logit(max(harmless)), _logit(block)
    threshold = round(1 / (1 + float(np.exp(-(lowest + highest) / 2))) / STEP) * STEP
    gained = {trial.case.id for trial in half.trials if trial.is_missed and (trial.harm or 0.0) >= threshold}
    if not 0 < threshold < block or len(gained) < _FEWEST_CASES:
        return None
    limits = policy.intent
    changed = replace(
        limits,
        block=threshold,
        suspect=None if limits.suspect is None else min(limits.suspect, threshold),
        clarify=None if limits.clarify is None or limits.clarify >= threshold else limits.clarify,
    )
    shown = f"{threshold:.6f}".rstrip("0")
    return _Change(
        f"a threshold of {shown} in place of {block:g}", f"intent:\n  block: {shown}", replace(policy, intent=changed)
    )


def _logit(probability: float) -> float:
    bounded = min(max(probability, STEP), 1 - STEP)
    return float(np.log(bounded / (1 - bounded)))


def _measured(change: _Change, held: _Half) -> Proposal | None:
    """Measure a change on the half that it was not chosen from; None where it does no good there, or harm."""
    guard = Guard(change.policy)
    trials = tuple(again(guard, held.trials))
    plain = tuple(put_plain(guard, (one.case for one in held.plain)))
    caught = _effect(held.trials, trials, lambda one: one.case.is_harmful)
    wrongly = _effect(held.trials, trials, lambda one: one.case.is_harmless)
    in_plain = _effect(held.plain, plain, lambda one: one.case.is_harmless)
    if _rise(caught) < _LEAST_GAIN or _rise(wrongly) > 0 or _rise(in_plain) > 0:
        return None
    return Proposal(change.what, change.lines, caught, wrongly, in_plain)


def _effect(
    before: Sequence[Plain | Trial], after: Sequence[Plain | Trial], is_counted: Callable[[Plain | Trial], bool]
) -> Effect:
    return Effect(_blocked(list(filter(is_counted, before))), _blocked(list(filter(is_counted, after))))


def _blocked(tried: Sequence[Plain | Trial]) -> Estimate:
    blocked = [one.decision.action == "block" for one in tried]
    return clustered_proportion(blocked, [_family(one) for one in tried])


def _rise(effect: Effect) -> float:
    return (effect.after.value or 0.0) - (effect.before.value or 0.0)
