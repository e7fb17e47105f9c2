"""The cases of a run in two parts: one to tune on, one to check on; a family is never parted."""

from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Literal, NamedTuple

import numpy as np

from demur.cases import WRAPPED
from demur.types import Case

__all__ = ["Counted", "Family", "Split", "count_sides", "in_balance", "split_cases", "take"]

Family = tuple[Case, ...]
"""Cases that are not independent: twins, rephrasings, translations."""

_Sides = Literal["both", "harmful", "harmless"]


class Counted(NamedTuple):
    """Cases by side."""

    harmful: int
    harmless: int


@dataclass(frozen=True)
class Split:
    """Which cases a prompt is tuned on, and which it is checked on."""

    tuning: tuple[Family, ...]
    """Single questions, in the order of `in_balance`."""
    held_out: tuple[Family, ...]
    """Likewise, of other families."""
    wrapped: tuple[Family, ...]
    """What stands in a jailbreak wrapper, of families that are not tuned on."""
    n_left_out: int
    """Cases that are of no use here: of neither side, drills, with a system prompt of their own, copies,
    or wrapped ones whose family is tuned on."""


def split_cases(cases: Sequence[Case], *, rng: np.random.Generator) -> Split:
    """Split cases by family into halves that are alike in sides and categories.

    Args:
        cases: as they were before the subject's system prompt was put before them.
        rng: decides which half a family is in.
    """
    suites = {case.suite for case in cases}
    useful = [case for case in cases if _is_useful(case) and not (_is_copy(case) and "library" in suites)]
    families = _group(useful)
    singles = [family for family in (_part(family, is_single=True) for family in families) if family]
    tuning, held_out = _halve(singles, rng)
    tuned_on = {_key(case) for case in chain.from_iterable(tuning)}
    wrapped = [
        _part(family, is_single=False) for family in families if not any(_key(case) in tuned_on for case in family)
    ]
    used = [*tuning, *held_out, *wrapped]
    return Split(
        tuning=in_balance(tuning, rng=rng),
        held_out=in_balance(held_out, rng=rng),
        wrapped=tuple(family for family in wrapped if family),
        n_left_out=len(cases) - sum(map(len, used)),
    )


def in_balance(families: Sequence[Family], *, rng: np.random.Generator) -> tuple[Family, ...]:
    """Put families in a random order whose every beginning has as many cases of one side as of the other, as far as there are both.

    Families that have both sides come first; categories come by turns.
    """
    queues: dict[_Sides, deque[Family]] = {
        sides: deque(_by_category([family for family in families if _sides(family) == sides], rng))
        for sides in ("both", "harmful", "harmless")
    }
    ordered: list[Family] = []
    lead = 0  # of harmful cases over harmless ones
    while any(queues.values()):
        lagging: Sequence[_Sides] = ("harmless", "both", "harmful") if lead > 0 else ("harmful", "both", "harmless")
        wanted = lagging if lead else ("both", "harmful", "harmless")
        ordered.append(next(queues[sides] for sides in wanted if queues[sides]).popleft())
        harmful, harmless = count_sides(ordered[-1:])
        lead += harmful - harmless
    return tuple(ordered)


def take(families: Sequence[Family], room: int) -> tuple[Family, ...]:
    """Take the longest beginning that has no more than so many cases."""
    taken, n = [], 0
    for family in families:
        n += len(family)
        if n > room:
            break
        taken.append(family)
    return tuple(taken)


def count_sides(families: Iterable[Family]) -> Counted:
    """Count the cases of either side."""
    cases = list(chain.from_iterable(families))
    return Counted(sum(case.is_harmful for case in cases), sum(case.is_harmless for case in cases))


def _is_useful(case: Case) -> bool:
    return case.drill is None and case.system is None and (case.is_harmful or case.is_harmless)


def _is_copy(case: Case) -> bool:
    """Whether it is one of the plain cases that the wrapped suite takes from the library."""
    return case.suite == WRAPPED and case.is_single


def _halve(families: Sequence[Family], rng: np.random.Generator) -> tuple[list[Family], list[Family]]:
    """Deal families out by turns, those of one sort one after the other."""
    strata: dict[tuple[str, str], list[Family]] = defaultdict(list)
    for family in families:
        strata[_sides(family), _category(family)].append(family)
    dealt = [strata[name][place] for name in sorted(strata) for place in rng.permutation(len(strata[name]))]
    return dealt[1::2], dealt[::2]


def _by_category(families: Sequence[Family], rng: np.random.Generator) -> list[Family]:
    shuffled = [families[place] for place in rng.permutation(len(families))]
    by_category: dict[str, list[Family]] = defaultdict(list)
    for family in shuffled:
        by_category[_category(family)].append(family)
    rounds = zip_longest(*by_category.values())
    return [family for families_of_round in rounds for family in families_of_round if family is not None]


def _sides(family: Family) -> _Sides:
    harmful, harmless = count_sides([family])
    return "both" if harmful and harmless else "harmful" if harmful else "harmless"


def _category(family: Family) -> str:
    return min(case.category or "" for case in family)


def _part(family: Family, *, is_single: bool) -> Family:
    return tuple(case for case in family if case.is_single == is_single)


def _group(cases: Sequence[Case]) -> list[Family]:
    """Group cases that are of one family, by its name in whatever suite, or twins; in the order in which they come."""
    root: dict[Hashable, Hashable] = {}

    def find(name: Hashable) -> Hashable:
        while root.setdefault(name, name) != name:
            name = root[name]
        return name

    for case in cases:
        if case.family is not None:
            root[find(_key(case))] = find(("family", case.family))
        if case.twin is not None:
            root[find(_key(case))] = find((case.suite, case.twin))
    families: dict[Hashable, list[Case]] = defaultdict(list)
    for case in cases:
        families[find(_key(case))].append(case)
    return [tuple(family) for family in families.values()]


def _key(case: Case) -> Hashable:
    return case.suite, case.id
