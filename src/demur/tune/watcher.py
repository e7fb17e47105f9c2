"""What was seen of both sides at the checkpoints of a training, and which of them was best."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from demur.output import write_file
from demur.records import read_text
from demur.tune.processes import is_main_process

__all__ = ["Watched", "Watcher", "Watching"]

_PATIENCE = 3
"""Checkpoints in a row that are worse than the best and end a training."""
_LEAN = 1.0
"""How fast the weight of a side follows its errors: the step of Sagawa et al. 2020."""


class Watched(NamedTuple):
    """How both sides stand in the middle of a training, on pairs that are not trained on."""

    safety_rate: float
    utility_rate: float
    n: int
    """Answers on either side, or on that which had fewer."""

    @property
    def lesser(self) -> float:
        """The worse of the two: nothing is gained by trading one for the other."""
        return min(self.safety_rate, self.utility_rate)

    @property
    def standard_error(self) -> float:
        """Of the lesser of the two."""
        return math.sqrt(self.lesser * (1 - self.lesser) / self.n)


Watching = Callable[[Any], Watched]
"""Asks the model as it is."""


class Watcher:
    """Looks at the model at each checkpoint, and remembers what it saw, also for a training that goes on later.

    Of several processes the main one looks and writes; what it saw is known to all, so that they decide alike.

    Args:
        watch: asks the model.
        path: file for what was seen.
    """

    def __init__(self, watch: Watching, path: Path) -> None:
        self._watch, self._path = watch, path
        seen = json.loads(read_text(path)) if path.is_file() else {}
        self._seen = {int(step): Watched(*rates) for step, rates in seen.items()}

    def look(self, model: Any, step: int) -> None:
        """Look at a model as it is at a step.

        Raises:
            IncompleteError: what was seen cannot be written.
        """
        from accelerate.utils import broadcast_object_list

        if is_main_process():
            self._seen = {at: rates for at, rates in self._seen.items() if at < step} | {step: self._watch(model)}
            write_file(self._path, json.dumps(self._seen), advice="make room, then start it again")
        (self._seen,) = broadcast_object_list([self._seen])

    def lean_at(self, step: int) -> float:
        """Give how many times a harmless request is to weigh what a harmful one does, above 0, after the looks up to a step.

        The side that was worse weighs more, as in group DRO (Sagawa et al. 2020, algorithm 1), with the errors of the looks for
        losses: a loss of first tokens says little about which of two answers is the likelier one.
        """
        return math.exp(
            _LEAN * sum(seen.safety_rate - seen.utility_rate for at, seen in self._seen.items() if at <= step)
        )

    @property
    def best(self) -> int | None:
        """The last step that is within a standard error of the best (Breiman et al. 1984), since a look at a few dozen answers says little."""
        if not self._seen:
            return None
        best = max(self._seen.values(), key=lambda seen: seen.lesser)
        return max(step for step, seen in self._seen.items() if seen.lesser >= best.lesser - best.standard_error)

    @property
    def is_past_its_best(self) -> bool:
        """Whether the model was better a good while ago, and not since."""
        best = self.best
        return best is not None and sum(step > best for step in self._seen) >= _PATIENCE
