"""How far a state is from those of two groups, in the spread that the groups share.

The energy of a state is its Mahalanobis distance to harmless prompts that were answered, less that to harmful ones that were refused: below 0
it is like the former. The covariance is shrunk towards a multiple of the identity (Ledoit and Wolf 2004, J. Multivariate Analysis 88, 365-411), for there are
fewer prompts than numbers in a state in most models; it is inverted among whichever are fewer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["ShrunkCovariance", "fit_covariance", "measure_energy"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ShrunkCovariance:
    """(1 - shrinkage) S + shrinkage scale I, with S the covariance of the rows it was fitted on."""

    rows: Floats
    """Centred, shape (n, width)."""
    shrinkage: float
    """In [0, 1]."""
    scale: float
    """Mean variance of a number of the states."""

    def distances(self, states: Floats, mean: Floats) -> Floats:
        """Give the Mahalanobis distance of states to a mean, shape (states,).

        Args:
            states: shape (states, width).
            mean: shape (width,).
        """
        off = states - mean
        distances: Floats = np.sqrt(np.maximum(np.einsum("sw,ws->s", off, self.solve(off.T)), 0))
        return distances

    def solve(self, right: Floats) -> Floats:
        """Give the inverse of it times some columns, shape (width,) or (width, columns)."""
        ridge, share = self.shrinkage * self.scale, (1 - self.shrinkage) / len(self.rows)
        n, width = self.rows.shape
        if n > width:
            inner = ridge * np.eye(width) + share * self.rows.T @ self.rows
            return np.asarray(np.linalg.solve(inner, right), dtype=np.float64)
        # Woodbury's identity: the inverse among the rows, which are fewer than the numbers of a state.
        inner = ridge * np.eye(len(self.rows)) + share * self.rows @ self.rows.T
        solved: Floats = (right - share * self.rows.T @ np.linalg.solve(inner, self.rows @ right)) / ridge
        return solved


def fit_covariance(rows: Floats) -> ShrunkCovariance:
    """Shrink the covariance of rows by as much as is least wrong in the mean (Ledoit and Wolf 2004, section 3.3).

    Args:
        rows: centred, shape (n, width), n at least 2 and not all of them 0.
    """
    n, width = rows.shape
    gram = rows @ rows.T / n
    scale = np.trace(gram) / width
    spread = (gram**2).sum() / width - scale**2
    error = (np.diag(gram) ** 2).sum() / width - (gram**2).sum() / width / n
    shrinkage = float(np.clip(error / spread, 1e-3, 1)) if spread > 0 else 1.0
    return ShrunkCovariance(rows, shrinkage, float(scale))


def measure_energy(states: Floats, near: Floats, far: Floats) -> Floats:
    """Give the distance to the mean of one group less that to the mean of another, in their shared spread, shape (states,).

    Args:
        states: shape (states, width).
        near: of the group that is to have low energy, shape (n, width).
        far: of the other, shape (m, width).
    """
    means = near.mean(axis=0), far.mean(axis=0)
    covariance = fit_covariance(np.concatenate([near - means[0], far - means[1]]))
    return covariance.distances(states, means[0]) - covariance.distances(states, means[1])
