"""Directions of single hazards and of single over-refusal patterns: how alike they are, and whether they do different things.

Eleven kinds of refusal have been found to differ in direction and hardly in effect (arXiv 2602.02132). So each direction is tried on prompts of its
own kind and on others, and beside it the direction that all kinds share, at the same length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.candidate import Place, unit
from demur.explain.inside.control import N_DRAWS, Control, read_control
from demur.explain.inside.effect import Score, score_with
from demur.explain.inside.labels import FEWEST, Labels, Mask
from demur.explain.inside.network import Network
from demur.explain.inside.prompt import Prompt
from demur.stats.mean import Mean, student

__all__ = ["Categories", "CategoryDirection", "Kind", "compare_categories"]

Kind = Literal["category", "pattern"]
_PROMPTS_EACH = 8

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CategoryDirection:
    """The direction of one category or pattern."""

    name: str
    n: int
    """Refused prompts it was found on."""
    shared_cosine: float
    """With the direction that all share."""
    own: float | None
    """Mean change of the refusal score of harmless prompts of its own kind when it is added; None where none was answered."""
    others: float | None
    """The same of harmless prompts of other kinds."""
    shared_own: float | None
    """What the shared direction, as long, does to those of its own kind."""
    shared_others: float | None
    """And to the others."""

    @property
    def selectivity(self) -> float | None:
        """How much more it does to its own kind than to others, beyond what the shared direction does; 0 is not at all."""
        figures = (self.own, self.others, self.shared_own, self.shared_others)
        if any(figure is None for figure in figures):
            return None
        own, others, shared_own, shared_others = figures
        return (own - others) - (shared_own - shared_others)  # type: ignore[operator]  # none of them is None


@dataclass(frozen=True)
class Categories:
    """The directions of one kind, beside each other."""

    kind: Kind
    directions: tuple[CategoryDirection, ...]
    cosines: tuple[tuple[float, ...], ...]
    """Of each with each, in order."""
    mean_cosine: float
    """Over pairs."""
    mean_cosine_shuffled: Control
    """The same with prompts dealt to the names at random: what differs by sampling alone."""
    selectivity: Mean | None
    """Over directions; None with fewer than three that have one."""


def compare_categories(
    network: Network,
    score: Score,
    states: Floats,
    prompts: Sequence[Prompt],
    *,
    kind: Kind,
    labels: Labels,
    place: Place,
    length: float,
    before: Floats,
    rng: np.random.Generator,
) -> Categories | None:
    """Find a direction for each category of refused harmful prompts, or for each pattern of refused harmless ones.

    Args:
        network: what is asked.
        score: how much it is about to refuse.
        states: at the place, shape (prompts, width).
        prompts: all of them.
        kind: by which field of the cases.
        labels: of the prompts.
        place: where the directions are from, and where they are added.
        length: of each when it is added.
        before: refusal scores as the prompts are, shape (prompts,).
        rng: of the control, and of which prompts are asked.

    Returns:
        None with fewer than two names of 8 refused prompts.
    """
    names = np.array([getattr(prompt.case, kind) or "" for prompt in prompts])
    refused = labels.refused & (labels.harmful if kind == "category" else ~labels.harmful)
    plain = labels.answered & ~labels.harmful
    found = [str(name) for name in sorted(set(names[refused])) if name and (refused & (names == name)).sum() >= FEWEST]
    if len(found) < 2 or plain.sum() < FEWEST:  # noqa: PLR2004 -- a pair
        return None
    among = refused & np.isin(names, found)
    base = states[plain].mean(axis=0)
    directions = unit(np.stack([states[among & (names == name)].mean(axis=0) - base for name in found]))
    shared = unit(states[among].mean(axis=0) - base)
    asked = _choose(names, plain, found, rng)
    vectors = length * np.vstack([directions, shared])
    scores = score_with(
        network, score, [prompts[index] for index in asked], layers=[place.layer] * len(vectors), vectors=vectors
    )
    changes = scores - before[asked]
    rows = tuple(
        CategoryDirection(
            name,
            int((among & (names == name)).sum()),
            float(direction @ shared),
            *_read_changes(change, names[asked] == name),
            *_read_changes(changes[-1], names[asked] == name),
        )
        for name, change, direction in zip(found, changes, directions, strict=False)
    )
    return Categories(
        kind,
        rows,
        tuple(tuple(float(value) for value in row) for row in directions @ directions.T),
        _mean_cosine(directions),
        _deal(states[among], base, names[among], rng=rng),
        _mean_selectivity(rows),
    )


def _choose(names: NDArray[np.str_], plain: Mask, found: Sequence[str], rng: np.random.Generator) -> NDArray[np.int64]:
    """Choose harmless answered prompts, of each name as many as eight."""
    chosen: list[int] = []
    for name in found:
        own = np.flatnonzero(plain & (names == name))
        chosen += rng.permutation(own)[:_PROMPTS_EACH].tolist()
    if not chosen:
        chosen = rng.permutation(np.flatnonzero(plain))[:_PROMPTS_EACH].tolist()
    return np.array(sorted(chosen))


def _read_changes(change: Floats, own: Mask) -> tuple[float | None, float | None]:
    """Give the mean change of prompts of the direction's own kind, and of the others."""

    def mean(values: Floats) -> float | None:
        judged = values[~np.isnan(values)]
        return float(judged.mean()) if len(judged) else None

    return mean(change[own]), mean(change[~own])


def _mean_cosine(directions: Floats) -> float:
    return float(np.mean([one @ other for one, other in combinations(directions, 2)]))


def _deal(states: Floats, base: Floats, names: NDArray[np.str_], *, rng: np.random.Generator) -> Control:
    """Deal refused prompts to the names at random, as many to each as it has."""
    drawn = []
    for _ in range(N_DRAWS):
        dealt = rng.permutation(names)
        drawn.append(
            _mean_cosine(unit(np.stack([states[dealt == name].mean(axis=0) - base for name in np.unique(names)])))
        )
    return read_control("names dealt at random", drawn)


def _mean_selectivity(rows: Sequence[CategoryDirection]) -> Mean | None:
    known = [row.selectivity for row in rows if row.selectivity is not None]
    return student(known) if len(known) > 2 else None  # noqa: PLR2004 -- of two an interval says nothing
