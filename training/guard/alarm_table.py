"""The table of `demur.guard.intent.alarms`: a logistic regression on hashed runs of pieces, for a crisis, and for whom it is about."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from demur.guard.intent.alarms import N_HASHES, hashes_of
from demur.guard.intent.intent import ABOUTS
from demur.guard.intent.pieces import UNKNOWN, Pieces
from demur.guard.intent.stretches import SIZE

__all__ = ["Alarm", "fit_table", "runs_of"]

_PENALTY = 0.1
"""Of the squared weights."""


@dataclass(frozen=True)
class Alarm:
    """A text and whether it is a crisis."""

    text: str
    is_crisis: bool
    about: str | None
    weight: float


def runs_of(texts: Sequence[str], pieces: Pieces) -> csr_matrix:
    """Give how much there is of each run in each text: (texts, hashes)."""
    columns, values = [], []
    for text in texts:
        found = hashes_of(np.array(pieces.rows(text)[:SIZE] or [UNKNOWN], np.intp), text)
        columns.append(np.concatenate(found))
        values.append(np.concatenate([np.full(len(some), len(some) ** -0.5) for some in found]))
    ends = np.cumsum([0, *map(len, columns)])
    runs = csr_matrix((np.concatenate(values), np.concatenate(columns), ends), (len(texts), N_HASHES))
    runs.sum_duplicates()
    return runs


def fit_table(alarms: Sequence[Alarm], pieces: Pieces) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fit the table, (hashes, 1 and those of `ABOUTS`), and the bias of each column."""
    runs = runs_of([alarm.text for alarm in alarms], pieces)
    weights = np.array([alarm.weight for alarm in alarms])
    told = np.array([alarm.about is not None for alarm in alarms])
    abouts = np.array([alarm.about for alarm in alarms if alarm.about is not None])
    fitted = [_fit(runs, np.array([alarm.is_crisis for alarm in alarms]), weights)]
    # Most crises are the writer's own: each of the others weighs as much together.
    weights = weights[told] / np.array([np.mean(abouts == about) for about in abouts])
    fitted += [_fit(runs[told], abouts == about, weights) for about in ABOUTS]
    table, biases = zip(*fitted, strict=True)
    return np.stack(table, 1).astype(np.float32), np.array(biases, np.float32)


def _fit(runs: csr_matrix, is_so: NDArray[np.bool_], weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Fit a logistic regression with a penalty on the squared weights."""
    sign = np.where(is_so, 1.0, -1.0)

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (runs @ parameters[:-1] + parameters[-1])
        pull = -sign * weights / (1 + np.exp(np.clip(margin, -50, 50)))
        gradient = np.append(runs.T @ pull + _PENALTY * parameters[:-1], pull.sum())
        return float(
            (weights * np.logaddexp(0, -margin)).sum() + _PENALTY / 2 * parameters[:-1] @ parameters[:-1]
        ), gradient

    found = minimize(loss, np.zeros(runs.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 100})
    return found.x[:-1], float(found.x[-1])
