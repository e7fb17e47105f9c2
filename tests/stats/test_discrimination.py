"""Item-rest correlations: they are what the textbook formula gives, and nothing where there is nothing to tell."""

import numpy as np
import pytest
from scipy.stats import pearsonr, pointbiserialr

from demur.stats.discrimination import item_rest_correlations


def test_it_is_the_corrected_item_total_correlation():
    """Of complete scores, each value is Pearson's correlation of the item with the total less the item."""
    rng = np.random.default_rng(3)
    table = rng.random((6, 9))
    found = item_rest_correlations(dict(enumerate(table.tolist())))
    for item in range(6):
        assert found[item] == pytest.approx(pearsonr(table[item], table.sum(axis=0) - table[item])[0])


def test_of_right_and_wrong_it_is_point_biserial():
    """Where an item is right or wrong, the value is the point-biserial correlation, by its own formula too."""
    item, rest = [0, 0, 1, 1, 1], [0.1, 0.4, 0.5, 0.7, 0.9]
    found = item_rest_correlations({"item": item, "rest": rest})["item"]
    assert found == pytest.approx(pointbiserialr(item, rest)[0])
    right, wrong = np.array(rest)[2:], np.array(rest)[:2]
    assert found == pytest.approx((right.mean() - wrong.mean()) / np.std(rest) * np.sqrt(3 / 5 * 2 / 5))


def test_henryssons_correction_formula():
    """It equals (r s_t - s_x) / sqrt(s_x^2 + s_t^2 - 2 r s_x s_t), which corrects the plain item-total correlation."""
    table = np.array([[0, 1, 1, 0, 1], [0, 1, 0, 0, 1], [1, 1, 1, 0, 1], [0, 0, 1, 0, 1]], dtype=float)
    total = table.sum(axis=0)
    found = item_rest_correlations({n: row.tolist() for n, row in enumerate(table)})
    for n, row in enumerate(table):
        r, s_x, s_t = np.corrcoef(row, total)[0, 1], row.std(), total.std()
        assert found[n] == pytest.approx((r * s_t - s_x) / np.sqrt(s_x**2 + s_t**2 - 2 * r * s_x * s_t))


@pytest.mark.parametrize(
    "scores",
    [
        {"item": [0, 1], "rest": [0, 1]},
        {"item": [1, 1, 1], "rest": [0, 1, 1]},
        {"item": [0, 1, 1], "rest": [1, 1, 1]},
        {"item": [0, 1, 1]},
        {"item": [0, 1, 1, None], "rest": [0, None, 1, 1]},
        {"item": [0.1, 0.1, 0.1], "rest": [0.3, 0.1, 0.2]},
    ],
    ids=["two subjects", "item the same", "rest the same", "no rest", "no common rest", "rounding"],
)
def test_what_is_undefined_is_none(scores):
    """Too few subjects, no variance and no rest give no number."""
    assert item_rest_correlations(scores)["item"] is None


def test_a_subject_that_lacks_the_item_is_left_out():
    """Only those that have the item count, and only the rest that all of these have."""
    scores = {"item": [0, 1, 1, None], "rest": [0.2, 0.6, 0.9, 0.0], "partial": [None, 1, 0, 0]}
    assert item_rest_correlations(scores)["item"] == pytest.approx(pearsonr([0, 1, 1], [0.2, 0.6, 0.9])[0])
