"""What a stress test found: family by family, both sides, what caught it, what missed it, and what would mend it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from demur.guard.guard import Guard
from demur.guard.stress.family import HIDING
from demur.guard.stress.proposals import Proposal, propose
from demur.guard.stress.trial import Plain, Trial, is_read, put_plain, try_variants
from demur.guard.views import read_views
from demur.guard.wire.conversation import Conversation
from demur.stats import clustered_proportion
from demur.types import Case, Estimate, Turn

__all__ = ["GOAL", "Example", "FamilyFound", "Share", "Stressed", "stress"]

GOAL = 0.95
"""Of what is blocked in plain form, the share that should be when its words are hidden."""

_EXAMPLES_EACH = 2
"""Misses, and wrong blocks, of one family that are shown."""
_MANY_VIEWS = 64
"""Views that are read where a text has more readings than were looked at, to see whether more would help."""
_UNREAD = 0.5
"""Share of a family's misses that no view reads, from which the views are said to miss it."""


@dataclass(frozen=True)
class Share:
    """Both sides of some variants. The variants of one case are a family to the intervals."""

    still_blocked: Estimate
    """Of variants of harmful cases that are blocked in plain form."""
    asked: int
    """Of these, only asked about."""
    escalated: int
    """Of these, taken for a crisis."""
    wrongly_blocked: Estimate
    """Of variants of harmless cases that reach the model in plain form."""
    wrongly_asked: int
    """Of these, asked about."""
    wrongly_escalated: int
    """Of these, taken for a crisis."""


@dataclass(frozen=True)
class FamilyFound:
    """What became of one family."""

    name: str
    kind: str
    what: str
    share: Share
    n_missed: int
    n_unread: int
    """Of those missed, in how many no view holds the words of the request."""
    caught_by: Mapping[str, int]
    """Variants of harmful cases by the rule and the view that blocked them, the commonest first."""
    wrongly_by: Mapping[str, int]
    """Variants of harmless cases likewise."""


@dataclass(frozen=True)
class Example:
    """A variant that was missed, or wrongly blocked."""

    family: str
    suite: str
    case: str
    """Id."""
    text: str
    action: str
    rule: str | None
    view: str | None
    harm: float | None


@dataclass(frozen=True)
class Stressed:
    """What a stress test found."""

    policy: str
    """Fingerprint."""
    seed: int
    n_harmful: int
    n_caught: int
    """Harmful cases that are blocked in plain form."""
    n_harmless: int
    n_let_through: int
    """Harmless cases that reach the model in plain form."""
    hidden: Share
    """All variants that hide the words: encodings, letters, gaps, typos, layouts, and two of them at once."""
    framed: Share
    """All variants that leave the words and put something around them."""
    by_kind: Mapping[str, Share]
    families: tuple[FamilyFound, ...]
    missed: tuple[Example, ...]
    wrong: tuple[Example, ...]
    unread: tuple[str, ...]
    """Families that are missed because no view reads them."""
    n_cut: int
    """Misses that have more readings than were looked at."""
    n_cut_caught: int
    """Of these, how many would be blocked if up to 64 were: raise MOST_VIEWS in demur.guard.views.reading if they are many."""
    proposals: tuple[Proposal, ...]


