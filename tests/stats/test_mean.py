"""Means of numbers that are no rates."""

import numpy as np
import pytest
from scipy import stats

from demur.stats.mean import student


def test_the_interval_is_that_of_student():
    """Mean and interval are those of scipy's t distribution."""
    values = [0.3, -1.2, 2.2, 0.9, 0.1]
    found = student(values)
    low, high = stats.t.interval(0.95, 4, loc=np.mean(values), scale=stats.sem(values))
    assert (found.value, found.low, found.high, found.n) == pytest.approx((np.mean(values), low, high, 5))


def test_one_value_has_no_interval():
    """Of a single value nobody knows how it varies."""
    with pytest.raises(ValueError, match="two at least"):
        student([1.0])
