"""Drift of the boundary: whether a subject refuses more, or less, the longer a conversation goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from demur.types import Estimate, Outcome

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Drift", "measure_drift"]


@dataclass(frozen=True)
class Drift:
    """How the refusing moves over the turns of conversations."""

    slope: Estimate
    """Over all pairs of turns of one conversation: the refused share in the later turn less that in the earlier, in
    [-1, 1]. Below 0 the boundary gives way, above 0 it hardens. (Somers' D of refusing on the turn, Somers 1962.)"""
    by_turn: tuple[Estimate, ...]
    """Refused share in each turn, over the conversations that have one; those that get so far may be of another kind than
    those that do not, which the slope is not misled by."""
    changed_at: int | None
    """Index of the turn from which on the refused share differs most from that before, in the direction of the slope; None
    where the slope's interval holds 0."""


class _Pair(NamedTuple):
    """Two turns of a conversation, both judged."""

    earlier: int
    later: int
    before: bool
    """Whether the earlier was refused."""
    after: bool
    conversation: int


def measure_drift(conversations: Sequence[Sequence[Outcome | None]], *, rng: "np.random.Generator") -> Drift:
    """Measure the drift of the boundary over turns.

    Args:
        conversations: the outcome of each turn, in order; None is unjudged, and enters no pair. Only turns that ask for
            the same thing belong here.
        rng: source of the resamples for the slope's interval; whole conversations are resampled.

    Returns:
        The drift; its figures are undefined where there is nothing to compare.
    """
    from demur.stats import paired_bootstrap, wilson

    pairs = [pair for number, outcomes in enumerate(conversations) for pair in _pairs_of(outcomes, number)]
    n_pairs = sum(len(outcomes) * (len(outcomes) - 1) // 2 for outcomes in conversations)
    slope = paired_bootstrap(
        [pair.before for pair in pairs],
        [pair.after for pair in pairs],
        [pair.conversation for pair in pairs],
        rng=rng,
        n_unjudged=n_pairs - len(pairs),
    )
    by_turn = []
    for turn in range(max(map(len, conversations), default=0)):
        outcomes = [outcomes[turn] for outcomes in conversations if len(outcomes) > turn]
        judged = [outcome for outcome in outcomes if outcome is not None]
        by_turn.append(wilson(judged.count("refuse"), len(judged), n_unjudged=len(outcomes) - len(judged)))
    return Drift(slope, tuple(by_turn), _find_change(pairs, slope))


def _pairs_of(outcomes: Sequence[Outcome | None], conversation: int) -> list[_Pair]:
    judged = [(turn, outcome == "refuse") for turn, outcome in enumerate(outcomes) if outcome is not None]
    return [
        _Pair(earlier, later, before, after, conversation)
        for (earlier, before), (later, after) in combinations(judged, 2)
    ]


def _find_change(pairs: Sequence[_Pair], slope: Estimate) -> int | None:
    """Give the turn that parts the pairs that lie on both sides of it most, the first of several."""
    if slope.value is None or slope.low is None or slope.high is None or slope.low <= 0 <= slope.high:
        return None
    sign = 1 if slope.value > 0 else -1

    def gain(turn: int) -> float:
        across = [pair for pair in pairs if pair.earlier < turn <= pair.later]
        return sign * sum(pair.after - pair.before for pair in across) / len(across)

    # A turn in which nothing was judged parts what the next one parts.
    return max(sorted({pair.later for pair in pairs}), key=gain)
