"""Tests that go on for ever: whether a rate has changed, asked anew with every observation.

A test that is repeated until it says yes says yes in the end. What can be promised of one that never stops is how rarely it
does so without a cause: its average run length (ARL), the observations to expect before a false alarm.

One observation x, 0 or 1, is evidence for "more" or "fewer" than a rate ``edge`` by the factor

    e(x) = ratio ** x / (1 + (ratio - 1) * edge)

the likelihood ratio of the rate whose odds are ``ratio`` times those of the edge. With a ratio above 1 its mean is at most 1
under every rate up to the edge, with one below 1 under every rate from the edge on; so the null is composite: where the edge
is a confidence bound of a baseline's rate, all rates that the baseline leaves possible are in it. The edge may be another for
each observation, as long as it is chosen before the observation is seen.

`EDetector` adds up products of such factors that began at each time, as the Shiryaev-Roberts procedure does (Shiryaev 1963;
Roberts 1966), over several ratios: the mixture of e-detectors of Shin, Ramdas and Rinaldo (2024, "E-detectors: a nonparametric
framework for sequential change detection", New England Journal of Statistics in Data Science 2(2)). `Cusum` keeps the greatest such
product for one ratio (Page 1954, "Continuous inspection schemes", Biometrika 41), and so also knows since when.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from demur.stats.interval import Interval
from demur.stats.observations import check_successes
from demur.stats.proportion import exact_interval

__all__ = ["RATIOS", "Cusum", "EDetector", "accrue", "baseline_interval", "log_e_values"]

RATIOS = (1.5, 2.0, 4.0, 10.0)
"""Odds ratios that a change to more is looked for at; to fewer, their inverses. Chosen to lie evenly over what is worth an
alarm: a finer set finds nothing much sooner, since evidence for 1.5 is evidence for 1.7 too."""

Floats = NDArray[np.float64]


def baseline_interval(successes: int, n: int, *, confidence: float = 0.99) -> Interval:
    """Give the rates that a baseline leaves possible: its exact interval (Clopper and Pearson 1934).

    Its bounds are the edges of the nulls "no more than before" (the upper) and "no fewer" (the lower). A baseline that was
    never looked at leaves every rate possible.

    Raises:
        ValueError: the counts are impossible.
    """
    check_successes(successes, n, 0)
    return exact_interval(successes, n, tail=(1 - confidence) / 2) if n else Interval(0.0, 1.0)


def log_e_values(edge: float, ratios: Floats) -> Floats:
    """Give the logarithm of the evidence in either outcome.

    Args:
        edge: of the null, in [0, 1].
        ratios: shape (K,), positive; above 1 looks for more than the edge, below 1 for fewer.

    Returns:
        Shape (2, K), in nats: row 0 for a failure, row 1 for a success. Minus infinity where nothing can be more than the edge, or
        fewer: else each observation, being no evidence, would add its weight to the sums until they reach any threshold.
    """
    failure = -np.log1p((ratios - 1) * edge)
    possible = np.where(ratios > 1, edge < 1, edge > 0)
    return np.where(possible, np.stack([failure, np.log(ratios) + failure]), -np.inf)


def accrue(evidence: Floats, e_values: Floats, weight: float | Floats = 1.0) -> Floats:
    """Take one observation into sums of products that began at each time, the present one included.

    The mean of the sum grows by `weight` at most under the null. If the sum is set to 0 whenever it reaches a threshold, the
    expected number of times that it does so is therefore at most the sum of the weights divided by the threshold, at any
    time and whatever other sums do: sum plus threshold times crossings, less the weights, is a supermartingale. With
    weights of 1 the average run length is at least the threshold.

    Args:
        evidence: the sums so far, any shape.
        e_values: of the present observation, broadcast against `evidence`.
        weight: how much a run that begins with this observation counts; chosen before the observation is seen.
    """
    return (evidence + weight) * e_values


@dataclass
class EDetector:
    """A mixture of Shiryaev-Roberts sums for one rate, in one direction; all its state is in its fields."""

    edge: float
    """Of the null, in [0, 1]."""
    arl: float
    """Average run length promised under every rate of the null."""
    ratios: tuple[float, ...] = RATIOS
    """Above 1 to look for more than the edge, below 1 for fewer; equal weights."""
    evidence: list[float] = field(default_factory=list)
    """Of each ratio; 0 at first."""

    def __post_init__(self) -> None:
        """Begin without evidence, unless some is given.

        Raises:
            ValueError: the ratios lie on both sides of 1, or the average run length is not above 1.
        """
        if not (all(ratio > 1 for ratio in self.ratios) or all(0 < ratio < 1 for ratio in self.ratios)):
            raise ValueError(f"ratios are {self.ratios}; expected all above 1, or all between 0 and 1")
        if not self.arl > 1:
            raise ValueError(f"arl is {self.arl}; expected more than 1")
        self.evidence = self.evidence or [0.0] * len(self.ratios)
        self._e_values = np.exp(log_e_values(self.edge, np.array(self.ratios)))

    @property
    def value(self) -> float:
        """The mixed evidence; an alarm at `arl`."""
        return sum(self.evidence) / len(self.evidence)

    def update(self, outcome: bool) -> bool:
        """Take in one observation; True is an alarm, after which the evidence begins again at nothing."""
        self.evidence = accrue(np.array(self.evidence), self._e_values[int(outcome)]).tolist()
        if self.value < self.arl:
            return False
        self.evidence = [0.0] * len(self.ratios)
        return True


@dataclass
class Cusum:
    """The greatest log-likelihood ratio of a change since any time, for one rate and one ratio; all its state is in its fields.

    Its average run length is at least ``exp(threshold)`` (Lorden 1971): the greatest product is at most the sum of all.
    """

    edge: float
    """Of the null, in [0, 1]."""
    threshold: float
    """In nats."""
    ratio: float
    """Odds ratio of the change looked for."""
    value: float = 0.0
    """In nats; an alarm at `threshold`."""
    n: int = 0
    """Observations since the value was last nothing: the change, if there is one, is most likely as long ago as that."""
    successes: int = 0
    """Among these."""

    def update(self, outcome: bool) -> bool:
        """Take in one observation; True is an alarm, after which the caller reads `n` and `successes`, and calls `reset`."""
        if self.value <= 0:
            self.reset()
        self.value += float(log_e_values(self.edge, np.array([self.ratio]))[int(outcome), 0])
        self.n += 1
        self.successes += bool(outcome)
        return self.value >= self.threshold

    def reset(self) -> None:
        """Begin again at nothing."""
        self.value, self.n, self.successes = 0.0, 0, 0
