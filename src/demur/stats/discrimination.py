"""Item discrimination: whether who does well on one item does well on the rest."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np

__all__ = ["item_rest_correlations"]

_FEWEST = 3
"""Subjects; the correlation of two is always 1 or -1."""
_NOTHING = 1e-12
"""A spread below this is rounding."""


def item_rest_correlations(scores: Mapping[Hashable, Sequence[float | None]]) -> dict[Hashable, float | None]:
    """Correlate the scores of each item with those on the rest of the items (corrected item-total correlation).

    r = cov(x, t - x) / (s(x) s(t - x)), with x the subjects' scores on the item and t - x their mean on the others; taking the item
    out of the total removes the correlation of the item with itself (Henrysson 1963, Psychometrika 28, 211-218). Where x is 0 or 1
    this is the point-biserial correlation.

    The rest are the other items that all subjects have who have this one, so that no subject is measured on easier ones. Henrysson
    assumes that nothing is missing.

    Args:
        scores: of each item, a score in [0, 1] for each subject in the same order; None where the subject has none.

    Returns:
        For each item the correlation in [-1, 1]; None with fewer than three subjects, without a rest, or if one of the two
        does not vary.
    """
    return {item: _correlate(item, scores) for item in scores}


def _correlate(item: Hashable, scores: Mapping[Hashable, Sequence[float | None]]) -> float | None:
    having = [index for index, score in enumerate(scores[item]) if score is not None]
    rest = [
        [row[index] for index in having]
        for other, row in scores.items()
        if other != item and all(row[index] is not None for index in having)
    ]
    if len(having) < _FEWEST or not rest:
        return None
    one = np.array([scores[item][index] for index in having], dtype=np.float64)
    others = np.array(rest, dtype=np.float64).mean(axis=0)
    if one.std() < _NOTHING or others.std() < _NOTHING:
        return None
    return float(np.clip(np.corrcoef(one, others)[0, 1], -1.0, 1.0))
