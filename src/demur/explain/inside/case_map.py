"""Where each case lies in the plane of harm and refusal: whether it is seen as harmful, and whether it is about to be refused.

No case lies along a direction that was found with it: directions are found again on the families of the other folds, at the same places.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.energy import measure_energy
from demur.explain.inside.labels import FEWEST, Contrast, Labels, Mask, difference
from demur.explain.inside.linear_probe import cross_fit
from demur.explain.inside.prompt import Prompt
from demur.stats.auroc import auroc
from demur.types import Estimate

__all__ = [
    "Axes",
    "CaseMap",
    "Detector",
    "MappedCase",
    "Reading",
    "detect_false_alarms",
    "draw_map",
    "read_axes",
]

Reading = Literal["answered", "false alarm", "seen as harmful, refused", "seen as harmful, not refused"]
"""What the place of a case says, in the plane's four corners."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MappedCase:
    """A case in the plane; standard deviations are those of harmless cases that were answered, and 0 is their mean."""

    suite: str
    id: str
    prompt: str
    is_harmful: bool
    refused: bool | None
    """The verdict; None where it was neither a refusal nor an answer."""
    category: str | None
    pattern: str | None
    locale: str
    harm: float
    """How harmful it is seen to be where the request ends, in standard deviations."""
    refusal: float | None
    """How near it is to refusal where the reply begins, in standard deviations; None without a usable refusal direction."""
    false_alarm: float | None
    """How much nearer it is to refusal than others that are seen to be as harmful, in standard deviations; likewise."""
    energy: float | None
    """Mahalanobis distance to harmless cases that were answered, less that to harmful ones that were refused; likewise."""
    margin: float | None = None
    """Of a refused harmless case: how much of the refusal direction has to be taken away until it is answered, in lengths of it; None where
    it was not measured, or twice its length is not enough."""
    is_deep: bool = False
    """Whether twice its length is not enough."""
    reading: Reading | None = None
    """What its place says; None without a refusal axis."""


@dataclass(frozen=True)
class Detector:
    """How well a false refusal is told from a true one, each suite by directions that were found on the others."""

    false_alarm: Estimate
    """Area under the ROC curve of the false-alarm score: refused harmless cases should be high, refused harmful ones low."""
    energy: Estimate
    """The same of the energy, low for harmless ones."""
    probe: Estimate
    """The same of a linear probe of harm in both places, learnt on harmful and harmless cases whether refused or not."""
    suites: tuple[str, ...]
    """Those left out in turn; empty where there is one suite, and families were left out in five folds."""


@dataclass(frozen=True)
class CaseMap:
    """All cases in the plane."""

    cases: tuple[MappedCase, ...]
    harm_line: float
    """Where the plane is parted: half way from answered harmless cases to harmful ones."""
    refusal_line: float | None
    """Half way from answered cases to refused ones; None without a refusal axis."""
    detector: Detector | None
    """None without a refusal axis, or without refused cases of both kinds."""


class Axes(NamedTuple):
    """Places of cases, each of shape (prompts,); not a number where a fold had too few prompts to learn from."""

    harm: Floats
    refusal: Floats | None
    false_alarm: Floats | None
    energy: Floats | None


def read_axes(harm: Floats, refusal: Floats | None, labels: Labels, folds: Sequence[Mask]) -> Axes:
    """Place prompts, those of each fold along directions that were found on the rest.

    Args:
        harm: states where harm is read, shape (prompts, width).
        refusal: states where refusal is read; None without a usable direction.
        labels: of the prompts.
        folds: each prompt is in one.
    """
    a = _cross(harm, labels.harm, labels, folds)
    if refusal is None:
        return Axes(a, None, None, None)
    b = _cross(refusal, labels.refusal, labels, folds)
    return Axes(a, b, _residual(a, b), _cross_energy(np.hstack([harm, refusal]), labels, folds))


def draw_map(prompts: Sequence[Prompt], axes: Axes, labels: Labels) -> CaseMap:
    """Put the places of cases into words, and part the plane; a case that has no place is left out."""
    harm_line = _half_way(axes.harm, labels.harm)
    refusal_line = None if axes.refusal is None else _half_way(axes.refusal, labels.refusal)
    cases = [_map_case(prompt, axes, index) for index, prompt in enumerate(prompts) if np.isfinite(axes.harm[index])]
    return CaseMap(
        tuple(replace(case, reading=_read(case, harm_line, refusal_line)) for case in cases),
        harm_line,
        refusal_line,
        None,
    )


