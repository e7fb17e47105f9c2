"""How far two labellers, a reference and a judge, agree: the table of their labels and what is read from it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demur.stats.interval import Interval, undefined, wilson_interval
from demur.stats.observations import check_count
from demur.stats.proportion import wilson
from demur.types import Estimate

__all__ = ["Confusion", "clustered_kappa", "cohen_kappa", "raw_agreement", "sensitivity", "specificity", "tabulate"]


@dataclass(frozen=True)
class Confusion:
    """Counts of each pair of labels, and of what was left unjudged."""

    labels: tuple[str, ...]
    """Names of rows and columns, no two alike."""
    counts: tuple[tuple[int, ...], ...]
    """``counts[i][j]``: observations with reference label i that were judged j; square, one row a label."""
    unjudged: tuple[int, ...]
    """``unjudged[i]``: observations with reference label i that have no verdict; in no rate, beside every one."""

    def __post_init__(self) -> None:
        """Raise ValueError unless the shapes agree and every count is one."""
        size = len(self.labels)
        if len(set(self.labels)) != size:
            raise ValueError(f"labels are {self.labels}; expected no two alike")
        if len(self.counts) != size or any(len(row) != size for row in self.counts) or len(self.unjudged) != size:
            raise ValueError(f"counts or unjudged do not fit {size} labels; expected {size} rows of {size}, and {size}")
        for value in (*self.unjudged, *(value for row in self.counts for value in row)):
            check_count("a count", value)

    @property
    def n(self) -> int:
        """Judged observations."""
        return sum(map(sum, self.counts))

    @property
    def n_unjudged(self) -> int:
        """Observations without a verdict."""
        return sum(self.unjudged)


def tabulate(
    reference: Sequence[str], judged: Sequence[str | None], *, labels: Sequence[str] | None = None
) -> Confusion:
    """Count each pair of labels.

    Args:
        reference: the labels held to be true.
        judged: the judge's labels in the same order; None where it gave none.
        labels: order of rows and columns; by default every label that occurs, sorted.

    Raises:
        ValueError: the lengths differ, a reference label is missing, or a label is not among `labels`.
    """
    if len(reference) != len(judged):
        raise ValueError(f"found {len(reference)} reference labels and {len(judged)} judged; expected pairs")
    seen = {label for label in (*reference, *judged) if label is not None}
    if any(label is None for label in reference):
        raise ValueError("a reference label is None; expected a label for every observation")
    names = tuple(sorted(seen)) if labels is None else tuple(labels)
    if not seen <= set(names):
        raise ValueError(f"found labels {sorted(seen - set(names))}; expected only {list(names)}")
    row = {name: number for number, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)), dtype=int)
    unjudged = np.zeros(len(names), dtype=int)
    for truth, label in zip(reference, judged, strict=True):
        if label is None:
            unjudged[row[truth]] += 1
        else:
            counts[row[truth], row[label]] += 1
    return Confusion(names, tuple(map(tuple, counts.tolist())), tuple(unjudged.tolist()))


def raw_agreement(table: Confusion) -> Estimate:
    """Estimate the share of judged observations whose two labels are the same, with Wilson's interval."""
    same = sum(table.counts[i][i] for i in range(len(table.labels)))
    return wilson(same, table.n, n_unjudged=table.n_unjudged)


def sensitivity(table: Confusion, positive: str) -> Estimate:
    """Estimate how often the judge says `positive` of what is so by the reference, with Wilson's interval.

    Raises:
        ValueError: there is no such label.
    """
    row = _position(table, positive)
    return wilson(table.counts[row][row], sum(table.counts[row]), n_unjudged=table.unjudged[row])


def specificity(table: Confusion, positive: str) -> Estimate:
    """Estimate how often the judge says something else of what is not `positive`, with Wilson's interval.

    Raises:
        ValueError: there is no such label.
    """
    column = _position(table, positive)
    others = [row for i, row in enumerate(table.counts) if i != column]
    n = sum(map(sum, others))
    false_positives = sum(row[column] for row in others)
    return wilson(n - false_positives, n, n_unjudged=table.n_unjudged - table.unjudged[column])


