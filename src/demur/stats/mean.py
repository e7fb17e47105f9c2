"""The mean of independent numbers that are no rates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from demur.stats.interval import CONFIDENCE

__all__ = ["Mean", "student"]


@dataclass(frozen=True)
class Mean:
    """A mean with the ends of its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


def student(values: Sequence[float]) -> Mean:
    """Estimate a mean with the interval of Student (1908).

    Raises:
        ValueError: there are fewer than two values, of which none is known to vary.
    """
    from scipy.special import stdtrit

    known = np.asarray(values, dtype=np.float64)
    if len(known) < 2:  # noqa: PLR2004 -- one has no spread
        raise ValueError(f"found {len(known)} values; expected two at least")
    reach = float(stdtrit(len(known) - 1, (1 + CONFIDENCE) / 2) * known.std(ddof=1) / np.sqrt(len(known)))
    mean = float(known.mean())
    return Mean(mean, mean - reach, mean + reach, len(known))