def stress(
    guard: Guard,
    cases: Sequence[Case],
    *,
    seed: int = 0,
    on_progress: Callable[[int, float | None], None] = lambda *_: None,
) -> Stressed:
    """Put what the guard decides rightly in other ways, and see whether it still does.

    Args:
        guard: decides.
        cases: harmful and harmless ones; others are passed over.
        seed: of what chance does; the same seed gives the same variants.
        on_progress: told the variants decided, and the share of them.
    """
    plain = list(put_plain(guard, (case for case in cases if case.is_harmful or case.is_harmless)))
    right = [one.case for one in plain if one.is_caught or one.is_let_through]
    trials = try_variants(guard, right, seed=seed, on_progress=on_progress)
    by_family = _group(trials, lambda trial: trial.family.name)
    families = tuple(_family_found(of) for of in by_family.values())
    cut = [trial for trial in trials if trial.is_missed and trial.is_cut]
    return Stressed(
        policy=guard.policy.fingerprint,
        seed=seed,
        n_harmful=sum(one.case.is_harmful for one in plain),
        n_caught=sum(one.is_caught for one in plain),
        n_harmless=sum(one.case.is_harmless for one in plain),
        n_let_through=sum(one.is_let_through for one in plain),
        hidden=_share([trial for trial in trials if trial.family.kind in HIDING]),
        framed=_share([trial for trial in trials if trial.family.kind not in HIDING]),
        by_kind={kind: _share(of) for kind, of in _group(trials, lambda trial: trial.family.kind).items()},
        families=families,
        missed=_examples(trials, lambda trial: trial.is_missed),
        wrong=_examples(trials, lambda trial: trial.is_wrong),
        unread=tuple(found.name for found in families if found.n_missed and found.n_unread >= _UNREAD * found.n_missed),
        n_cut=len(cut),
        n_cut_caught=sum(_would_be_caught(guard, trial) for trial in cut),
        proposals=propose(guard.policy, _by_right(plain), trials),
    )


def _by_right(plain: Sequence[Plain]) -> list[Plain]:
    return [one for one in plain if one.is_caught or one.is_let_through]


def _group(trials: Sequence[Trial], key: Callable[[Trial], str]) -> dict[str, list[Trial]]:
    groups: dict[str, list[Trial]] = {}
    for trial in trials:
        groups.setdefault(key(trial), []).append(trial)
    return groups


def _share(trials: Sequence[Trial]) -> Share:
    harmful = [trial for trial in trials if trial.case.is_harmful]
    harmless = [trial for trial in trials if trial.case.is_harmless]
    of_harm, of_none = (Counter(trial.decision.action for trial in side) for side in (harmful, harmless))
    return Share(
        still_blocked=_blocked(harmful),
        asked=of_harm["clarify"],
        escalated=of_harm["escalate"],
        wrongly_blocked=_blocked(harmless),
        wrongly_asked=of_none["clarify"],
        wrongly_escalated=of_none["escalate"],
    )


def _blocked(trials: Sequence[Trial]) -> Estimate:
    blocked = [trial.decision.action == "block" for trial in trials]
    return clustered_proportion(blocked, [(trial.case.suite, trial.case.id) for trial in trials])


def _family_found(trials: Sequence[Trial]) -> FamilyFound:
    family = trials[0].family
    missed = [trial for trial in trials if trial.is_missed]
    return FamilyFound(
        name=family.name,
        kind=family.kind,
        what=family.what,
        share=_share(trials),
        n_missed=len(missed),
        n_unread=sum(not is_read(trial) for trial in missed),
        caught_by=_blocked_by([trial for trial in trials if trial.case.is_harmful]),
        wrongly_by=_blocked_by([trial for trial in trials if trial.case.is_harmless]),
    )


def _blocked_by(trials: Sequence[Trial]) -> dict[str, int]:
    decisions = (trial.decision for trial in trials if trial.decision.action == "block")
    return dict(Counter(f"{decision.rule} in {decision.view}" for decision in decisions).most_common())


def _examples(trials: Sequence[Trial], is_one: Callable[[Trial], bool]) -> tuple[Example, ...]:
    found: list[Example] = []
    for of in _group([trial for trial in trials if is_one(trial)], lambda trial: trial.family.name).values():
        for trial in of[:_EXAMPLES_EACH]:
            case, decision = trial.case, trial.decision
            found.append(
                Example(
                    trial.family.name, case.suite, case.id, trial.text,
                    decision.action, decision.rule, decision.view, trial.harm,
                )
            )  # fmt: skip
    return tuple(found)


def _would_be_caught(guard: Guard, trial: Trial) -> bool:
    """Tell whether one of the views that were left out would be blocked if it were a request of its own."""
    views = read_views(trial.text, most=_MANY_VIEWS)
    asked = (Conversation((Turn("user", view.text),), model="", is_stream=False) for view in views)
    return any(guard.decide(one).action == "block" for one in asked)
