"""Texts as vectors: what a text has, weighed by how few others have it (TF-IDF, Salton and Buckley 1988), and their cosines."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Row", "TfIdf"]


class Row(NamedTuple):
    """What one text has."""

    known: Sequence[int]
    """Numbers of its features; one that occurs twice is there twice."""
    n_unknown: int = 0
    """Features that have no number."""


class TfIdf:
    """Vectors of texts, with weights fitted to some of them.

    A feature that occurs t times in a text weighs (1 + ln t) ln((1 + n) / (1 + d))^2, with d of the n texts fitted having
    it; one that is not known counts as one that none of them has. The square departs from the source: without it the
    words that most requests begin with outweigh what is asked for (docs/contamination.md).
    """

    def __init__(self, rows: Sequence[Row], *, n_features: int) -> None:
        self._n_features = n_features
        held_by = np.bincount(self._count(rows).indices, minlength=n_features)
        self._weights = np.log((1 + len(rows)) / (1 + held_by)) ** 2
        self._weight_of_unknown = np.log(1 + len(rows)) ** 2

    def embed(self, rows: Sequence[Row]) -> Any:
        """Give the vector of each text, of length 1 with what is not known, as a sparse matrix of shape (n_texts, n_features)."""
        from scipy.sparse import diags_array

        matrix = self._count(rows)
        matrix.data = (1 + np.log(matrix.data)) * self._weights[matrix.indices]
        unknown = self._weight_of_unknown**2 * np.array([row.n_unknown for row in rows], dtype=np.float64)
        lengths = np.sqrt((matrix * matrix).sum(axis=1) + unknown)
        return diags_array(1 / np.where(lengths > 0, lengths, 1)) @ matrix

    @staticmethod
    def cosines(vectors: Any, others: Any) -> NDArray[np.float64]:
        """Give the cosine of each vector with each of the others, in [0, 1], shape (n_vectors, n_others)."""
        cosines: NDArray[np.float64] = (vectors @ others.T).toarray()
        return np.minimum(cosines, 1.0)  # rounding

    def _count(self, rows: Sequence[Row]) -> Any:
        from scipy.sparse import csr_array

        ends = np.cumsum([0, *(len(row.known) for row in rows)])
        indices = np.fromiter((feature for row in rows for feature in row.known), dtype=np.int64, count=int(ends[-1]))
        counts = csr_array((np.ones(len(indices)), indices, ends), shape=(len(rows), self._n_features))
        counts.sum_duplicates()
        return counts