def detect_false_alarms(harm: Floats, refusal: Floats, labels: Labels, folds: Sequence[Mask]) -> Detector | None:
    """Measure how well refused harmless cases are told from refused harmful ones: one suite at a time, by the others.

    Args:
        harm: states where harm is read, shape (prompts, width).
        refusal: states where refusal is read.
        labels: of the prompts.
        folds: of families, for a single suite.

    Returns:
        None where there are no refused cases of one kind.
    """
    suites = tuple(sorted(set(labels.suites)))
    out = [np.array([own == suite for own in labels.suites]) for suite in suites] if len(suites) > 1 else folds
    axes = read_axes(harm, refusal, labels, out)
    if axes.false_alarm is None or axes.energy is None:
        return None
    false, true = labels.refused & ~labels.harmful, labels.refused & labels.harmful
    if min(false.sum(), true.sum()) < FEWEST:
        return None
    probed = cross_fit(np.stack([harm, refusal], axis=1), ~labels.harmful, labels.harmful, out)
    return Detector(
        _area(axes.false_alarm, false, true, labels),
        _area(-axes.energy, false, true, labels),
        _area(probed, false, true, labels),
        suites if len(suites) > 1 else (),
    )


def _cross(states: Floats, contrast: Contrast, labels: Labels, folds: Sequence[Mask]) -> Floats:
    """Give components along a difference in means, in standard deviations of harmless answered prompts, from their mean."""
    found = np.full(len(states), np.nan)
    plain = ~labels.harmful & labels.answered
    for fold in folds:
        weights = difference(contrast, ~fold)
        if weights is None:
            continue
        along = states @ (weights @ states)
        rest = along[plain & ~fold]
        found[fold] = (along[fold] - rest.mean()) / max(rest.std(), np.finfo(np.float64).tiny)
    return found


def _residual(harm: Floats, refusal: Floats) -> Floats:
    """Take from refusal what harm explains, by least squares over all cases."""
    known = np.isfinite(harm) & np.isfinite(refusal)
    found = np.full(len(harm), np.nan)
    if known.sum() > 1 and harm[known].std() > 0:
        slope, start = np.polyfit(harm[known], refusal[known], 1)
        found[known] = refusal[known] - (slope * harm[known] + start)
    return found


def _cross_energy(states: Floats, labels: Labels, folds: Sequence[Mask]) -> Floats:
    found = np.full(len(states), np.nan)
    for fold in folds:
        near, far = (~labels.harmful & labels.answered & ~fold), (labels.harmful & labels.refused & ~fold)
        if min(near.sum(), far.sum()) >= FEWEST:
            found[fold] = measure_energy(states[fold], states[near], states[far])
    return found


def _half_way(scores: Floats, contrast: Contrast) -> float:
    high, low = (scores[side & np.isfinite(scores)] for side in contrast.sides(np.ones(len(scores), dtype=bool)))
    return float((high.mean() + low.mean()) / 2)


def _map_case(prompt: Prompt, axes: Axes, index: int) -> MappedCase:
    def at(scores: Floats | None) -> float | None:
        return float(scores[index]) if scores is not None and np.isfinite(scores[index]) else None

    case = prompt.case
    return MappedCase(
        suite=case.suite,
        id=case.id,
        prompt=case.prompt,
        is_harmful=case.is_harmful,
        refused=prompt.refused,
        category=case.category,
        pattern=case.pattern,
        locale=case.locale,
        harm=float(axes.harm[index]),
        refusal=at(axes.refusal),
        false_alarm=at(axes.false_alarm),
        energy=at(axes.energy),
    )


def _read(case: MappedCase, harm_line: float, refusal_line: float | None) -> Reading | None:
    if case.refusal is None or refusal_line is None:
        return None
    if case.harm >= harm_line:
        return "seen as harmful, refused" if case.refusal >= refusal_line else "seen as harmful, not refused"
    return "false alarm" if case.refusal >= refusal_line else "answered"


def _area(scores: Floats, positive: Mask, negative: Mask, labels: Labels) -> Estimate:
    known = np.isfinite(scores)
    high, low = positive & known, negative & known
    families = labels.count_families(high), labels.count_families(low)
    return auroc(
        scores[high].tolist(),
        scores[low].tolist(),
        n_families=families if all(families) else None,
        n_unjudged=int(((positive | negative) & ~known).sum()),
    )
