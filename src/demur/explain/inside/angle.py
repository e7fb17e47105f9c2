"""The angle between two directions, each a difference in means of a sample."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.labels import Contrast, Labels, Mask, difference

__all__ = ["Cosine", "measure_cosine"]

_DRAWS = 200

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cosine:
    """Of the angle between two directions, in [-1, 1]."""

    value: float | None
    """None where the samples are too small or their directions too unsure to have an angle."""
    low: float | None
    """Lower end of the 95 % interval."""
    high: float | None
    """Upper end."""


def measure_cosine(
    states: Floats, one: Contrast, other: Contrast, *, labels: Labels, among: Mask, rng: np.random.Generator
) -> Cosine:
    """Estimate the cosine of two differences in means without what chance adds to it.

    Two differences from one sample share its noise, above all where they share a side; and noise makes any of them longer. So families are halved,
    and every product is of one half with the other: cos = <a1,b2> / sqrt(<a1,a2> <b1,b2>), as crossvalidated distances are made (Walther
    et al. 2016, NeuroImage 137, 188-200), averaged over halvings. The interval is of families drawn again within the halves.

    Args:
        states: at one place, shape (prompts, width).
        one: the first contrast.
        other: the second.
        labels: of the prompts.
        among: prompts that may count.
        rng: of halves and draws.
    """
    families = np.unique(np.array(labels.families), return_inverse=True)[1]
    plain: list[Floats] = []
    drawn: list[Floats] = []
    for _ in range(_DRAWS):
        half = rng.permutation(families.max() + 1) % 2
        for again, found in ((False, plain), (True, drawn)):
            counts = [_count(half == side, again=again, rng=rng)[families] * among for side in (0, 1)]
            products = _products(states, one, other, counts)
            if products is not None:
                found.append(products)
    if len(plain) < _DRAWS / 2:
        return Cosine(None, None, None)
    value = _cosine(np.mean(plain, axis=0))
    spread = [cosine for products in drawn if (cosine := _cosine(products)) is not None]
    if value is None or not spread:
        return Cosine(None, None, None)
    low, high = np.quantile(spread, [0.025, 0.975])
    return Cosine(value, min(float(low), value), max(float(high), value))


def _count(half: Mask, *, again: bool, rng: np.random.Generator) -> Floats:
    """Say how often each family of a half counts."""
    if not again:
        return half.astype(np.float64)
    members = np.flatnonzero(half)
    return np.bincount(rng.choice(members, len(members)), minlength=len(half)).astype(np.float64)


def _products(states: Floats, one: Contrast, other: Contrast, counts: list[Floats]) -> Floats | None:
    """Give the products across halves: of one with the other, of one with itself, of the other with itself."""
    weights = [difference(contrast, count) for contrast in (one, other) for count in counts]
    if any(own is None for own in weights):
        return None
    a1, a2, b1, b2 = np.stack(weights) @ states  # type: ignore[arg-type]  # none of them is None
    return np.array([(a1 @ b2 + a2 @ b1) / 2, a1 @ a2, b1 @ b2])


def _cosine(products: Floats) -> float | None:
    across, one, other = products
    return float(np.clip(across / np.sqrt(one * other), -1, 1)) if min(one, other) > 0 else None
