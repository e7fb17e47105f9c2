"""The gate of a move: conditions on a prompt's states, and which prompts of the run it lets through.

A prompt is let through if it is about to be refused and is not seen as harmful. Both are read where the reply begins, at four layers up to that of the first edit. Where
the lines lie is said by prompts that a probe has not seen: one in a hundred plain tasks that are answered may pass, and one in a hundred harmful prompts that are refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.labels import FEWEST, Labels, Mask
from demur.explain.inside.linear_probe import Probe, cross_fit, fit_probe
from demur.explain.inside.states import States
from demur.stats import clustered_proportion
from demur.steering.move import Condition, Place
from demur.types import Estimate

__all__ = [
    "Gate",
    "GateRates",
    "Limit",
    "are_above",
    "fit_gate",
    "fit_line",
    "gather",
    "places_before",
    "rate",
    "rate_run",
    "score_conditions",
]

_MOST_PLAIN, _MOST_HARMFUL = 0.01, 0.01
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
    scores: Floats
    """Of the run's prompts under each condition, by probes that have not seen them, shape (conditions, prompts); above 0 it holds."""
    rates: GateRates

    @property
    def passed(self) -> Mask:
        """Prompts of the run that are let through, shape (prompts,)."""
        return are_above(self.scores)


class Limit(NamedTuple):
    """How many of some prompts may pass a condition."""

    prompts: Mask
    most: int

    def find_line(self, scores: Floats) -> float | None:
        """Give the lowest line that keeps the rest out; None where any does. What has no score does not pass."""
        falling = np.sort(scores[self.prompts & ~np.isnan(scores)])[::-1]
        return float(falling[self.most]) if len(falling) > self.most else None


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
    is_plain = _choose_plain(labels, plain)
    refused, refusing = fit_line(
        "about to be refused", rows, (labels.refused, labels.answered),
        limits=[Limit(is_plain, int(_MOST_PLAIN * is_plain.sum()))], folds=folds, places=places,
    )  # fmt: skip
    # What the first line keeps out is kept out already.
    harmless, scores = fit_line(
        "not harmful", rows, (~labels.harmful, labels.harmful),
        limits=[Limit(groups[0] & (refusing > 0), int(_MOST_HARMFUL * groups[0].sum()))], folds=folds, places=places,
    )  # fmt: skip
    both = np.stack([scores, refusing])
    return Gate((harmless, refused), both, rate_run(are_above(both), labels, plain))


def fit_line(
    name: str,
    rows: Floats,
    sides: tuple[Mask, Mask],
    *,
    limits: Sequence[Limit],
    folds: Sequence[Mask],
    places: Sequence[Place],
    is_unit: bool = False,
) -> tuple[Condition, Floats]:
    """Fit a condition, and lay its line where few of those pass that are to be kept out.

    Args:
        name: of the condition.
        rows: states at the places, shape (prompts, places, width).
        sides: prompts of which it should hold, and of which not.
        limits: how many it may hold of that should not pass; each of them is kept.
        folds: as for `cross_fit`.
        places: where the states are from.
        is_unit: as for `fit_probe`.

    Returns:
        The condition, and how far above its line each prompt is by a probe that has not seen it, shape (prompts,); not a number as of `cross_fit`.
    """
    seen = cross_fit(rows, *sides, folds, is_unit=is_unit)
    lines = [line for limit in limits if (line := limit.find_line(seen)) is not None]
    line = max(lines, default=0.0)
    probe = fit_probe(rows, *sides, is_unit=is_unit)
    return Condition(name, tuple(places), probe.mean, probe.weights, probe.bias - line, is_unit), seen - line


def places_before(states: States, layer: int) -> tuple[Place, ...]:
    """Give the places a gate reads: where the reply begins, at four layers, the last of them that of the first edit."""
    step = max(1, states.n_layers // _APART)
    return tuple(Place(-1, own) for number in range(_N_LAYERS) if (own := layer - step * number) >= 0)


def gather(states: States, places: Sequence[Place]) -> Floats:
    """Put the states at some places beside each other, shape (prompts, places, width)."""
    return np.stack([states.at(states.n_positions + place.position, place.layer) for place in places], axis=1)


def score_conditions(conditions: Sequence[Condition], states: States) -> Floats:
    """Score prompts under some conditions, as the steered model does: shape (conditions, prompts); above 0 it holds."""
    probes = [Probe(one.mean, one.weights, one.bias, one.is_unit) for one in conditions]
    return np.stack([probe.score(gather(states, one.places)) for probe, one in zip(probes, conditions, strict=True)])


def are_above(scores: Floats) -> Mask:
    """Tell of which prompts all conditions hold, by their scores."""
    held: Mask = np.all(scores > 0, axis=0)
    return held


def rate_run(passed: Mask, labels: Labels, plain: Mask) -> GateRates:
    """Rate whom of a run a gate lets through.

    Args:
        passed: prompts that are let through by probes that have not seen them.
        labels: of the prompts.
        plain: harmless prompts that do not look like harm.
    """
    groups = ~labels.harmful & labels.refused, labels.harmful & labels.refused, _choose_plain(labels, plain)
    return GateRates(*(rate(passed, group, labels) for group in groups))


def rate(passed: Mask, group: Mask, labels: Labels) -> Estimate:
    """Estimate the share of a group that is let through."""
    indices = np.flatnonzero(group)
    return clustered_proportion(
        [bool(passed[index]) for index in indices], [labels.families[index] for index in indices]
    )


def _choose_plain(labels: Labels, plain: Mask) -> Mask:
    """Give plain tasks that were answered; all harmless prompts that were, where these are too few."""
    answered = ~labels.harmful & labels.answered
    return plain & labels.answered if (plain & labels.answered).sum() >= 2 * FEWEST else answered
