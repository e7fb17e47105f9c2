"""What taking a direction out does to prompts that are refused without need, and adding one to prompts that are answered: tried on the model, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.effect import Score
from demur.explain.inside.network import Network, batches
from demur.explain.inside.prompt import Prompt
from demur.steering.move import Condition, Move, Place
from demur.steering.steered import steered

__all__ = ["Trial", "always", "choose", "score_under"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Trial:
    """One way to take false refusals out, and what it does where the gate lets through."""

    layer: int
    """Of the first edit; it is done at every block from there on."""
    orthogonal: float
    """Lambda: the share of the part along true refusal that is left alone, from 0 to 1."""
    gain: float
    cosine: float
    """Between false refusals and true ones."""
    passed: float
    """Share of the harmless refused prompts that the gate lets through, and..."""
    released: float
    """... of those, share that is no longer refused, on prompts that the direction was not found on."""
    error: float
    """Standard error of that share."""
    n: int
    """Prompts it was tried on."""

    @property
    def reach(self) -> float:
        """Share of false refusals that is taken back."""
        return self.passed * self.released


def always(layer: int, width: int) -> Condition:
    """Make a condition that always holds, for trials of what a gate has let through already."""
    nothing = np.zeros((1, width))
    return Condition("always", (Place(-1, layer),), nothing, nothing, 1.0)


def score_under(network: Network, score: Score, prompts: Sequence[Prompt], moves: Sequence[Move]) -> Floats:
    """Score prompts while the model is steered, shape (prompts,)."""
    scores = np.empty(len(prompts))
    for batch in batches(len(prompt.tokens) for prompt in prompts):
        asked = [prompts[index] for index in batch]
        with steered(network.model, moves, network.mask([prompt.tokens for prompt in asked])):
            scores[batch] = score(asked)
    return scores


def choose(trials: Sequence[Trial]) -> Trial | None:
    """Choose the mildest of the trials that reach as far as the farthest, within a standard error.

    Mild is first a great lambda, since what is along true refusal is left alone then; then a small gain, then a late layer.
    """
    if not trials:
        return None
    best = max(trials, key=lambda trial: trial.reach)
    as_good = [trial for trial in trials if trial.reach >= best.reach - best.error * best.passed]
    return max(as_good, key=lambda trial: (trial.orthogonal, -trial.gain, trial.layer))
