"""How figures moved, over paired observations: difference, interval, and p values that are adjusted together."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from demur.compare.comparison import Change
from demur.scorecard.rate import proportion
from demur.stats import discordant, holm, mcnemar, paired_bootstrap

__all__ = ["Observation", "measure_changes"]


class Observation(NamedTuple):
    """Whether one sample counts towards a figure, in either run."""

    before: bool | None
    after: bool | None
    """None is unjudged."""
    family: Hashable


def measure_changes(
    observed: Mapping[tuple[str, str], Sequence[Observation]], *, seed: int
) -> dict[tuple[str, str], Change]:
    """Measure how each figure of each group moved, and adjust the p values for the number of different tests.

    Where every judged outcome of a side is one of two, "refused" is the exact complement of "answered": both figures lose
    and gain the same samples, their p values are one, and the test is counted once. Whether a third outcome occurs does not
    depend on which run comes first, so under no change the number of tests is fixed before any of them is looked at.

    Args:
        observed: the pairs of each figure, by group and figure; the figures of a group name the same samples in the same
            order where they are of the same side.
        seed: of the resamples behind the intervals.
    """
    found = {name: _change(pairs, seed) for name, pairs in observed.items()}
    test_of = {(group, figure): (group, _test_of(pairs)) for (group, figure), pairs in observed.items()}
    p_of_test = {test_of[name]: change.p for name, change in found.items()}
    adjusted = dict(zip(p_of_test, holm(list(p_of_test.values())), strict=True))
    return {name: replace(change, p_adjusted=adjusted[test_of[name]]) for name, change in found.items()}


def _test_of(pairs: Sequence[Observation]) -> Hashable:
    """Name a test by its judged pairs, whichever outcome is called yes."""
    judged = _judged(pairs)
    return frozenset((tuple(judged), tuple((not before, not after, family) for before, after, family in judged)))


def _judged(pairs: Sequence[Observation]) -> list[tuple[bool, bool, Hashable]]:
    return [(one.before, one.after, one.family) for one in pairs if one.before is not None and one.after is not None]


def _change(pairs: Sequence[Observation], seed: int) -> Change:
    import numpy as np

    judged = _judged(pairs)
    before, after = [one for one, _, _ in judged], [other for _, other, _ in judged]
    families = [family for _, _, family in judged]
    n_unjudged = len(pairs) - len(judged)
    lost, gained = discordant(before, after)
    p = mcnemar(*_families_moved(before, after, families))
    return Change(
        before=proportion(list(zip(before, families, strict=True)), n_unjudged),
        after=proportion(list(zip(after, families, strict=True)), n_unjudged),
        difference=paired_bootstrap(before, after, families, rng=np.random.default_rng(seed), n_unjudged=n_unjudged),
        lost=lost,
        gained=gained,
        p=p,
        p_adjusted=p,
    )


def _families_moved(before: Sequence[bool], after: Sequence[bool], families: Sequence[Hashable]) -> tuple[int, int]:
    """Count the families that lost on balance, and those that gained: samples of one are not independent, families are."""
    moved: dict[Hashable, int] = defaultdict(int)
    for one, other, family in zip(before, after, families, strict=True):
        moved[family] += int(other) - int(one)
    return sum(change < 0 for change in moved.values()), sum(change > 0 for change in moved.values())
