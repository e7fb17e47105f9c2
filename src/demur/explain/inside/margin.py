"""How far a prompt is from being answered: the steering margin.

The least share of the refusal direction that has to be taken from a refused prompt until it is no longer refused. A small one is a marginal
refusal, a large one a deep one. Measured on harmless prompts alone, in memory.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.candidate import Place
from demur.explain.inside.effect import Score, score_with
from demur.explain.inside.network import Network
from demur.explain.inside.prompt import Prompt

__all__ = ["FARTHEST", "measure_margins"]

FARTHEST = 2.0
"""Most that is taken, in lengths of the difference in means."""
_STEPS = 8

Floats = NDArray[np.float64]


def measure_margins(
    network: Network, score: Score, prompts: Sequence[Prompt], before: Floats, *, place: Place, vector: Floats
) -> list[float | None]:
    """Find how much of a direction has to be taken from each prompt, by eight steps in one pass and a straight line between two.

    Args:
        network: what is asked.
        score: how much it is about to refuse.
        prompts: harmless ones.
        before: their scores as they are, shape (prompts,).
        place: where the direction is.
        vector: the difference in means, shape (width,); from where prompts are answered to where they are refused.

    Returns:
        In lengths of the difference: 0 for one that the score has answered already; None where two lengths are not enough.
    """
    if not prompts:
        return []
    shares = np.linspace(0, FARTHEST, _STEPS + 1)
    vectors = -shares[1:, None] * vector
    after = score_with(network, score, prompts, layers=[place.layer] * _STEPS, vectors=vectors)
    return [_cross(shares, scores) for scores in np.vstack([before[None], after]).T]


def _cross(shares: Floats, scores: Floats) -> float | None:
    below = np.flatnonzero(scores <= 0)
    if not len(below):
        return None
    end = int(below[0])
    if end == 0:
        return 0.0
    start = end - 1
    share = scores[start] / (scores[start] - scores[end])
    return float(shares[start] + share * (shares[end] - shares[start])) if np.isfinite(share) else float(shares[end])
