"""Tests that go on for ever: whether a rate has changed, asked anew with every observation.

A test that is repeated until it says yes says yes in the end. What can be promised of one that never stops is how rarely it
does so without a cause: its average run length (ARL), the observations to expect before a false alarm.

One observation x, 0 or 1, is evidence of a change by the factor

    e(x) = ratio ** x / (1 + (ratio - 1) * rate)

the likelihood ratio of the rate whose odds are ``ratio`` times the usual ones: above 1 for a change to more, below 1 to fewer.
Its mean is 1 if x has the probability ``rate``. The usual rate is not known, and a baseline's estimate in its place breaks the
promise. So ``rate`` is the probability of the next success after all that was seen so far (`predictive_rate`). Over all usual
rates, weighed by Jeffreys' prior, that is exactly the chance of x: the null is composite, and knows how small the baseline is.
While an estimate is off, the predictions move to what is seen, and no evidence piles up; the baseline grows with each observation.

`EDetector` adds up products of such factors that began at each time, as the Shiryaev-Roberts procedure does (Shiryaev 1963;
Roberts 1966), over several ratios: the mixture of e-detectors of Shin, Ramdas and Rinaldo (2024, "E-detectors: a nonparametric
framework for sequential change detection", New England Journal of Statistics in Data Science 2(2)), whose factors are
predicted one observation ahead (Dawid 1984). `Cusum` keeps the greatest such product for one ratio (Page 1954, "Continuous inspection schemes",
Biometrika 41), and so also knows since when.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from demur.stats.observations import check_successes

__all__ = ["RATIOS", "Cusum", "EDetector", "accrue", "log_e_values", "predictive_rate"]

RATIOS = (1.25, 1.5, 2.0, 4.0, 10.0)
"""Odds ratios that a change to more is looked for at; to fewer, their inverses."""

Floats = NDArray[np.float64]


def predictive_rate(successes: Floats, n: Floats, prior: float | Floats = 0.5) -> Floats:
    """Give the probability of a success after so many of `n`; by default under Jeffreys' prior (Krichevsky and Trofimov 1981).

    Args:
        successes: any shape.
        n: number of observations; the same shape.
        prior: the probability before anything was seen, in (0, 1), with the weight of one observation.

    Returns:
        Above 0 and below 1: what never happened may happen.
    """
    return (successes + prior) / (n + 1)


def log_e_values(outcomes: Floats, rates: Floats, ratios: Floats) -> Floats:
    """Give the logarithm of the evidence in outcomes.

    Args:
        outcomes: 0 or 1.
        rates: predicted before the outcomes were seen, in (0, 1).
        ratios: of odds, positive.

    Returns:
        The shape that the three broadcast to, in nats.
    """
    return np.asarray(outcomes * np.log(ratios) - np.log1p((ratios - 1) * rates))


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

    successes: int
    """In the baseline and since."""
    n: int
    """Observations in the baseline and since; many of them stand for a rate that is known."""
    arl: float
    """Average run length promised."""
    ratios: tuple[float, ...] = RATIOS
    """All above 1 to look for more, all below 1 for fewer; equal weights."""
    evidence: list[float] = field(default_factory=list)
    """Of each ratio; 0 at first."""

    def __post_init__(self) -> None:
        """Begin without evidence, unless some is given.

        Raises:
            ValueError: the ratios lie on both sides of 1, the average run length is not above 1, or the counts are impossible.
        """
        if not (all(ratio > 1 for ratio in self.ratios) or all(0 < ratio < 1 for ratio in self.ratios)):
            raise ValueError(f"ratios are {self.ratios}; expected all above 1, or all between 0 and 1")
        if not self.arl > 1:
            raise ValueError(f"arl is {self.arl}; expected more than 1")
        check_successes(self.successes, self.n, 0)
        self.evidence = self.evidence or [0.0] * len(self.ratios)

    @property
    def value(self) -> float:
        """The mixed evidence; an alarm at `arl`."""
        return sum(self.evidence) / len(self.evidence)

    def update(self, outcome: bool) -> bool:
        """Take in one observation; True is an alarm, after which the evidence begins again at nothing."""
        rate = predictive_rate(np.array(self.successes), np.array(self.n))
        gains = log_e_values(np.array(outcome), rate, np.array(self.ratios))
        self.evidence = accrue(np.array(self.evidence), np.exp(gains)).tolist()
        self.successes, self.n = self.successes + bool(outcome), self.n + 1
        if self.value < self.arl:
            return False
        self.evidence = [0.0] * len(self.ratios)
        return True


@dataclass
class Cusum:
    """The greatest log-likelihood ratio of a change since any time, for one ratio; all its state is in its fields.

    Its average run length is at least ``exp(threshold)`` (Lorden 1971): the greatest product is at most the sum of all.
    """

    successes: int
    """In the baseline and since."""
    n: int
    """Observations in the baseline and since."""
    threshold: float
    """In nats."""
    ratio: float
    """Odds ratio of the change looked for."""
    value: float = 0.0
    """In nats; an alarm at `threshold`."""
    n_since: int = 0
    """Observations since the value was last nothing: if something changed, it most likely was as long ago as that."""
    successes_since: int = 0
    """Among these."""

    def update(self, outcome: bool) -> bool:
        """Take in one observation; True is an alarm, after which the caller reads what was seen since, and calls `reset`."""
        if self.value <= 0:
            self.reset()
        rate = predictive_rate(np.array(self.successes), np.array(self.n))
        self.value += float(log_e_values(np.array(outcome), rate, np.array(self.ratio)))
        self.successes, self.n = self.successes + bool(outcome), self.n + 1
        self.successes_since, self.n_since = self.successes_since + bool(outcome), self.n_since + 1
        return self.value >= self.threshold

    def reset(self) -> None:
        """Begin again at nothing, with the baseline as it is."""
        self.value, self.n_since, self.successes_since = 0.0, 0, 0
