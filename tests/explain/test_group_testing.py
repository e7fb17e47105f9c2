"""Group testing: planted sets are found, in few tests, and nothing more."""

from itertools import combinations
from math import ceil, log2

import pytest

from demur.explain.group_testing import MOST_MEMBERS, find_sets


def counting(rule):
    """Make a test of subsets that notes what it was asked."""
    asked = []

    def fires(subsets):
        asked.extend(subsets)
        return [rule(set(subset)) for subset in subsets]

    return fires, asked


@pytest.mark.parametrize("n", [1, 2, 7, 40])
@pytest.mark.parametrize("n_at_once", [1, 3])
def test_one_member_is_found_wherever_it_stands(n, n_at_once):
    """A single member that makes the difference is found, and that there is no other."""
    for planted in range(n):
        fires, asked = counting(lambda kept, planted=planted: planted in kept)
        found = find_sets(n, fires, most_tests=100, n_at_once=n_at_once)
        assert found == (((planted,),), len(asked), True)


def test_one_of_forty_takes_log2_of_forty_tests_and_two():
    """Bisection, a test of the member alone, and one of everything else."""
    worst = 0
    for planted in range(40):
        fires, asked = counting(lambda kept, planted=planted: planted in kept)
        find_sets(40, fires, most_tests=100)
        worst = max(worst, len(asked))
    assert worst <= ceil(log2(40)) + 2


def test_two_that_each_suffice_are_found_in_16_tests():
    """Each of two members is a set of its own."""
    for planted in combinations(range(0, 40, 3), 2):
        fires, asked = counting(lambda kept, planted=planted: bool(kept & set(planted)))
        found = find_sets(40, fires, most_tests=100)
        assert sorted(found.sets) == [(one,) for one in planted]
        assert found.is_complete
        assert len(asked) <= 16


def test_members_that_only_act_together_are_one_set():
    """What takes all of several members is found as one minimal set, as a search of all subsets would find it."""
    for size in range(2, MOST_MEMBERS + 1):
        for planted in combinations(range(8), size):
            fires, _ = counting(lambda kept, planted=planted: set(planted) <= kept)
            assert find_sets(8, fires, most_tests=100).sets == (planted,)


def test_every_set_found_is_minimal():
    """Of a rule that mixes both, each set fires, and loses that with any member taken away."""

    def rule(kept):
        return {1, 5} <= kept or {9} <= kept or {2, 7, 11} <= kept

    found = find_sets(12, counting(rule)[0], most_tests=200)
    assert sorted(found.sets) == [(1, 5), (2, 7, 11), (9,)]
    for members in found.sets:
        assert rule(set(members))
        assert not any(rule(set(members) - {member}) for member in members)


def test_the_limit_holds_and_is_said():
    """With fewer tests than it takes nothing is claimed to be complete, and no more tests are made."""
    for most in range(7):
        fires, asked = counting(lambda kept: 17 in kept)
        found = find_sets(40, fires, most_tests=most)
        assert len(asked) == found.n_tests <= most
        assert not found.is_complete


def test_what_hangs_on_many_members_is_no_set():
    """What needs more members than a set may have is given up, not named."""
    fires, _ = counting(lambda kept: len(kept) == 12)
    found = find_sets(12, fires, most_tests=200)
    assert found.sets == ()
    assert not found.is_complete
