"""What is taken out of a state that refuses without need, and what is added to one that ought to refuse.

The false-refusal vector is the difference in means of harmless refused prompts and harmless answered ones, less the share lambda of its part along the
true refusal's (Wang et al. 2025, arXiv 2410.03415): w - lambda (w.r / r.r) r. At 1 nothing of true refusal is in it; at 0 it is taken as it is.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.candidate import unit
from demur.explain.inside.labels import Labels, Mask, difference
from demur.explain.inside.states import States

__all__ = ["Removal", "find_refusing", "find_removal"]

Floats = NDArray[np.float64]


class Removal(NamedTuple):
    """What is taken out at some layers."""

    vectors: Floats
    """Of length 1, shape (layers, width)."""
    origins: Floats
    """What harmless answered prompts have along them in the mean, shape (layers,)."""
    cosine: float
    """Between false refusals and true ones, each from harmless answered prompts, in the mean of the layers. Near 1 no vector can part them, and the gate alone does."""


def find_removal(
    states: States, layers: tuple[int, ...], labels: Labels, among: Mask, *, orthogonal: float
) -> Removal | None:
    """Find the false-refusal vector where a reply begins, at each of some layers.

    Args:
        states: of the prompts.
        layers: of the blocks at whose entry it is to be taken out.
        labels: of the prompts.
        among: prompts that it is found on.
        orthogonal: lambda, the share of its part along true refusal that is left in the state, in [0, 1].

    Returns:
        None where a side has too few prompts.
    """
    weights = [difference(contrast, among) for contrast in (labels.false_alarm, labels.true_refusal)]
    own = ~labels.harmful & labels.answered & among
    if weights[0] is None or (weights[1] is None and orthogonal > 0):
        return None
    vectors, origins, cosines = [], [], []
    for layer in layers:
        rows = states.at(states.n_positions - 1, layer)
        false, true = (
            np.zeros(rows.shape[1]) if own_weights is None else own_weights @ rows for own_weights in weights
        )
        cosines.append(float(unit(false) @ unit(true)))
        length = true @ true
        vector = unit(false - orthogonal * (false @ true / length if length > 0 else 0.0) * true)
        vectors.append(vector)
        origins.append(float(rows[own].mean(axis=0) @ vector))
    return Removal(np.stack(vectors), np.array(origins), float(np.mean(cosines)))


def find_refusing(states: States, layer: int, labels: Labels, among: Mask) -> Floats | None:
    """Find what is added to make a prompt refused: the difference in means of harmful refused prompts and harmless answered ones, shape (width,)."""
    weights = difference(labels.true_refusal, among)
    return None if weights is None else weights @ states.at(states.n_positions - 1, layer)
