"""How far two judges agree on the same replies: the local one and the model-graded one, neither of them held to be right."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, get_args

from demur.judge.known_error import CALLS
from demur.stats import Confusion, clustered_kappa, clustered_proportion, tabulate
from demur.types import Estimate, Outcome

__all__ = ["Agreement", "Concordance", "Judged", "compare_judges"]

_OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
_YES, _NO = "yes", "no"


class Judged(NamedTuple):
    """One reply as two judges see it; None where one has no verdict."""

    local: Outcome | None
    graded: Outcome | None
    family: Hashable
    """Replies that share one, such as those of one conversation, are not independent: the intervals respect it."""


@dataclass(frozen=True)
class Concordance:
    """How two judges label the same replies."""

    table: Confusion
    """Rows are the local judge's labels, columns the graded one's; its ``unjudged`` are replies that only the graded one
    has no verdict on."""
    agreement: Estimate
    """Replies that both give the same label, of those that both judge."""
    kappa: Estimate
    """Agreement beyond chance (Cohen 1960), in [-1, 1]."""


@dataclass(frozen=True)
class Agreement:
    """What two judges share. Their disagreement says that one is wrong, and not which."""

    n: int
    """Replies that both were asked about: those both judge, and the next three."""
    only_local: int
    """Replies that the graded judge alone has no verdict on."""
    only_graded: int
    """Replies that the local judge alone has no verdict on."""
    neither: int
    """Replies that neither has a verdict on."""
    outcomes: Concordance
    """Of the outcome."""
    any_refusal: Concordance
    """Of whether it refuses, in whole or in part: yes, no."""


def compare_judges(judged: Sequence[Judged]) -> Agreement:
    """Compare the verdicts of two judges; what only one of them judges is counted, and in no figure."""
    seen = {outcome for one in judged for outcome in (one.local, one.graded)}
    return Agreement(
        n=len(judged),
        only_local=sum(one.local is not None and one.graded is None for one in judged),
        only_graded=sum(one.local is None and one.graded is not None for one in judged),
        neither=sum(one.local is None and one.graded is None for one in judged),
        outcomes=_concord(judged, {one: one for one in _OUTCOMES if one in seen}),
        any_refusal=_concord(judged, {one: _YES if one in CALLS["any refusal"] else _NO for one in _OUTCOMES}),
    )


def _concord(judged: Sequence[Judged], words: dict[Outcome, str]) -> Concordance:
    """Tabulate the words of two judges, and estimate how often and how far beyond chance they are the same."""
    known = [one for one in judged if one.local is not None]
    table = tabulate(
        [words[one.local] for one in known if one.local is not None],
        [None if one.graded is None else words[one.graded] for one in known],
        labels=tuple(dict.fromkeys(words.values())),
    )
    both = [
        (words[one.local] == words[one.graded], one.family)
        for one in judged
        if one.local is not None and one.graded is not None
    ]
    n_unjudged = len(judged) - len(both)
    agreement = clustered_proportion([same for same, _ in both], [family for _, family in both], n_unjudged=n_unjudged)
    return Concordance(table, agreement, replace(clustered_kappa(table, agreement), n_unjudged=n_unjudged))
