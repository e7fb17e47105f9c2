"""The gate of a move: whether all its conditions hold of a prompt, read block by block as the prompt passes through the model."""

from collections.abc import Sequence
from typing import Any

from demur.steering.move import Condition
from demur.steering.positions import states_at

__all__ = ["Gate"]


class Gate:
    """The conditions of one move and what was read for them so far, in 32 bits.

    Args:
        conditions: all must hold; without any the gate is open.
        mask: of the prompts, shape (rows, tokens), 1 for a token and 0 for padding.
    """

    def __init__(self, conditions: Sequence[Condition], mask: Any) -> None:
        self._conditions, self._mask = conditions, mask
        self._scores: list[Any] = [condition.bias for condition in conditions]
        self._is_there = mask.new_ones(len(mask)).bool()

    def read(self, layer: int, hidden: Any) -> None:
        """Read the states that enter a block, shape (rows, tokens, width), where conditions look at it."""
        for number, condition in enumerate(self._conditions):
            for place, mean, weights in zip(condition.places, condition.mean, condition.weights, strict=True):
                if place.layer == layer:
                    states, is_there = states_at(hidden, self._mask, place.position)
                    self._is_there &= is_there
                    told = _project(states.float(), mean, weights, is_unit=condition.is_unit)
                    self._scores[number] = self._scores[number] + told.to(self._mask.device)

    def holds(self) -> list[bool]:
        """Tell of each row whether all conditions hold: every score is above 0, and the prompt is as long as they look back."""
        held = self._is_there
        for score in self._scores:
            held = held & (score > 0)
        told: list[bool] = held.tolist()
        return told


def _project(states: Any, mean: Any, weights: Any, *, is_unit: bool) -> Any:
    import torch

    mean, weights = (torch.as_tensor(one, dtype=states.dtype, device=states.device) for one in (mean, weights))
    moved = states - mean
    if is_unit:
        moved = torch.nn.functional.normalize(moved, dim=-1)
    return moved @ weights
