"""Whether a direction is the same in every language."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.candidate import measure_auroc, unit
from demur.explain.inside.control import Control, read_control, shuffle_labels
from demur.explain.inside.labels import FEWEST, Contrast, Labels, Mask, difference
from demur.types import Estimate

__all__ = ["LocaleAgreement", "measure_agreement"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LocaleAgreement:
    """The direction of one language beside that of all others."""

    locale: str
    n: int
    """Prompts of the language, both sides."""
    cosine: float
    """Between the two directions. Of few prompts it is low whatever the model does: see `same`."""
    same: Control
    """Cosines of as many prompts drawn from all languages, with the direction of the rest: what agreement looks like at this size."""
    shuffled: Control
    """Cosines of the language's prompts with shuffled labels: what no agreement looks like."""
    transfer: Estimate
    """How well the direction of the other languages tells the two sides apart in this one, as an area under the ROC curve."""

    @property
    def agrees(self) -> bool:
        """Whether the cosine is one that prompts of all languages together could have shown."""
        return self.cosine >= self.same.low


def measure_agreement(
    states: Floats, contrast: Contrast, locales: tuple[str, ...], *, labels: Labels, rng: np.random.Generator
) -> tuple[LocaleAgreement, ...]:
    """Compare the direction of each language with that of the others; languages of fewer than 8 prompts on a side are left out.

    Args:
        states: at one place, shape (prompts, width).
        contrast: the two sides.
        locales: of each prompt.
        labels: of the same.
        rng: of the controls.
    """
    everyone = np.ones(len(states), dtype=bool)
    masks = {name: np.array([own == name for own in locales]) for name in sorted(set(locales))}
    return tuple(
        _compare(name, mask, states, contrast, labels=labels, rng=rng)
        for name, mask in masks.items()
        if len(masks) > 1
        if difference(contrast, mask) is not None and difference(contrast, everyone & ~mask) is not None
    )


def _compare(
    name: str, own: Mask, states: Floats, contrast: Contrast, *, labels: Labels, rng: np.random.Generator
) -> LocaleAgreement:
    rest = _direction(states, contrast, ~own)
    own_sides = Contrast(*(tuple(mask & own for mask in side) for side in contrast))
    shuffled = [_direction(states, one, own) for one in shuffle_labels(own_sides, families=labels.families, rng=rng)]
    same = [_draw_same(states, contrast, own, rng) for _ in shuffled]
    return LocaleAgreement(
        locale=name,
        n=int(sum(side.sum() for side in contrast.sides(own))),
        cosine=float(_direction(states, contrast, own) @ rest),
        same=read_control("prompts of all languages", same),
        shuffled=read_control("shuffled labels", (np.stack(shuffled) @ rest).tolist()),
        transfer=measure_auroc(states @ rest, contrast, labels, own),
    )


def _direction(states: Floats, contrast: Contrast, among: Mask) -> Floats:
    weights = difference(contrast, among)
    if weights is None:
        raise ValueError(f"found a side with fewer than {FEWEST} prompts; expected such to be left out before")
    return unit(weights @ states)


def _draw_same(states: Floats, contrast: Contrast, own: Mask, rng: np.random.Generator) -> float:
    """Draw, from all languages, as many prompts of every group as the language has, and compare them with the rest."""
    drawn = np.zeros_like(own)
    for group in (*contrast.positive, *contrast.negative):
        drawn[rng.choice(np.flatnonzero(group), int((group & own).sum()), replace=False)] = True
    return float(_direction(states, contrast, drawn) @ _direction(states, contrast, ~drawn))
