"""How well a judge detects something that people labelled: one yes or no against another, every figure with its interval."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from demur.stats import Confusion, clustered_kappa, clustered_proportion, tabulate
from demur.types import Estimate

__all__ = ["Detection", "detect"]

YES, NO = "yes", "no"


@dataclass(frozen=True)
class Detection:
    """Agreement of a judge's yes or no with people's."""

    table: Confusion
    """Rows are people's labels, columns the judge's: yes, no."""
    accuracy: Estimate
    """Replies on which both say the same."""
    kappa: Estimate
    """Agreement beyond chance, in [-1, 1]."""
    sensitivity: Estimate
    """People's yes that the judge finds; recall."""
    specificity: Estimate
    """People's no that the judge leaves."""
    precision: Estimate
    """The judge's yes that is people's too."""
    f1: Estimate
    """Harmonic mean of precision and recall; n counts the replies for which either says yes."""

    def __post_init__(self) -> None:
        """Raise ValueError unless the table is one of yes and no."""
        if self.table.labels != (YES, NO):
            raise ValueError(f"labels are {self.table.labels}; expected {YES} and {NO}")


class _Pair(NamedTuple):
    truth: bool
    call: bool | None
    family: Hashable


_Test = Callable[[_Pair], bool]


def detect(truths: Sequence[bool], calls: Sequence[bool | None], families: Sequence[Hashable]) -> Detection:
    """Compare a judge's calls with people's.

    Args:
        truths: what people say of each reply.
        calls: what the judge says in the same order; None where it does not.
        families: replies that share one, such as answers to one prompt, are not independent: the intervals respect it.

    Raises:
        ValueError: the lengths differ.
    """
    pairs = [_Pair(*one) for one in zip(truths, calls, families, strict=True)]
    words = {True: YES, False: NO}
    table = tabulate(
        [words[truth] for truth in truths],
        [None if call is None else words[call] for call in calls],
        labels=(YES, NO),
    )
    accuracy = _share(pairs, lambda _: True, lambda pair: pair.call == pair.truth)
    return Detection(
        table=table,
        accuracy=accuracy,
        kappa=clustered_kappa(table, accuracy),
        sensitivity=_share(pairs, lambda pair: pair.truth, lambda pair: pair.call is True),
        specificity=_share(pairs, lambda pair: not pair.truth, lambda pair: pair.call is False),
        precision=_share(pairs, lambda pair: pair.call is True, lambda pair: pair.truth),
        f1=_f1(
            _share(pairs, lambda pair: pair.truth or pair.call is True, lambda pair: pair.truth and pair.call is True)
        ),
    )


def _share(pairs: Sequence[_Pair], belongs: _Test, is_hit: _Test) -> Estimate:
    ours = [pair for pair in pairs if belongs(pair)]
    judged = [pair for pair in ours if pair.call is not None]
    return clustered_proportion(
        [is_hit(pair) for pair in judged],
        [pair.family for pair in judged],
        n_unjudged=len(ours) - len(judged),
    )


def _f1(overlap: Estimate) -> Estimate:
    """Carry a proportion and its bounds over: F1 = 2 J / (1 + J), with J the yes of both among the yes of either."""
    value, low, high = (None if j is None else 2 * j / (1 + j) for j in (overlap.value, overlap.low, overlap.high))
    return Estimate(value, low, high, overlap.n, overlap.n_unjudged, f"{overlap.method}, of the overlap")
