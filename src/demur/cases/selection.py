"""Selection: a smaller set drawn from a larger one so that both sides stay in it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np

from demur.errors import UsageError
from demur.types import Case

__all__ = ["select"]

_Stratum = tuple[str, str, str]


def select(cases: Sequence[Case], *, limit: int, seed: int) -> tuple[Case, ...]:
    """Draw at most ``limit`` cases at random, stratified by what they expect.

    A stratum is what one suite has of one `expect` and `kind`. Each gets its proportional share by largest remainders,
    and at least one case while ``limit`` allows: first the largest stratum to be answered and the largest to be
    refused. Twins are drawn together where the shares have room for both, because a pair says more than two strangers.
    The draw is the same on every machine with the same numpy.

    Args:
        cases: Cases with ids unique in their suites, in the order to be kept.
        limit: Most cases to return, at least 1.
        seed: Seed of the draw.

    Returns:
        min(limit, len(cases)) of the cases, in their original order.

    Raises:
        UsageError: ``limit`` is below 1.
    """
    if limit < 1:
        raise UsageError(f"limit is {limit}; expected 1 or more cases")
    if len(cases) <= limit:
        return tuple(cases)
    shares = _shares([_stratum(case) for case in cases], limit)
    units = _units(cases)
    order = [units[index] for index in np.random.default_rng(seed).permutation(len(units))]
    chosen = _fill(cases, order, shares)
    return tuple(cases[index] for index in sorted(chosen))


def _stratum(case: Case) -> _Stratum:
    return (case.expect, case.kind or "", case.suite)


def _shares(strata: Sequence[_Stratum], limit: int) -> dict[_Stratum, int]:
    """Divide the limit by largest remainders (Hamilton's method) after one each for as many strata as it reaches."""
    sizes = Counter(strata)
    ranked = _by_rank(sizes)
    shares = {stratum: int(rank < limit) for rank, stratum in enumerate(ranked)}
    rest = limit - sum(shares.values())
    quotas = {stratum: limit * sizes[stratum] / len(strata) - shares[stratum] for stratum in ranked}
    for stratum in ranked:
        whole = min(max(int(quotas[stratum]), 0), rest)
        shares[stratum] += whole
        quotas[stratum] -= whole
        rest -= whole
    # no share passes its stratum's size: limit is below the number of cases, so every quota is below its size
    for stratum in sorted(ranked, key=lambda stratum: -quotas[stratum])[:rest]:
        shares[stratum] += 1
    return shares


def _by_rank(sizes: Mapping[_Stratum, int]) -> list[_Stratum]:
    """Order strata so that any beginning of the list holds both sides if it can, then by size."""
    by_size = sorted(sizes, key=lambda stratum: (-sizes[stratum], stratum))
    sides = ("comply", "refuse")
    first = [next((stratum for stratum in by_size if stratum[0] == side), None) for side in sides]
    leaders = sorted((stratum for stratum in first if stratum is not None), key=by_size.index)
    return leaders + [stratum for stratum in by_size if stratum not in leaders]


def _units(cases: Sequence[Case]) -> list[tuple[int, ...]]:
    """Group the indices of twins; everything else stands alone."""
    index_of = {(case.suite, case.id): index for index, case in enumerate(cases)}
    units: list[tuple[int, ...]] = []
    for index, case in enumerate(cases):
        twin = index_of.get((case.suite, case.twin)) if case.twin is not None else None
        if twin is None or cases[twin].twin != case.id:
            units.append((index,))
        elif index < twin:
            units.append((index, twin))
    return units


def _fill(cases: Sequence[Case], order: Sequence[tuple[int, ...]], shares: Mapping[_Stratum, int]) -> list[int]:
    """Take whole units while every member has room, then single members of those passed over."""
    room = dict(shares)
    chosen: list[int] = []
    passed_over: list[tuple[int, ...]] = []
    for unit in order:
        strata = [_stratum(cases[index]) for index in unit]
        if all(room[stratum] >= strata.count(stratum) for stratum in strata):
            chosen.extend(unit)
            for stratum in strata:
                room[stratum] -= 1
        else:
            passed_over.append(unit)
    for index in chain.from_iterable(passed_over):
        stratum = _stratum(cases[index])
        if room[stratum] > 0:
            chosen.append(index)
            room[stratum] -= 1
    return chosen
