"""How a budget of replies is spent: successive halving, many candidates on few cases, then the better half on more.

Each round has the same share of the budget and keeps half of the candidates (sequential halving, Karnin, Koren and Somekh 2013; for
choosing prompts, Shi et al. 2024, arXiv 2402.09723). Two deviations: all candidates of a round are asked the same cases, those of the
rounds before among them, so that they are compared in pairs; and there are three rounds however many candidates there are, so that
several finalists are left for the shortest to be chosen from.
"""

from typing import NamedTuple

from demur.errors import UsageError
from demur.tune.prompts.splitting import Family, count_sides, take

__all__ = ["FEWEST_A_SIDE", "FEWEST_TO_SEARCH", "Budget", "Round", "plan_budget", "plan_rounds"]

FEWEST_A_SIDE = 20
"""Held-out cases of either side: with fewer, hardly any change is more than chance."""

_ROUNDS = 3
_FEWEST, _ENOUGH, _MOST = 4, 8, 32
"""Candidates: at least, before they are asked more than the fewest cases, and at most."""
_FEWEST_CASES, _ENOUGH_CASES = 8, 12
"""Cases of the first round: at least, and before there are more candidates than enough."""
_FINALISTS = 2
_PRUNING = 3
"""One part in so many of the search is for leaving out what is not needed."""
FEWEST_TO_SEARCH = _ROUNDS * _FEWEST * _FEWEST_CASES * _PRUNING // (_PRUNING - 1)
"""Replies without which there is no search."""


class Budget(NamedTuple):
    """What the replies are for."""

    held_out: tuple[Family, ...]
    """Asked twice: before and after."""
    wrapped: tuple[Family, ...]
    """Likewise."""
    n_check: int
    """Replies for the two."""
    n_search: int
    """All the others."""


class Round(NamedTuple):
    """One round of the search."""

    n_candidates: int
    n_cases: int
    """On which they are compared, those of the rounds before among them."""


def plan_budget(budget: int, held_out: tuple[Family, ...], wrapped: tuple[Family, ...]) -> Budget:
    """Divide a budget: at most half of it for the check on held-out cases, which is asked twice, the rest for the search.

    Wrapped cases are taken while there is room after the plain ones.

    Raises:
        UsageError: that is too little for 20 held-out cases a side and a search.
    """
    n_fewest = _fewest_cases(held_out)
    least = max(4 * n_fewest, 2 * n_fewest + FEWEST_TO_SEARCH)
    if budget < least:
        raise UsageError(
            f"budget: found {budget} replies; expected at least {least}, {2 * n_fewest} of them for {FEWEST_A_SIDE} held-out cases a side, "
            "before and after; give a larger --budget"
        )
    room = min(budget // 4, (budget - FEWEST_TO_SEARCH) // 2)
    plain = take(held_out, room)
    extra = take(wrapped, room - sum(map(len, plain)))
    n_check = 2 * sum(map(len, (*plain, *extra)))
    return Budget(plain, extra, n_check, budget - n_check)


def _fewest_cases(families: tuple[Family, ...]) -> int:
    """Count the cases of the shortest beginning that has enough of both sides."""
    n = len(families)
    while n and min(count_sides(families[: n - 1])) >= FEWEST_A_SIDE:
        n -= 1
    return sum(map(len, families[:n]))


def plan_rounds(n_search: int, families: tuple[Family, ...]) -> tuple[Round, ...]:
    """Plan the rounds of a search.

    Args:
        n_search: replies for it; a third is kept for leaving out blocks.
        families: cases to tune on, in the order in which they are asked.

    Raises:
        UsageError: that is too little for a first round with both sides.
    """
    n_cases = sum(map(len, families))
    share = (n_search - n_search // _PRUNING) // _ROUNDS
    n_candidates = min(max(share // _ENOUGH_CASES, min(share // _FEWEST_CASES, _ENOUGH), _FEWEST), _MOST)
    rounds, reached = [], 0
    for _ in range(_ROUNDS):
        reached = min(reached + share // n_candidates, n_cases)
        rounds.append(Round(n_candidates, reached))
        n_candidates = max(_FINALISTS, (n_candidates + 1) // 2)
    if not min(count_sides(take(families, rounds[0].n_cases))):
        raise UsageError(
            f"budget: leaves {rounds[0].n_cases} cases for the first round of the search, and the first families have more than that on "
            "one side; give a larger --budget"
        )
    return tuple(rounds)
