"""Who refused: the model, or a filter or guard in front of it or behind; and whether all refusals agree on that."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from demur.types import Layer, Verdict

__all__ = ["Refusers", "count_layers"]


@dataclass(frozen=True)
class Refusers:
    """Refusals by who made them."""

    model: int
    filter: int
    """A provider's filter, or a guard that says so."""
    answered: int
    """Samples that were not refused."""

    @property
    def layer(self) -> Layer | None:
        """Who refused most; None if nobody did, or both alike."""
        if self.model == self.filter:
            return None
        return "model" if self.model > self.filter else "filter"

    @property
    def is_agreed(self) -> bool:
        """Whether all samples came to the same."""
        return sum(n > 0 for n in (self.model, self.filter, self.answered)) <= 1


def count_layers(verdicts: Sequence[Verdict | None]) -> Refusers:
    """Count the judged samples by who refused."""
    judged = [verdict for verdict in verdicts if verdict is not None and verdict.outcome is not None]
    layers = Counter("filter" if one.layer == "filter" else "model" for one in judged if one.outcome == "refuse")
    return Refusers(layers["model"], layers["filter"], len(judged) - layers.total())
