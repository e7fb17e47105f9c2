"""The harm direction of a model: along which harmful requests differ from harmless ones, where the request ends.

Beside it stands a linear probe at the same place. The direction is what can be added and taken out; the probe, which knows how states spread, says how
much of harm can be read there.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.candidate import Place, areas, find_places, measure_auroc
from demur.explain.inside.control import Control, Controlled, read_control
from demur.explain.inside.grid import Grid, LayerAuroc, by_layer, control_auroc, cross_fit, lay_out, read_best
from demur.explain.inside.labels import FEWEST, Contrast, Labels, Mask, Split, difference
from demur.explain.inside.linear_probe import fit_probe
from demur.explain.inside.states import States
from demur.types import Estimate

__all__ = ["HarmDirection", "Located", "SuiteAuroc", "find_harm_direction"]

_END = 0
"""Position of the request's last token."""
_AS_GOOD = 0.01

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SuiteAuroc:
    """How well harmful prompts of one suite are told from its harmless ones by what was found on the other suites."""

    suite: str
    auroc: Estimate
    """On prompts that the layer was not chosen by either."""
    probe: Estimate
    """The same of the probe."""


@dataclass(frozen=True)
class HarmDirection:
    """What was found at the last token of the request."""

    why_not: str | None
    """Why there is none; None where there is one."""
    n_harmful: int
    n_harmless: int
    """Harmless prompts that were answered; those that were refused are placed along it and not learnt from."""
    layer: int | None = None
    auroc: Estimate | None = None
    """How well it tells harmful prompts from harmless ones that it was neither found nor chosen on."""
    auroc_control: Controlled | None = None
    probe: Estimate | None = None
    """How well a linear probe does, learnt on what the direction was found on and measured on the same prompts as it."""
    probe_shuffled: Control | None = None
    best_shuffled: Control | None = None
    """The greatest area at any layer of each shuffle, on prompts that it was not found on."""
    by_layer: tuple[LayerAuroc, ...] = ()
    by_suite: tuple[SuiteAuroc, ...] = ()
    """Where there are several suites."""


class Located(NamedTuple):
    """What was found, where, and the vector itself; None of both where there is none."""

    direction: HarmDirection
    place: Place | None
    vector: Floats | None
    """The difference in means, shape (width,)."""


def find_harm_direction(states: States, *, labels: Labels, split: Split, rng: np.random.Generator) -> Located:
    """Look for the layer that tells harmful requests from harmless ones best.

    Args:
        states: of the prompts.
        labels: of the same.
        split: which of them find, which choose, and which are for figures.
        rng: of the controls.
    """
    contrast = labels.harm
    positive, negative = contrast.sides(np.ones_like(labels.harmful))
    counts = int(positive.sum()), int(negative.sum())
    grid = lay_out(states, contrast, labels, split.training, rng=rng)
    if grid is None:
        return Located(
            HarmDirection(
                f"found {counts[0]} harmful prompts and {counts[1]} harmless ones that were answered; {FEWEST} of either are needed in the half it is found on",
                *counts,
            ),
            None,
            None,
        )
    places = find_places(states, [_END])
    best, shuffled = read_best(grid, places, ~split.training)
    layers = by_layer(grid, labels, split.test, position=_END)
    if best <= shuffled.high:
        why = "no layer tells harmful requests from harmless ones better than shuffled labels do"
        return Located(HarmDirection(why, *counts, best_shuffled=shuffled, by_layer=layers), None, None)
    along, among = cross_fit(grid, states, labels, split, rng=rng)
    place = _choose(places, areas(along, contrast, among))
    at = states.at(*place)
    found = HarmDirection(
        why_not=None,
        n_harmful=counts[0],
        n_harmless=counts[1],
        layer=place.layer,
        auroc=measure_auroc(grid.along[:, *place], contrast, labels, split.test),
        auroc_control=control_auroc(grid, states, place, split.test, rng=rng),
        probe=measure_auroc(_read(at, contrast, split.training), contrast, labels, split.test),
        probe_shuffled=_control_probe(at, grid, split),
        best_shuffled=shuffled,
        by_layer=layers,
        by_suite=_by_suite(at, labels, split),
    )
    return Located(found, place, grid.means[place])


def _choose(places: list[Place], found: Floats) -> Place:
    """Choose the layer that tells the sides best apart, or an earlier one that is as good to a hundredth."""
    best = max(found[place] for place in places)
    return min((place for place in places if found[place] > best - _AS_GOOD), key=lambda place: place.layer)


def _by_suite(states: Floats, labels: Labels, split: Split) -> tuple[SuiteAuroc, ...]:
    suites = sorted(set(labels.suites))
    found = []
    for suite in suites if len(suites) > 1 else ():
        own = np.array([name == suite for name in labels.suites])
        weights = difference(labels.harm, ~own & ~split.test)
        if weights is not None:
            read = states @ (weights @ states), _read(states, labels.harm, ~own & ~split.test)
            found.append(
                SuiteAuroc(suite, *(measure_auroc(one, labels.harm, labels, own & split.test) for one in read))
            )
    return tuple(found)


def _read(states: Floats, contrast: Contrast, among: Mask) -> Floats:
    """Score states by a probe that was fitted on some of them, shape (prompts,); all alike where a side has too few."""
    if difference(contrast, among) is None:
        return np.zeros(len(states))
    rows = states[:, None]
    return fit_probe(rows, *contrast.sides(among)).score(rows)


def _control_probe(states: Floats, grid: Grid, split: Split) -> Control:
    drawn = [
        float(areas(_read(states, one, split.training)[:, None, None], one, split.test)[0, 0]) for one in grid.shuffled
    ]
    return read_control("shuffled labels", drawn)
