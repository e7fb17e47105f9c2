"""Observations as they come in: counts and yes-or-no outcomes, checked, and summed by family."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Families", "as_binary", "check_count", "check_successes", "group"]


@dataclass(frozen=True)
class Families:
    """Observations summed by family (cluster): what every cluster-robust method here works on."""

    totals: NDArray[np.int64]
    """Shape (n_families,): sum of the observed values in each family."""
    sizes: NDArray[np.int64]
    """Shape (n_families,): number of observations in each family, at least 1."""

    @property
    def mean(self) -> float:
        """Mean over observations (not over families)."""
        return float(self.totals.sum() / self.sizes.sum())


def check_count(name: str, value: int) -> None:
    """Raise unless the value is a whole number, not negative.

    Raises:
        ValueError: it is a fraction, not a number, or below 0.
    """
    if isinstance(value, float | np.floating) and not float(value).is_integer():
        raise ValueError(f"{name} is {value}; expected a whole number")
    if value < 0:
        raise ValueError(f"{name} is {value}; expected 0 or more")


def check_successes(successes: int, n: int, n_unjudged: int) -> None:
    """Raise unless the three counts can belong together.

    Raises:
        ValueError: one is no count, or there are more successes than observations.
    """
    check_count("successes", successes)
    check_count("n", n)
    check_count("n_unjudged", n_unjudged)
    if successes > n:
        raise ValueError(f"successes is {successes} of n {n}; expected at most n")


def as_binary(name: str, values: Sequence[bool]) -> NDArray[np.int64]:
    """Turn yes-or-no outcomes into zeros and ones, shape (n,).

    Raises:
        ValueError: a value is neither; None and NaN are missing answers, to be counted as unjudged by the caller.
    """
    for position, value in enumerate(values):
        if value not in (0, 1):
            raise ValueError(f"{name}[{position}] is {value!r}; expected True or False, with unjudged ones left out")
    return np.asarray(values, dtype=np.int64)


def group(values: NDArray[np.int64], clusters: Sequence[Hashable]) -> Families:
    """Sum observations by family.

    Args:
        values: shape (n,).
        clusters: the family of each observation, any hashable label; families are those that share a label.

    Raises:
        ValueError: there are not as many labels as values.
    """
    if len(values) != len(clusters):
        raise ValueError(f"found {len(values)} outcomes and {len(clusters)} clusters; expected one cluster each")
    number: dict[Hashable, int] = {}
    index = np.array([number.setdefault(label, len(number)) for label in clusters], dtype=np.int64)
    totals = np.bincount(index, weights=values, minlength=len(number)).astype(np.int64)
    return Families(totals, np.bincount(index, minlength=len(number)).astype(np.int64))
