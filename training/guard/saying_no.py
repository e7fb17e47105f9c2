"""Train the glance at replies, `demur.guard.rails.saying_no`, on what was written for the judge; measure it on what was kept back.

python training/guard/saying_no.py
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from demur.guard.rails import saying_no
from demur.guard.rails.saying_no import N_FEATURES, features_of

_REPLIES = Path(__file__).parents[1] / "judge"
_OUT = Path(saying_no.__file__).with_suffix(".npz")
_OUTCOMES = {"comply": False, "clarify": False, "partial": True, "refuse": True}
_PENALTY = 0.1
"""Of the squared weights; from .03 to .3 the measure below does not change by more than a hundredth."""


class _Reply(NamedTuple):
    text: str
    says_no: bool
    is_kept_back: bool


def _read_replies() -> list[_Reply]:
    replies = []
    for path in sorted(_REPLIES.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if isinstance(row.get("r"), str) and row.get("o") in _OUTCOMES:
                is_kept_back = "test" in path.stem or "final" in path.stem
                replies.append(_Reply(row["r"], _OUTCOMES[row["o"]], is_kept_back))
    return replies


def _matrix(replies: Sequence[_Reply]) -> csr_matrix:
    found = [sorted(features_of(reply.text)) for reply in replies]
    ends = np.cumsum([0, *map(len, found)])
    values = np.concatenate([np.full(len(some), 1 / math.sqrt(max(1, len(some)))) for some in found])
    return csr_matrix((values, np.concatenate([np.array(some, int) for some in found]), ends), (len(found), N_FEATURES))


def _fit(told: csr_matrix, says_no: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
    """Fit a logistic regression with a penalty on the squared weights."""
    sign = np.where(says_no, 1.0, -1.0)

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, bias = parameters[:-1], parameters[-1]
        margin = sign * (told @ weights + bias)
        pull = -sign / (1 + np.exp(margin))
        gradient = np.append(told.T @ pull + _PENALTY * weights, pull.sum())
        return float(np.logaddexp(0, -margin).sum() + _PENALTY / 2 * weights @ weights), gradient

    found = minimize(loss, np.zeros(N_FEATURES + 1), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return found.x[:-1], float(found.x[-1])


def main() -> None:
    """Train, write, measure."""
    replies = _read_replies()
    taught = [reply for reply in replies if not reply.is_kept_back]
    kept_back = [reply for reply in replies if reply.is_kept_back]
    weights, bias = _fit(_matrix(taught), np.array([reply.says_no for reply in taught]))
    np.savez_compressed(_OUT, allow_pickle=False, weights=weights.astype(np.float16), bias=np.float32(bias))
    likelihood = np.array([saying_no.likelihood_of_no(reply.text) for reply in kept_back])
    says_no = np.array([reply.says_no for reply in kept_back])
    print(f"trained on {len(taught):,} replies, measured on {len(kept_back):,}")
    for limit in (0.2, 0.3, 0.4, 0.5):
        found = likelihood >= limit
        print(
            f"from {limit}: finds {found[says_no].mean():.3f} of {says_no.sum():,}, and {found[~says_no].mean():.3f} of the others"
        )


if __name__ == "__main__":
    main()
