"""Whether a judge's confidence means what it says: of verdicts given with confidence c, a share c should be right."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import pi, sqrt
from typing import NamedTuple

from demur.stats import clustered_proportion
from demur.types import Estimate

__all__ = ["Calibration", "CalibrationBin", "Stated", "calibrate"]

N_BINS = 10
"""Bins that are aimed at. Verdicts of one confidence are never put into two, so their counts, and their number, vary."""


class Stated(NamedTuple):
    """A verdict with the confidence that was stated."""

    confidence: float
    """In [0, 1]."""
    is_right: bool
    family: Hashable
    """Verdicts of one family are not independent."""


@dataclass(frozen=True)
class CalibrationBin:
    """Verdicts of like confidence."""

    low: float
    """The least confidence among them."""
    high: float
    """The greatest."""
    confidence: float
    """Their mean confidence."""
    right: Estimate
    """How many of them are right."""


@dataclass(frozen=True)
class Calibration:
    """The judge's confidence against how often it was right."""

    bins: tuple[CalibrationBin, ...]
    """From the least sure to the surest."""
    n: int
    """Verdicts with a confidence."""
    n_without: int
    """Verdicts that state none."""
    expected_calibration_error: float | None
    """Mean distance between confidence and share right over the bins, weighted by their n, in [0, 1]; None without n.
    It is above 0 by chance alone, and so has no honest interval: compare it with the next."""
    expected_by_chance: float | None
    """What a judge whose confidence is perfectly honest would show with these bins, on average; families would raise it."""
    brier_score: float | None
    """Mean squared distance between confidence and right (1) or wrong (0), in [0, 1]; 0 is best, .25 knows nothing."""


def calibrate(stated: Sequence[Stated], *, n_without: int = 0) -> Calibration:
    """Compare stated confidence with the share that was right, in bins of about equal counts.

    Args:
        stated: verdicts that state a confidence.
        n_without: verdicts that do not; only counted.
    """
    bins = tuple(_bin(members) for members in _split(sorted(stated, key=lambda one: one.confidence)))
    n = len(stated)
    gaps = [one.right.n * abs(one.confidence - (one.right.value or 0.0)) for one in bins]
    # E |k/n - c| of a binomial with rate c, by the normal approximation: sqrt(2 / pi) standard deviations.
    chance = [one.right.n * sqrt(2 / pi * one.confidence * (1 - one.confidence) / one.right.n) for one in bins]
    return Calibration(
        bins=bins,
        n=n,
        n_without=n_without,
        expected_calibration_error=sum(gaps) / n if n else None,
        expected_by_chance=sum(chance) / n if n else None,
        brier_score=sum((one.confidence - one.is_right) ** 2 for one in stated) / n if n else None,
    )


def _split(ordered: Sequence[Stated]) -> list[list[Stated]]:
    """Fill bins in order; a bin ends when it has its share, and before a confidence that has a share by itself."""
    share = len(ordered) / N_BINS
    bins: list[list[Stated]] = []
    for _, same in groupby(ordered, key=lambda one: one.confidence):
        members = list(same)
        if not bins or len(bins[-1]) >= share or len(members) >= share:
            bins.append([])
        bins[-1] += members
    return bins


def _bin(members: Sequence[Stated]) -> CalibrationBin:
    return CalibrationBin(
        low=members[0].confidence,
        high=members[-1].confidence,
        confidence=sum(one.confidence for one in members) / len(members),
        right=clustered_proportion([one.is_right for one in members], [one.family for one in members]),
    )
