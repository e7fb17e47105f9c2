"""What steering does to a model's states, and the conditions on which it does it."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.errors import DataError

__all__ = ["Condition", "Move", "Place"]

Floats = NDArray[np.float64]


class Place(NamedTuple):
    """Where in a prompt a state is read, and how deep."""

    position: int
    """From the end of the prompt: -1 is the token after which the reply begins."""
    layer: int
    """The state is that which goes into this block."""


@dataclass(frozen=True)
class Condition:
    """Something that holds of a prompt or does not, read from its states when it is first seen; linear in them.

    It holds where the sum over places of weights * n(state - mean), and the bias, is above 0; n(x) is x, or x / |x| where only the way counts.
    """

    name: str
    places: tuple[Place, ...]
    mean: Floats
    """Shape (places, width)."""
    weights: Floats
    """Likewise."""
    bias: float
    is_unit: bool = False
    """Whether states are brought to length 1 after the mean is taken off, so that nothing but their direction counts."""

    @property
    def depth(self) -> int:
        """The deepest layer it reads."""
        return max(place.layer for place in self.places)


@dataclass(frozen=True)
class Move:
    """What is done to the states of the prompts that meet all conditions, at every token, that of the reply among them.

    ``remove`` takes the part along a direction off that is above what is usual of harmless answered prompts (one-sided projection):
    h - gain * max(0, h.v - origin) * v. ``add`` adds: h + gain * v.
    """

    name: str
    """Of what it is for: ``false alarms``, the name of a category or of a task."""
    operation: Literal["remove", "add"]
    layers: tuple[int, ...]
    """Of the blocks at whose entry it is done."""
    vectors: Floats
    """Shape (layers, width); of length 1 where they are taken out."""
    origins: Floats
    """What is left along each vector where they are taken out, shape (layers,)."""
    gain: float
    gate: tuple[Condition, ...]
    """All must hold. What takes something out has one at least: nothing takes refusal out of every prompt."""

    def __post_init__(self) -> None:
        """Raise DataError if it would take refusal out of every prompt, or act before it is known whether it is to."""
        if self.operation == "remove" and not self.gate:
            raise DataError(f"move '{self.name}': takes something out of every prompt; expected a condition at least")
        deepest = max((condition.depth for condition in self.gate), default=0)
        if self.layers and deepest > min(self.layers):
            raise DataError(
                f"move '{self.name}': found a condition on layer {deepest} and an edit at layer {min(self.layers)}; "
                "expected every condition to be read no later than the first edit"
            )
