"""Sums and maxima over groups of rows, against numpy's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demur.judge.local.groups import Groups

COUNTS = st.lists(st.integers(1, 30), min_size=1, max_size=12)


@given(COUNTS, st.sampled_from([1, 2, 4, 8]), st.integers(0, 99))
def test_groups_are_folded_as_numpy_folds_them(counts, block, seed):
    """Whatever the sizes of groups and blocks, the maximum is numpy's to the bit and the sum to rounding."""
    counts = np.array(counts)
    rows = np.random.default_rng(seed).normal(size=(counts.sum(), 3)).astype(np.float32)
    groups = Groups(counts, block)
    assert (groups.strongest(rows) == np.maximum.reduceat(rows, groups.first)).all()
    assert groups.total(rows) == pytest.approx(np.add.reduceat(rows, groups.first), abs=1e-4)
    assert groups.log_sum(rows) == pytest.approx(np.logaddexp.reduceat(rows, groups.first), abs=1e-4)


@given(COUNTS)
def test_steps_go_through_every_row_once(counts):
    """Step by step, from the front or from the back, each row is met once."""
    groups = Groups(np.array(counts), 4)
    rows = np.arange(sum(counts)).tolist()
    forth = [row for step, there in enumerate(groups.steps) for row in groups.first[there] + step]
    back = [row for step, there in enumerate(groups.steps) for row in groups.last[there] - step]
    assert sorted(forth) == sorted(back) == rows
