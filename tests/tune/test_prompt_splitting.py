"""The split into cases to tune on and cases to check on."""

from dataclasses import replace
from itertools import chain

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from prompt_cases import pair, pairs

from demur.plan import plan_cases
from demur.tune.prompts.splitting import count_sides, in_balance, split_cases, take
from demur.types import Turn


def split(cases, seed=0):
    """Split cases."""
    return split_cases(cases, rng=np.random.default_rng(seed))


@given(st.integers(1, 40), st.integers(0, 9), st.randoms())
def test_twins_never_part(n, seed, random):
    """However the cases lie, those of a family, and twins that name no family, are on one side of the split."""
    cases = [replace(case, family=None) if random.random() < 0.5 else case for case in pairs(n)]
    random.shuffle(cases)
    found = split(cases, seed)
    sides = {case.id: False for case in chain.from_iterable(found.tuning)}
    sides |= {case.id: True for case in chain.from_iterable(found.held_out)}
    assert len(sides) == len(cases)
    assert all(sides[case.id] == sides[case.twin] for case in cases)


def test_the_halves_are_alike_in_sides_and_categories():
    """Of the library's families of every sort and category either half has as many, give or take one."""
    found = split(plan_cases("library").cases)
    one, other = count_sides(found.tuning), count_sides(found.held_out)
    assert abs(one.harmful - other.harmful) <= 3
    assert abs(one.harmless - other.harmless) <= 3
    for category in {case.category for family in found.held_out for case in family}:
        n = [sum(family[0].category == category for family in half) for half in (found.tuning, found.held_out)]
        assert abs(n[0] - n[1]) <= 2


def test_the_split_is_the_seeds():
    """The same seed gives the same split, another one another."""
    cases = pairs(30)
    assert split(cases, 1) == split(cases, 1)
    assert split(cases, 1) != split(cases, 2)


def test_what_a_prompt_cannot_change_is_left_out():
    """Cases with a system prompt of their own, of neither side, and drills are counted and not used."""
    cases = pairs(10)
    with_own = replace(cases[0], turns=(Turn("system", "You sell shoes."), *cases[0].turns))
    others = (
        replace(cases[2], expect="clarify"),
        replace(cases[4], expect="refuse", kind="scope"),
        replace(cases[6], drill="d"),
    )
    found = split([with_own, cases[1], others[0], cases[3], others[1], cases[5], others[2], *cases[7:]])
    used = set(chain.from_iterable((*found.tuning, *found.held_out, *found.wrapped)))
    assert not used & {with_own, *others}
    assert (len(used), found.n_left_out) == (16, 4)


def test_wrapped_cases_are_held_out_with_their_family_or_not_at_all():
    """What stands in a wrapper is never tuned on, and is not used where its plain family is."""
    plain = pairs(10)
    wrapped = [replace(case, id=f"{case.id}@w", twin=None, suite="wrapped", wrapper="w") for case in plain]
    found = split([*plain, *wrapped])
    tuned_on = {case.family for case in chain.from_iterable(found.tuning)}
    assert all(case.wrapper is None for case in chain.from_iterable((*found.tuning, *found.held_out)))
    assert {case.family for case in chain.from_iterable(found.wrapped)} == {case.family for case in plain} - tuned_on


def test_the_library_is_not_asked_twice():
    """The plain cases that the wrapped suite takes from the library count once where both were asked."""
    found = split(plan_cases(["library", "wrapped"]).cases)
    assert {case.suite for case in chain.from_iterable((*found.tuning, *found.held_out))} == {"library"}
    assert {case.suite for case in chain.from_iterable(found.wrapped)} == {"wrapped"}
    alone = split(plan_cases("wrapped").cases)
    assert {case.suite for case in chain.from_iterable(alone.tuning)} == {"wrapped"}


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12), st.integers(0, 5))
def test_every_beginning_has_both_sides(n_pairs, n_harmful, n_harmless, seed):
    """While there are cases of either side left, no beginning has two more of one side than of the other."""
    families = [pair(number) for number in range(n_pairs)]
    families += [(pair(100 + number)[1],) for number in range(n_harmful)]
    families += [(pair(200 + number)[0],) for number in range(n_harmless)]
    ordered = in_balance(families, rng=np.random.default_rng(seed))
    assert sorted(ordered, key=repr) == sorted(families, key=repr)
    for n in range(n_pairs + 2 * min(n_harmful, n_harmless)):
        harmful, harmless = count_sides(ordered[:n])
        assert abs(harmful - harmless) <= 1


def test_whole_families_are_taken_while_there_is_room():
    """A family that does not fit ends what is taken."""
    families = [pair(number) for number in range(5)]
    assert take(families, 5) == tuple(families[:2])
    assert take(families, 100) == tuple(families)
    assert take(families, 1) == ()
