"""Two adapters as one: their low-rank matrices beside each other.

With scales s and t (alpha over rank), s B A + t D C is [s B, t D] times A above C. The ranks add up, and nothing is rounded or fitted.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

__all__ = ["Adapter", "stack_adapters"]


class Adapter(NamedTuple):
    """A LoRA adapter as PEFT keeps it."""

    config: Any
    """A `peft.LoraConfig`: one rank and one alpha for all modules, which it has by name."""
    tensors: Mapping[str, Any]
    """``MODULE.lora_A.weight``, shape (rank, inputs), and ``MODULE.lora_B.weight``, shape (outputs, rank)."""


def stack_adapters(first: Adapter, second: Adapter) -> Adapter:
    """Put two adapters into one that does what both do together, on the model without either.

    A module that one of them leaves alone gets zeros from it, so that there is one rank for all: PEFT and llama.cpp both read that.
    """
    rank = first.config.r + second.config.r
    modules = {*first.config.target_modules, *second.config.target_modules}
    config = replace(second.config, r=rank, lora_alpha=rank, target_modules=modules)
    return Adapter(config, {name: _stack(name, first, second) for name in {**first.tensors, **second.tensors}})


def _stack(name: str, first: Adapter, second: Adapter) -> Any:
    import torch

    axis = 1 if ".lora_B." in name else 0  # that of the rank
    parts = []
    for one, other in ((first, second), (second, first)):
        if name not in one.tensors:
            shape = list(other.tensors[name].shape)
            shape[axis] = one.config.r
            parts.append(torch.zeros(shape))
        else:
            scale = one.config.lora_alpha / one.config.r if axis else 1
            parts.append(scale * one.tensors[name].float().cpu())
    return torch.cat(parts, axis)
