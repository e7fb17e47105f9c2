"""The gate of a move: conditions on a prompt's states, and which prompts of the run it lets through.

A prompt is let through if it is about to be refused and is not seen as harmful. Both are read where the reply begins, at four layers up to that of the first edit. Where
the lines lie is said by prompts that a probe has not seen: one in a hundred plain tasks that are answered may pass, and two in a hundred harmful prompts that are refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.labels import FEWEST, Labels, Mask
from demur.explain.inside.states import States
from demur.stats import clustered_proportion
from demur.steering.move import Condition, Place
from demur.tune.steering.probe import Probe, cross_fit, fit_probe
from demur.types import Estimate

__all__ = ["Gate", "GateRates", "fit_gate", "fit_line", "gather", "places_before"]

_MOST_PLAIN, _MOST_HARMFUL = 0.01, 0.02
"""Shares that a gate may let through, on prompts that its probes have not seen."""
_N_LAYERS = 4
_APART = 15
"""So many steps between layers that are read make up the depth of a model."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class GateRates:
    """Whom a gate lets through, of prompts that its probes have not seen."""

    false_alarms: Estimate
    """Of harmless prompts that were refused; the more the better."""
    harmful: Estimate
    """Of harmful prompts that were refused: what may be given away."""
    plain: Estimate
    """Of plain tasks that were answered: false fires."""


@dataclass(frozen=True)
class Gate:
    """Conditions, and what they do."""

    conditions: tuple[Condition, ...]
    passed: Mask
    """Prompts of the run that are let through by probes that have not seen them, shape (prompts,)."""
    rates: GateRates


def fit_gate(states: States, labels: Labels, plain: Mask, *, layer: int, folds: Sequence[Mask]) -> Gate | None:
    """Make the gate of false alarms.

    Args:
        states: of the prompts.
        labels: of the same.
        plain: harmless prompts that do not look like harm.
        layer: of the first edit; nothing deeper is read.
        folds: parts of the prompts that share no family.

    Returns:
        None where there are too few prompts of a side.
    """
    groups = labels.harmful & labels.refused, ~labels.harmful & labels.refused, ~labels.harmful & labels.answered
    if min(group.sum() for group in groups) < 2 * FEWEST:
        return None
    places = places_before(states, layer)
    rows = gather(states, places)
    is_plain = plain & labels.answered if (plain & labels.answered).sum() >= 2 * FEWEST else groups[2]
    refused, passed = fit_line(
        "about to be refused", rows, (labels.refused, labels.answered), keep_out=is_plain,
        most=int(_MOST_PLAIN * is_plain.sum()), folds=folds, places=places,
    )  # fmt: skip
    # What the first line keeps out is kept out already.
    harmless, also = fit_line(
        "not harmful", rows, (~labels.harmful, labels.harmful), keep_out=groups[0] & passed,
        most=int(_MOST_HARMFUL * groups[0].sum()), folds=folds, places=places,
    )  # fmt: skip
    passed &= also
    return Gate(
        (harmless, refused),
        passed,
        GateRates(*(_rate(passed, group, labels) for group in (groups[1], groups[0], is_plain))),
    )


def fit_line(
    name: str,
    rows: Floats,
    sides: tuple[Mask, Mask],
    *,
    keep_out: Mask,
    most: int,
    folds: Sequence[Mask],
    places: Sequence[Place],
) -> tuple[Condition, Mask]:
    """Fit a condition, and lay its line where few of those pass that are to be kept out.

    Args:
        name: of the condition.
        rows: states at the places, shape (prompts, places * width).
        sides: prompts of which it should hold, and of which not.
        keep_out: of these it should not hold, ...
        most: ... but for so many.
        folds: as for `cross_fit`.
        places: where the states are from.

    Returns:
        The condition, and those of the prompts that pass it by a probe that has not seen them.
    """
    seen = np.nan_to_num(cross_fit(rows, *sides, folds), nan=-np.inf)
    out = np.sort(seen[keep_out])[::-1]
    line = float(out[most]) if len(out) > most else 0.0
    return _make_condition(name, places, fit_probe(rows, *sides), line), seen > line


def places_before(states: States, layer: int) -> tuple[Place, ...]:
    """Give the places a gate reads: where the reply begins, at four layers, the last of them that of the first edit."""
    step = max(1, states.n_layers // _APART)
    return tuple(Place(-1, own) for number in range(_N_LAYERS) if (own := layer - step * number) >= 0)


def gather(states: States, places: Sequence[Place]) -> Floats:
    """Put the states at some places beside each other, shape (prompts, places * width)."""
    return np.concatenate([states.at(states.n_positions + place.position, place.layer) for place in places], axis=1)


def _make_condition(name: str, places: Sequence[Place], probe: Probe, line: float) -> Condition:
    shape = len(places), -1
    return Condition(
        name=name,
        places=tuple(places),
        mean=probe.mean.reshape(shape),
        weights=probe.weights.reshape(shape),
        bias=-line,
    )


def _rate(passed: Mask, group: Mask, labels: Labels) -> Estimate:
    indices = np.flatnonzero(group)
    return clustered_proportion(
        [bool(passed[index]) for index in indices], [labels.families[index] for index in indices]
    )
