"""Claims about counts, yes-or-no outcomes and families."""

import numpy as np
import pytest

from demur.stats.observations import as_binary, check_count, check_successes, group


@pytest.mark.parametrize("value", [-1, 0.5, float("nan"), float("inf"), np.float64(2.5)])
def test_counts_are_whole_and_not_negative(value):
    """A fraction, a negative number or NaN is no count."""
    with pytest.raises(ValueError, match="trials is"):
        check_count("trials", value)


@pytest.mark.parametrize("value", [0, 3, 3.0, np.int64(3)])
def test_whole_numbers_of_any_type_are_counts(value):
    """Whole numbers pass, numpy's and whole floats too."""
    check_count("trials", value)


def test_more_successes_than_observations_are_impossible():
    """Three successes in two observations are refused, with both numbers named."""
    with pytest.raises(ValueError, match="successes is 3 of n 2"):
        check_successes(3, 2, 0)


@pytest.mark.parametrize("value", [None, float("nan"), 2, "yes"])
def test_a_missing_answer_is_no_outcome(value):
    """What is neither true nor false is refused with its position, not read as false."""
    with pytest.raises(ValueError, match=r"after\[1\]"):
        as_binary("after", [True, value])


def test_families_are_summed_whatever_their_labels():
    """Members of one family are added up although they stand apart and their labels are of different types."""
    families = group(as_binary("x", [True, False, True, True]), ["a", 7, "a", None])
    assert families.totals.tolist() == [2, 0, 1]
    assert families.sizes.tolist() == [2, 1, 1]
    assert families.mean == 0.75


def test_every_outcome_needs_a_family():
    """Two outcomes and one label are refused."""
    with pytest.raises(ValueError, match="2 outcomes and 1 clusters"):
        group(np.array([1, 0]), ["a"])
