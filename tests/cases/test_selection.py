"""Claims about drawing a smaller set."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demur.cases import select
from demur.errors import UsageError
from demur.types import Case, Turn


def make(number, expect="comply", kind=None, twin=None):
    """Make a case with a number for its id."""
    return Case(id=str(number), turns=(Turn("user", f"q{number}"),), expect=expect, kind=kind, twin=twin)


def pairs(count):
    """``count`` twin pairs: harmless i answers harmful i + count."""
    return [make(i, twin=str(i + count)) for i in range(count)] + [
        make(i + count, "refuse", "safety", twin=str(i)) for i in range(count)
    ]


def strata(cases):
    """Count cases by what they expect."""
    return Counter((case.expect, case.kind) for case in cases)


def test_order_is_kept_and_the_draw_repeats():
    """The same seed draws the same cases in their original order; another seed draws others."""
    cases = pairs(50)
    drawn = select(cases, limit=20, seed=3)
    assert drawn == select(cases, limit=20, seed=3)
    assert drawn != select(cases, limit=20, seed=4)
    assert list(drawn) == [case for case in cases if case in drawn]


def test_a_known_draw():
    """The draw is pinned, so that a change of it is seen."""
    assert [case.id for case in select(pairs(5), limit=4, seed=0)] == PINNED


PINNED = ["2", "4", "7", "9"]


def test_shares_are_proportional():
    """With whole quotas every stratum gets exactly its share."""
    cases = [make(i) for i in range(60)]
    cases += [make(i, "refuse", "safety") for i in range(60, 90)]
    cases += [make(i, "refuse", "scope") for i in range(90, 100)]
    assert strata(select(cases, limit=20, seed=0)) == {
        ("comply", None): 12,
        ("refuse", "safety"): 6,
        ("refuse", "scope"): 2,
    }


def test_both_sides_survive_a_small_limit():
    """Two cases are one of each side, though all harmless cases together are fewer than either kind of harmful ones."""
    cases = [make(0)]
    cases += [make(i, "refuse", "safety") for i in range(1, 500)]
    cases += [make(i, "refuse", "scope") for i in range(500, 900)]
    cases += [make(i, "clarify") for i in range(900, 1800)]
    assert {case.expect for case in select(cases, limit=2, seed=0)} == {"comply", "refuse"}
    assert len(strata(select(cases, limit=4, seed=0))) == 4


def test_twins_stay_together():
    """Where shares are equal, every drawn case comes with its twin."""
    drawn = {case.id: case for case in select(pairs(40), limit=30, seed=1)}
    assert len(drawn) == 30
    assert all(case.twin in drawn for case in drawn.values())


def test_a_twin_outside_the_set_is_no_obstacle():
    """A case whose twin is missing is drawn alone."""
    cases = [make(i, twin=f"gone-{i}") for i in range(9)]
    assert len(select(cases, limit=4, seed=0)) == 4


def test_nothing_to_do_and_nothing_to_draw():
    """A limit that is not reached keeps everything; a limit below 1 is a usage error."""
    assert select(pairs(3), limit=6, seed=0) == tuple(pairs(3))
    with pytest.raises(UsageError, match="limit is 0"):
        select(pairs(3), limit=0, seed=0)


@settings(max_examples=60)
@given(
    sizes=st.lists(st.integers(0, 12), min_size=4, max_size=4),
    twins=st.integers(0, 12),
    limit=st.integers(1, 60),
    seed=st.integers(0, 2**32),
)
def test_any_draw_is_exact(sizes, twins, limit, seed):
    """Whatever the sizes: as many cases as asked for or there are, no repeats, each stratum within one of its quota."""
    kinds = [("comply", None), ("refuse", "safety"), ("refuse", "scope"), ("clarify", None)]
    cases = pairs(twins)
    for size, (expect, kind) in zip(sizes, kinds, strict=True):
        cases += [make(len(cases) + i, expect, kind) for i in range(size)]
    drawn = select(cases, limit=limit, seed=seed)
    assert len(drawn) == len(set(drawn)) == min(limit, len(cases))
    total = strata(cases)
    for stratum, count in strata(drawn).items():
        quota = len(drawn) * total[stratum] / len(cases)
        assert count <= max(quota + 1, 1)
    if limit >= len(total):
        assert set(strata(drawn)) == set(total)
