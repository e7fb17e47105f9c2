"""Candidate directions: a difference in means at each place, and how well each tells the two sides apart."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.labels import Contrast, Labels, Mask
from demur.explain.inside.states import States
from demur.stats.auroc import area, auroc
from demur.types import Estimate

__all__ = ["DEEPEST", "Place", "areas", "d_primes", "find_places", "measure_auroc", "prescreen", "unit"]

DEEPEST = 0.8
"""Share of the layers above which none is looked at: there a direction says what will be said, not why (Arditi et al. 2024, appendix C)."""

Floats = NDArray[np.float64]


class Place(NamedTuple):
    """Where in a prompt, and how deep."""

    position: int
    """As in `States`."""
    layer: int


def find_places(states: States, positions: Iterable[int]) -> list[Place]:
    """Give the places a direction may be taken from: some positions, at layers below .8 of the depth."""
    layers = range(int(np.ceil(DEEPEST * states.n_layers)))
    return [Place(position, layer) for position in positions for layer in layers]


def unit(vectors: Floats) -> Floats:
    """Give vectors length 1, those of no length length 0; the last axis is that of the vectors."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    units: Floats = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)
    return units


def areas(along: Floats, contrast: Contrast, among: Mask) -> Floats:
    """Give the area under the ROC curve of projections at every place.

    Args:
        along: shape (prompts, positions, layers).
        contrast: which should be high, and which low.
        among: prompts that count.

    Returns:
        Shape (positions, layers); .5 where the side has nobody.
    """
    positive, negative = contrast.sides(among)
    found = np.full(along.shape[1:], 0.5)
    if positive.any() and negative.any():
        for place in np.ndindex(*found.shape):
            scores = along[:, *place]
            found[place] = area(scores[positive].tolist(), scores[negative].tolist())
    return found


def d_primes(along: Floats, contrast: Contrast, among: Mask) -> Floats:
    """Give the distance of the sides' means in standard deviations (d', the root of the two variances' mean), as `areas` does."""
    high, low = (along[side] for side in contrast.sides(among))
    spread = np.sqrt((high.var(axis=0) + low.var(axis=0)) / 2)
    gap = high.mean(axis=0) - low.mean(axis=0)
    distances: Floats = np.divide(gap, spread, out=np.zeros_like(gap), where=spread > 0)
    return distances


def measure_auroc(scores: Floats, contrast: Contrast, labels: Labels, among: Mask) -> Estimate:
    """Estimate the area under the ROC curve of one score, with an interval that knows families.

    Args:
        scores: shape (prompts,).
        contrast: which should be high, and which low.
        labels: of the prompts.
        among: prompts that count.
    """
    positive, negative = contrast.sides(among)
    families = labels.count_families(positive), labels.count_families(negative)
    return auroc(scores[positive].tolist(), scores[negative].tolist(), n_families=families if all(families) else None)


def prescreen(
    means: Floats, along: Floats, contrast: Contrast, among: Mask, *, places: Iterable[Place], n: int
) -> list[Place]:
    """Choose the places that tell the sides best apart on held-out prompts: by area, then by d'; no model is asked.

    Every position has its turn, the best layer of each before the second best of any: neighbouring layers of one position are nearly one direction,
    and where a direction shows best need not be where it acts.

    Args:
        means: the differences, shape (positions, layers, width).
        along: projections on them, shape (prompts, positions, layers).
        contrast: which should be high, and which low.
        among: the held-out prompts.
        places: those that may be chosen.
        n: most that are.
    """
    length = np.linalg.norm(means, axis=-1)
    found, distance = areas(along, contrast, among), d_primes(along, contrast, among)
    there = [place for place in places if length[place] > 0]
    ranked = sorted(there, key=lambda place: (-round(float(found[place]), 2), -distance[place]))
    turns: Counter[int] = Counter()
    turn = {}
    for place in ranked:
        turn[place] = turns[place.position]
        turns[place.position] += 1
    return sorted(ranked, key=turn.__getitem__)[:n]
