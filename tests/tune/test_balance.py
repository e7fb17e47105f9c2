"""Balance: both sides within a tenth, the smaller one whole, by thinning that is the same each time."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demur.tune.balance import balance, count_sides
from demur.tune.pair import FAULTS, Pair
from demur.types import Turn


def pairs_of(*counts):
    """Make so many pairs of each fault and category."""
    return [
        Pair(
            f"{fault}{category}{number}", (Turn("user", "?"),), "a", "b", fault, category=category, source=f"s:{number}"
        )
        for fault, category, n in counts
        for number in range(n)
    ]


def test_the_larger_side_is_thinned_to_a_tenth_more():
    """A side three times as large keeps a tenth more than the other, and each that goes is told with the reason."""
    kept, left_out = balance(pairs_of(("missed harm", "ncr", 30), ("right answer", "ncr", 90)))
    assert count_sides(kept) == (30, 33)
    assert len(left_out) == 57
    assert {one.why for one in left_out} == {"thinned out: 30 pairs of harmful prompts, 90 of harmless ones"}


@pytest.mark.parametrize("counts", [(0, 0), (0, 40), (40, 0), (10, 11), (33, 30)])
def test_what_is_even_or_has_no_other_side_stays(counts):
    """Sides within a tenth are left alone, and so is one that has nothing beside it."""
    pairs = pairs_of(("missed harm", "ncr", counts[0]), ("right answer", "ncr", counts[1]))
    assert balance(pairs) == (pairs, [])


def test_faults_are_the_last_to_go():
    """What mends something stays as long as there is something right to thin."""
    kept, _ = balance(pairs_of(("missed harm", "ncr", 20), ("wrong refusal", "ncr", 15), ("right answer", "prv", 40)))
    assert Counter(pair.fault for pair in kept) == {"missed harm": 20, "wrong refusal": 15, "right answer": 7}


def test_the_category_that_is_furthest_ahead_is_thinned():
    """Each category comes as near to even as can be: its name is no sign of the side."""
    kept, _ = balance(
        pairs_of(
            ("missed harm", "ncr", 10), ("missed harm", "prv", 30), ("right answer", "ncr", 50), ("right answer", "prv", 30)
        )
    )  # fmt: skip
    harmless = Counter(pair.category for pair in kept if pair.is_harmless)
    assert harmless == {"ncr": 14, "prv": 30}


COUNTS = st.lists(
    st.tuples(st.sampled_from(FAULTS), st.sampled_from([None, "ncr", "prv"]), st.integers(0, 12)),
    max_size=8,
    unique_by=lambda count: count[:2],
)


@given(counts=COUNTS, seed=st.integers(0, 3))
def test_the_smaller_side_stays_whole_and_the_rest_is_told(counts, seed):
    """Whatever there is: nothing of the smaller side goes, nothing is lost, the order stays, and a second run does the same."""
    pairs = pairs_of(*counts)
    kept, left_out = balance(pairs, seed)
    before, after = count_sides(pairs), count_sides(kept)
    assert min(after) == min(before)
    assert len(kept) + len(left_out) == len(pairs)
    assert kept == [pair for pair in pairs if pair in kept]
    assert not min(after) or after.is_even
    assert balance(pairs, seed) == (kept, left_out)


def test_another_seed_draws_others():
    """Which of a category go is drawn."""
    pairs = pairs_of(("missed harm", "ncr", 10), ("right answer", "ncr", 60))
    assert {pair.id for pair in balance(pairs, 0)[0]} != {pair.id for pair in balance(pairs, 1)[0]}
