"""Adaptive group testing: which members of a group make something happen, in few tests.

A test is of a subset, and says whether it fires. The property is taken to be monotone: what holds a set that fires fires. A minimal set
that fires is found by bisection over prefixes, member by member, from the last to the first (QuickXplain, Junker 2004; delta debugging
by bisection, Zeller and Hildebrandt 2002; for several sets that each suffice, generalised binary splitting, Hwang 1972). A set of one
takes about log2 of the group's size in tests; each further member or set takes that once more.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

__all__ = ["MOST_MEMBERS", "Fires", "FoundSets", "find_sets"]

Members = tuple[int, ...]

Fires = Callable[[Sequence[Members]], Sequence[bool]]
"""Tests some subsets at once, each by its members' numbers, and says of each whether it fires."""

MOST_MEMBERS = 4
"""Of one set: what hangs on more than that hangs on no particular members."""


class FoundSets(NamedTuple):
    """What a search found."""

    sets: tuple[Members, ...]
    """Minimal sets that fire, disjoint, in the order in which they were found, the members of each in order."""
    n_tests: int
    is_complete: bool
    """Whether what is left is known not to fire; False where the tests ran out, or no small set was found."""


class _SpentError(Exception):
    """There is no test left."""


class _Tester:
    """Tests within a limit."""

    def __init__(self, fires: Fires, most_tests: int) -> None:
        self._fires = fires
        self._most = most_tests
        self.n = 0

    def __call__(self, subsets: Sequence[Members]) -> Sequence[bool]:
        if self.n + len(subsets) > self._most:
            raise _SpentError
        self.n += len(subsets)
        return self._fires([tuple(sorted(subset)) for subset in subsets])


def find_sets(n: int, fires: Fires, *, most_tests: int, n_at_once: int = 1) -> FoundSets:
    """Find disjoint minimal sets that fire, until what is left does not.

    Args:
        n: size of the group, at least 1; the whole of it is known to fire.
        fires: makes the tests.
        most_tests: that may be made in all.
        n_at_once: tests of a step of the bisection; more of them cost more tests in all, and fewer steps.
    """
    tester = _Tester(fires, most_tests)
    sets: list[Members] = []
    left: Members = tuple(range(n))
    try:
        while left and (not sets or tester([left])[0]):
            found = _find_minimal(left, tester, n_at_once)
            if not found:
                return FoundSets(tuple(sets), tester.n, is_complete=False)
            sets.append(tuple(sorted(found)))
            left = tuple(member for member in left if member not in found)
    except _SpentError:
        return FoundSets(tuple(sets), tester.n, is_complete=False)
    return FoundSets(tuple(sets), tester.n, is_complete=True)


def _find_minimal(pool: Members, tester: _Tester, n_at_once: int) -> Members:
    """Give a minimal set that fires out of a pool that does; empty if it has too many members."""
    kept: Members = ()
    while len(kept) < MOST_MEMBERS:
        place = _find_last(kept, pool, tester, n_at_once)
        kept, pool = (*kept, pool[place]), pool[:place]
        if not pool or tester([kept])[0]:
            return kept
    return ()


def _find_last(kept: Members, pool: Members, tester: _Tester, n_at_once: int) -> int:
    """Give the place of the member with which the prefix of a pool, together with what is kept, begins to fire."""
    low, high = 0, len(pool)
    while high - low > 1:
        cuts = sorted({low + (high - low) * step // (n_at_once + 1) for step in range(1, n_at_once + 1)} - {low})
        for cut, is_firing in zip(cuts, tester([(*kept, *pool[:cut]) for cut in cuts]), strict=True):
            if is_firing:
                high = cut
                break
            low = cut
    return high - 1
