"""Texts as weighed vectors, and their cosines."""

from math import log, sqrt

import numpy as np
import pytest

from demur.stats import Row, TfIdf

ROWS = [Row([0, 1, 1, 2]), Row([0, 2, 3]), Row([0, 4]), Row([], 3), Row([0])]


def vector_slowly(row, rows, n_features):
    """Weigh a text literally: the oracle. What is not known stands behind the features, one place an occurrence."""
    weights = [
        (1 + log(row.known.count(feature)))
        * log((1 + len(rows)) / (1 + sum(feature in one.known for one in rows))) ** 2
        if feature in row.known
        else 0.0
        for feature in range(n_features)
    ]
    weights += [log(1 + len(rows)) ** 2] * row.n_unknown
    length = sqrt(sum(weight**2 for weight in weights)) or 1.0
    return [weight / length for weight in weights][:n_features]


def test_vectors_and_cosines_are_the_formula():
    """Every vector and every cosine is what the formula gives, also for texts that were not fitted and for unknown features."""
    weights = TfIdf(ROWS, n_features=6)
    texts = [*ROWS, Row([5, 1], 2)]
    vectors = weights.embed(texts)
    slow = [vector_slowly(row, ROWS, 6) for row in texts]
    assert vectors.toarray() == pytest.approx(np.array(slow))
    cosines = TfIdf.cosines(vectors, vectors)
    for i, one in enumerate(slow):
        for j, other in enumerate(slow):
            assert cosines[i, j] == pytest.approx(sum(a * b for a, b in zip(one, other, strict=True)))


def test_a_text_with_nothing_known_is_like_nothing():
    """A vector without features is 0, and so are its cosines."""
    vectors = TfIdf(ROWS, n_features=6).embed([Row([]), Row([1])])
    assert TfIdf.cosines(vectors, vectors).tolist()[0] == [0, 0]
