"""How an adapter is trained."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

from demur.errors import UsageError

__all__ = ["METHODS", "Method", "Recipe"]

Method = Literal["sft", "dpo", "kto"]
METHODS: tuple[Method, ...] = get_args(Method)
_RATES: dict[Method, float] = {"sft": 1.5e-3, "dpo": 1e-4, "kto": 1e-4}


@dataclass(frozen=True)
class Recipe:
    """Settings of one training.

    Raises:
        UsageError: one is out of range.
    """

    method: Method = "sft"
    """Supervised on what is chosen; DPO (Rafailov et al. 2023) on pairs; KTO (Ethayarajh et al. 2024) on either answer by itself."""
    beta: float | None = None
    """How strongly the model is held to what it was, above 0; of preference methods alone, for which None is 0.1."""
    rank: int = 8
    """Of the adapter's matrices; it is scaled by 2, whatever the rank."""
    learning_rate: float | None = None
    """The highest; None takes the method's usual one."""
    epochs: int = 2
    batch: int = 32
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the ranges, and that no setting is given that the method does not have."""
        if self.method not in METHODS:
            raise UsageError(f"method: found {self.method}; expected one of {', '.join(METHODS)}")
        if self.method == "sft" and self.beta is not None:
            raise UsageError(f"beta: found {self.beta:g}; sft has none: expected --method dpo or kto with it")
        for name, value in (("beta", self.beta), ("learning rate", self.learning_rate)):
            if value is not None and not 0 < value < math.inf:
                raise UsageError(f"{name}: found {value:g}; expected a number above 0")
        for name, least in (("rank", 1), ("epochs", 1), ("batch", 2)):
            if (found := getattr(self, name)) < least:
                raise UsageError(f"{name}: found {found}; expected at least {least}")

    @property
    def rate(self) -> float:
        """The highest learning rate."""
        return self.learning_rate or _RATES[self.method]

    @property
    def strength(self) -> float | None:
        """Beta, if the method has one."""
        return None if self.method == "sft" else self.beta or 0.1

    @property
    def name(self) -> str:
        """Short and good for a folder, such as ``dpo-0.1``."""
        return self.method if self.strength is None else f"{self.method}-{self.strength:g}"