def cohen_kappa(table: Confusion) -> Estimate:
    """Estimate agreement beyond chance (Cohen 1960), in [-1, 1].

    kappa = (p_o - p_e) / (1 - p_e), with p_o the observed share of agreement and p_e the one expected of two labellers
    with these marginals who choose independently.

    The interval is Wilson's for p_o, at the number of observations that gives kappa the large-sample variance of Fleiss,
    Cohen and Everitt (1969), carried over to kappa with p_e held. Their own interval, kappa plus and minus 1.96
    standard errors, has no width at perfect agreement; in simulation with kappa .8 to .99 and 20 to 200 observations it
    covered 2 to 95 %, this one 86 to 97 %. At kappa 0 with a label rarer than 1 in 10, neither is reliable below a few
    hundred observations.

    Returns:
        Undefined where nothing is judged or both use a single label, the same, because then p_e is 1.
    """
    if table.n == 0:
        return undefined(0, table.n_unjudged, "cohen-kappa")
    shares = np.array(table.counts) / table.n
    observed = float(np.trace(shares))
    if shares.diagonal().max() == 1:
        return undefined(table.n, table.n_unjudged, "cohen-kappa: both use one label only")
    expected = float(shares.sum(axis=1) @ shares.sum(axis=0))
    variance = _kappa_variance(shares) / table.n
    spread = observed * (1 - observed)
    size = spread / (variance * (1 - expected) ** 2) if spread > 0 and variance > 0 else table.n
    low, high = (_beyond_chance(bound, expected) for bound in wilson_interval(observed, size))
    value = _beyond_chance(observed, expected)
    bounds = Interval(max(low, -1.0), min(high, 1.0)).covering(value)
    return Estimate(value, bounds.low, bounds.high, table.n, table.n_unjudged, "cohen-kappa")


def clustered_kappa(table: Confusion, agreement: Estimate) -> Estimate:
    """Estimate agreement beyond chance over observations that come in families.

    It is `cohen_kappa`, whose interval is that of the agreement carried over with the marginals held, widened by as much
    as the families widen the agreement's.

    Args:
        table: the labels.
        agreement: share of its observations whose labels are the same, as `clustered_proportion` estimates it.

    Returns:
        Undefined where `cohen_kappa` is.

    Raises:
        ValueError: the agreement is undefined though kappa is not.
    """
    kappa = cohen_kappa(table)
    if kappa.value is None or kappa.low is None or kappa.high is None:
        return kappa
    factor = _width(agreement) / _width(raw_agreement(table))
    low = max(-1.0, kappa.value - factor * (kappa.value - kappa.low))
    high = min(1.0, kappa.value + factor * (kappa.high - kappa.value))
    return Estimate(kappa.value, low, high, kappa.n, kappa.n_unjudged, "cohen-kappa, widened for families")


def _width(estimate: Estimate) -> float:
    if estimate.low is None or estimate.high is None:
        raise ValueError("the agreement is undefined; expected bounds")
    return estimate.high - estimate.low


def _position(table: Confusion, label: str) -> int:
    if label not in table.labels:
        raise ValueError(f"found no label {label!r}; expected one of {list(table.labels)}")
    return table.labels.index(label)


def _beyond_chance(agreement: float, expected: float) -> float:
    return (agreement - expected) / (1 - expected)


def _kappa_variance(shares: NDArray[np.float64]) -> float:
    """Large-sample variance of kappa times the number of observations (Fleiss, Cohen and Everitt 1969).

    Args:
        shares: shape (n_labels, n_labels), summing to 1.
    """
    rows, columns, agreed = shares.sum(axis=1), shares.sum(axis=0), shares.diagonal()
    expected = float(rows @ columns)
    doubt = 1 - _beyond_chance(float(agreed.sum()), expected)
    on_diagonal = float(agreed @ (1 - (rows + columns) * doubt) ** 2)
    pulls = (columns[:, None] + rows[None, :]) ** 2
    off_diagonal = doubt**2 * float((shares * pulls).sum() - agreed @ pulls.diagonal())
    mean = 1 - doubt - expected * doubt
    return max(0.0, on_diagonal + off_diagonal - mean**2) / (1 - expected) ** 2
