"""What is known of the prompts that were read, and which of them a direction is found on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.prompt import Prompt

__all__ = ["FEWEST", "Contrast", "Labels", "Split", "difference", "fold_families", "read_labels", "split_families"]

FEWEST = 8
"""Prompts of a group whose mean counts."""
_SHARES = (0.5, 0.2)
"""Of the families: for finding directions, and for choosing among them; the rest is for figures."""
_FOLDS = 5

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Labels:
    """Of each prompt, in order; masks of shape (prompts,)."""

    harmful: Mask
    refused: Mask
    answered: Mask
    """A prompt that is neither refused nor answered has no verdict that could be used."""
    families: tuple[str, ...]
    suites: tuple[str, ...]

    @property
    def harm(self) -> "Contrast":
        """Harmful requests against harmless ones that were answered; harmless ones that were refused are to be placed, not learnt from."""
        return Contrast((self.harmful,), (~self.harmful & self.answered,))

    @property
    def refusal(self) -> "Contrast":
        """Refused against answered; harmful and harmless count alike on either side, so that it is not that of harm as far as there are both."""
        return Contrast(
            (self.harmful & self.refused, ~self.harmful & self.refused),
            (self.harmful & self.answered, ~self.harmful & self.answered),
        )

    @property
    def true_refusal(self) -> "Contrast":
        """Harmful and refused against harmless and answered."""
        return Contrast((self.harmful & self.refused,), (~self.harmful & self.answered,))

    @property
    def false_alarm(self) -> "Contrast":
        """Harmless and refused against harmless and answered."""
        return Contrast((~self.harmful & self.refused,), (~self.harmful & self.answered,))

    def count_families(self, mask: Mask) -> int:
        """Count the families of some prompts."""
        return len({self.families[index] for index in np.flatnonzero(mask)})


class Contrast(NamedTuple):
    """Two sides, each of one group of prompts or several that count alike; masks of shape (prompts,)."""

    positive: tuple[Mask, ...]
    negative: tuple[Mask, ...]

    def sides(self, among: Mask) -> tuple[Mask, Mask]:
        """Give those of either side that are among some prompts."""
        positive, negative = (np.any(groups, axis=0) & among for groups in self)
        return positive, negative


class Split(NamedTuple):
    """Prompts in three parts that share no family; masks of shape (prompts,)."""

    training: Mask
    validation: Mask
    test: Mask


def read_labels(prompts: Sequence[Prompt]) -> Labels:
    """Gather what is known of prompts."""
    return Labels(
        harmful=np.array([prompt.case.is_harmful for prompt in prompts], dtype=bool),
        refused=np.array([prompt.refused is True for prompt in prompts], dtype=bool),
        answered=np.array([prompt.refused is False for prompt in prompts], dtype=bool),
        families=tuple(prompt.family for prompt in prompts),
        suites=tuple(prompt.case.suite for prompt in prompts),
    )


def split_families(labels: Labels, *, rng: np.random.Generator) -> Split:
    """Part prompts by family: half to find directions, a fifth to choose among them, the rest for figures."""
    names = sorted(set(labels.families))
    shuffled = rng.permutation(len(names))
    ends = (0, *(round(share * len(names)) for share in np.cumsum(_SHARES)), len(names))
    parts = [{names[index] for index in shuffled[start:end]} for start, end in pairwise(ends)]
    return Split(*(np.array([name in part for name in labels.families], dtype=bool) for part in parts))


def fold_families(labels: Labels, *, rng: np.random.Generator) -> list[Mask]:
    """Part prompts into five folds that share no family."""
    names = sorted(set(labels.families))
    fold = dict(zip(names, rng.permutation(len(names)) % _FOLDS, strict=True))
    folds = np.array([fold[name] for name in labels.families])
    return [folds == number for number in range(min(_FOLDS, len(names)))]


def difference(contrast: Contrast, among: Mask | Floats) -> Floats | None:
    """Give the weights whose sum is a difference in means: of either side the mean over its groups of their means.

    Groups of fewer than 8 prompts do not count.

    Args:
        contrast: the two sides.
        among: how often each prompt counts, shape (prompts,); a mask counts once or not at all.

    Returns:
        Shape (prompts,); None where a side has no group that counts.
    """
    weights = np.zeros(len(among))
    for sign, groups in zip((1, -1), contrast, strict=True):
        counting = [mask * among for mask in groups if (mask & (among > 0)).sum() >= FEWEST]
        if not counting:
            return None
        for counts in counting:
            weights += sign * counts / (len(counting) * counts.sum())
    return weights
