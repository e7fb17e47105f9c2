"""What chance would show in a figure's place: directions drawn at random, and directions found on labels that were shuffled."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.labels import Contrast

__all__ = ["N_DRAWS", "Control", "Controlled", "draw_directions", "read_control", "shuffle_labels"]

N_DRAWS = 20
"""Of each control: what chance reaches in fewer than one draw of twenty is not called a finding."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Control:
    """A figure's values under chance."""

    kind: str
    """``random directions`` or ``shuffled labels``."""
    n: int
    """Draws."""
    mean: float
    low: float
    """The least of them."""
    high: float
    """The greatest of them."""


@dataclass(frozen=True)
class Controlled:
    """A figure beside what chance shows in its place."""

    value: float
    random: Control
    shuffled: Control

    @property
    def is_more(self) -> bool:
        """Whether it is above every draw of either control."""
        return self.value > max(self.random.high, self.shuffled.high)


def read_control(kind: str, values: Sequence[float]) -> Control:
    """Sum the draws of a control up."""
    found = np.asarray(values, dtype=np.float64)
    return Control(kind, len(found), float(found.mean()), float(found.min()), float(found.max()))


def draw_directions(width: int, *, rng: np.random.Generator, n: int = N_DRAWS) -> Floats:
    """Draw directions at random, each of length 1, shape (n, width)."""
    drawn = rng.standard_normal((n, width))
    directions: Floats = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return directions


def shuffle_labels(
    contrast: Contrast, *, families: Sequence[str], rng: np.random.Generator, n: int = N_DRAWS
) -> list[Contrast]:
    """Shuffle who is on which side: whole families change places, so that what they share stays together.

    A figure's control finds its direction on shuffled labels and is measured on shuffled labels. Measured on the true ones it would show 1
    as often as 0 wherever one direction outweighs all others, since every difference in means leans on that.

    Args:
        contrast: the two sides.
        families: of each prompt.
        rng: source of the draws.
        n: how many.
    """
    groups = [mask for side in contrast for mask in side]
    members = np.flatnonzero(np.any(groups, axis=0))
    move = _make_shuffle([families[index] for index in members.tolist()], members)
    half = len(contrast.positive)
    drawn = []
    for _ in range(n):
        source = move(rng)
        shuffled = [np.zeros(len(families), dtype=bool) for _ in groups]
        for new, old in zip(shuffled, groups, strict=True):
            new[members] = old[source]
        drawn.append(Contrast(tuple(shuffled[:half]), tuple(shuffled[half:])))
    return drawn


def _make_shuffle(
    families: Sequence[str], members: NDArray[np.int64]
) -> Callable[[np.random.Generator], NDArray[np.int64]]:
    """Make a function that says, of each member, whose labels it gets: families are laid out anew, one after the other."""
    order = sorted(range(len(members)), key=lambda index: families[index])
    names = [families[index] for index in order]
    starts = [index for index in range(len(names)) if index == 0 or names[index] != names[index - 1]]
    pieces = np.split(members[order], starts[1:])

    def move(rng: np.random.Generator) -> NDArray[np.int64]:
        source = np.empty_like(members)
        source[order] = np.concatenate([pieces[index] for index in rng.permutation(len(pieces))])
        return source

    return move
