"""A contrast at every place of the grid of positions and layers: its differences in means, and those of shuffled labels."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.candidate import Place, areas, measure_auroc, unit
from demur.explain.inside.control import Control, Controlled, draw_directions, read_control, shuffle_labels
from demur.explain.inside.labels import Contrast, Labels, Mask, Split, difference, fold_families
from demur.explain.inside.states import States
from demur.types import Estimate

__all__ = ["Grid", "LayerAuroc", "by_layer", "control_auroc", "cross_fit", "lay_out", "read_best"]

Floats = NDArray[np.float64]


class Grid(NamedTuple):
    """A contrast everywhere, found on some prompts, and every prompt along it."""

    contrast: Contrast
    means: Floats
    """Differences in means, shape (positions, layers, width)."""
    along: Floats
    """Of every prompt, along the difference of each place, shape (prompts, positions, layers); states have their own size."""
    shuffled: tuple[Contrast, ...]
    """The contrast with its labels shuffled."""
    shuffled_means: Floats
    """Their differences in means, shape (draws, positions, layers, width)."""
    shuffled_along: Floats
    """Shape (draws, prompts, positions, layers)."""


@dataclass(frozen=True)
class LayerAuroc:
    """How well a layer tells two sides apart on prompts that its direction was not found on."""

    layer: int
    auroc: Estimate
    shuffled: Control


def lay_out(
    states: States, contrast: Contrast, labels: Labels, among: Mask, *, rng: np.random.Generator
) -> Grid | None:
    """Find the differences in means at every place.

    Args:
        states: of all prompts.
        contrast: the two sides.
        labels: of all prompts.
        among: prompts the differences are found on.
        rng: of the shuffles.

    Returns:
        None where a side has too few prompts.
    """
    weights = difference(contrast, among)
    if weights is None:
        return None
    shuffled = shuffle_labels(contrast, families=labels.families, rng=rng)
    nothing = np.zeros_like(weights)  # of a draw with too few on a side
    drawn = [nothing if (own := difference(one, among)) is None else own for one in shuffled]
    means = states.weigh(np.stack([weights, *drawn]))
    along = states.project(unit(means))
    return Grid(contrast, means[0], along[0], tuple(shuffled), means[1:], along[1:])


def cross_fit(
    grid: Grid, states: States, labels: Labels, split: Split, *, rng: np.random.Generator
) -> tuple[Floats, Mask]:
    """Give prompts along differences that were found without their families, to choose a place by.

    All that are not for figures, in five folds: on the few that are held out to choose by, chance shows many places as perfect.

    Args:
        grid: the contrast everywhere.
        states: of all prompts.
        labels: of the same.
        split: their parts.
        rng: of the folds.

    Returns:
        Projections, shape (prompts, positions, layers), and those prompts for which they are good; those held out alone where there are too few
        prompts for folds.
    """
    along, among = np.zeros_like(grid.along), ~split.test
    for fold in fold_families(labels, rng=rng):
        weights = difference(grid.contrast, among & ~fold)
        if weights is None:
            return grid.along, split.validation
        along[fold] = states.project(unit(states.weigh(weights[None])))[0][fold]
    return along, among


def by_layer(grid: Grid, labels: Labels, among: Mask, *, position: int) -> tuple[LayerAuroc, ...]:
    """Measure every layer at one position, on prompts that the differences were not found on."""
    chance = np.stack(
        [
            areas(along[:, [position]], contrast, among)[0]
            for along, contrast in zip(grid.shuffled_along, grid.shuffled, strict=True)
        ]
    )
    return tuple(
        LayerAuroc(
            layer,
            measure_auroc(grid.along[:, position, layer], grid.contrast, labels, among),
            read_control("shuffled labels", chance[:, layer].tolist()),
        )
        for layer in range(grid.along.shape[2])
    )


def read_best(grid: Grid, places: list[Place], among: Mask) -> tuple[float, Control]:
    """Give the greatest area at any place, and that of each shuffle, which may choose its place as freely."""

    def best(along: Floats, contrast: Contrast) -> float:
        found = areas(along, contrast, among)
        return float(max(found[place] for place in places))

    drawn = [best(*one) for one in zip(grid.shuffled_along, grid.shuffled, strict=True)]
    return best(grid.along, grid.contrast), read_control("shuffled labels", drawn)


def control_auroc(
    grid: Grid, states: States, place: Place, among: Mask, *, rng: np.random.Generator
) -> Controlled | None:
    """Set the area at one place beside that of random directions and of shuffled labels there; None where a side is empty."""
    if not all(side.any() for side in grid.contrast.sides(among)):
        return None

    def read(scores: Floats, contrast: Contrast = grid.contrast) -> float:
        return float(areas(scores[:, None, None], contrast, among)[0, 0])

    at = states.at(*place)
    shuffled = zip(grid.shuffled_along, grid.shuffled, strict=True)
    return Controlled(
        read(grid.along[:, *place]),
        read_control("random directions", [read(at @ one) for one in draw_directions(at.shape[1], rng=rng)]),
        read_control("shuffled labels", [read(along[:, *place], contrast) for along, contrast in shuffled]),
    )
