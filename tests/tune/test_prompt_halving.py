"""How a budget is spent."""

from itertools import chain, pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from prompt_cases import pair

from demur.errors import UsageError
from demur.tune.prompts.halving import FEWEST_A_SIDE, FEWEST_TO_SEARCH, plan_budget, plan_rounds
from demur.tune.prompts.splitting import count_sides

FAMILIES = tuple(pair(number) for number in range(60))
WRAPPED = tuple(pair(1000 + number) for number in range(10))


@given(st.integers(1, 5000), st.integers(FEWEST_A_SIDE, 60))
def test_what_is_planned_fits_the_budget(budget, n):
    """Whatever the budget, check and rounds together stay within it, a third of the search is left over, and both sides are there."""
    try:
        planned = plan_budget(budget, FAMILIES[:n], WRAPPED)
    except UsageError:
        assume(False)
    asked = list(chain.from_iterable((*planned.held_out, *planned.wrapped)))
    assert planned.n_check == 2 * len(asked) <= budget
    assert planned.n_check + planned.n_search == budget
    assert planned.n_search >= FEWEST_TO_SEARCH
    assert min(count_sides(planned.held_out)) >= FEWEST_A_SIDE
    assert not planned.wrapped or len(planned.held_out) == n
    rounds = plan_rounds(planned.n_search, FAMILIES)
    cost = rounds[0].n_candidates * rounds[0].n_cases
    cost += sum(now.n_candidates * (now.n_cases - before.n_cases) for before, now in pairwise(rounds))
    assert cost <= planned.n_search - planned.n_search // 3
    assert all(before.n_candidates >= now.n_candidates >= 2 for before, now in pairwise(rounds))
    assert all(before.n_cases <= now.n_cases <= 120 for before, now in pairwise(rounds))
    assert rounds[0].n_candidates >= 4
    assert rounds[0].n_cases >= 8


def test_more_budget_tries_more_prompts_on_more_cases():
    """A thousand replies try fourteen prompts, and the finalists meet on most of the cases."""
    rounds = plan_rounds(800, FAMILIES[:50])
    assert [candidates for candidates, _ in rounds] == [14, 7, 4]
    assert [cases for _, cases in rounds] == [12, 37, 81]


def test_a_budget_that_is_too_small_is_one_line_with_one_that_is_not():
    """The least budget that is named is enough, and one reply less is not."""
    with pytest.raises(
        UsageError, match=r"found 100 replies; expected at least 224, 80 of them for 20 held-out cases a side"
    ):
        plan_budget(100, FAMILIES, WRAPPED)
    assert plan_budget(224, FAMILIES, WRAPPED).n_check == 80
    with pytest.raises(UsageError):
        plan_budget(223, FAMILIES, WRAPPED)


def test_families_too_large_for_the_first_round_are_one_line():
    """Where the first family alone is more than the first round has room for, that is said."""
    large = tuple(chain.from_iterable(pair(number) for number in range(30)))
    with pytest.raises(UsageError, match="give a larger --budget"):
        plan_rounds(144, (large,))
