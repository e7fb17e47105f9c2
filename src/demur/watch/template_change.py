"""Whether a template's share of the refusals changed, each kind of request held against itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.stats import exact_in_strata, wilson
from demur.stats.interval import wilson_interval
from demur.types import Estimate

__all__ = ["Table", "TemplateChange", "Trend", "find_change"]

_LEVEL = 0.05
"""Of the tests of all templates and all moments together."""
_HARDLY = 2.0
"""Logarithm of a likelihood ratio at which the test would say .05, before it pays for anything: it need not be made."""
_FACTOR = 1.5
"""A share that was there before and after is told to have changed if it is so many times the other."""

Trend = Literal["new", "rising", "falling", "vanished"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TemplateChange:
    """A template's share is another since some moment: more than chance, by a test that pays for all it looked at."""

    trend: Trend
    since: str
    """The period from which on the share differs most."""
    found: str
    """The period at whose end that could first be told."""
    before: Estimate
    """The share before that, in the mix of kinds of request that came since."""
    after: Estimate
    """From then on."""
    n_seen: int
    """Refusals of the same kinds of request from then on, until it could be told."""
    p: float
    """Exact test of the two within kinds of request, times the moments, ends and templates that were looked at (Bonferroni)."""


class Table(NamedTuple):
    """Counts of a template and of all refusals, shape (periods, kinds), of the kinds in which it was said at all."""

    periods: Sequence[str]
    k: Ints
    n: Ints


class _Split(NamedTuple):
    """The moment at which a template's share differs most, and how sure that is."""

    since: int
    """Index of the period."""
    k_before: Ints
    """Shape (kinds,); the same of all refusals, and of both from then on."""
    n_before: Ints
    k_after: Ints
    n_after: Ints
    log_ratio: float


def find_change(table: Table, n_told: int) -> TemplateChange | None:
    """Find the moment at which a share differs most, if it is more than chance.

    Whoever looks again after every period pays for it: for every pair of a moment and a later end.
    """
    n_periods = len(table.periods)
    n_looks = n_told * n_periods * (n_periods - 1) // 2
    split, trend, p = _test(table, n_periods, n_looks)
    if split is None or trend is None or p >= _LEVEL:
        return None
    end = next(
        end
        for end in range(split.since + 1, n_periods + 1)
        if (told := _test(table, end, n_looks)).p < _LEVEL and told.trend in _SAME_WAY[trend]
    )
    before, after = _rates(split)
    return TemplateChange(
        trend=trend,
        since=table.periods[split.since],
        found=table.periods[end - 1],
        before=before,
        after=after,
        n_seen=int(table.n[split.since : end].sum()),
        p=p,
    )


_SAME_WAY: Mapping[Trend, tuple[Trend, ...]] = {
    "new": ("new", "rising"),
    "rising": ("new", "rising"),
    "falling": ("falling", "vanished"),
    "vanished": ("falling", "vanished"),
}


class _Tested(NamedTuple):
    split: _Split | None
    trend: Trend | None
    p: float


def _test(table: Table, end: int, n_looks: int) -> _Tested:
    """Test the best split of the periods before an end."""
    split = _best_split(table.k[:end], table.n[:end])
    if split is None or split.log_ratio < _HARDLY:
        return _Tested(None, None, 1.0)
    p = exact_in_strata(split.k_before, split.n_before, split.k_after, split.n_after) * n_looks
    return _Tested(split, _trend(split), p)


def _best_split(k: Ints, n: Ints) -> _Split | None:
    """Find the split that two shares explain best beside one, each kind of request having a share of its own.

    The ratio is that of the four counts (said or not, before or after) to what is expected of them, kind by kind.
    """
    k_before, n_before = k.cumsum(axis=0)[:-1], n.cumsum(axis=0)[:-1]
    k_all, n_all = k.sum(axis=0), n.sum(axis=0)
    k_after, n_after = k_all - k_before, n_all - n_before
    share = k_all / np.maximum(1, n_all)
    told = [
        (some.sum(axis=1).astype(float), (of * of_share).sum(axis=1))
        for some, of, of_share in (
            (k_before, n_before, share),
            (k_after, n_after, share),
            (n_before - k_before, n_before, 1 - share),
            (n_after - k_after, n_after, 1 - share),
        )
    ]
    ratios = np.sum([_gain(seen, expected) for seen, expected in told], axis=0)
    if not len(ratios):
        return None
    best = int(ratios.argmax())
    return _Split(best + 1, k_before[best], n_before[best], k_after[best], n_after[best], float(ratios[best]))


def _gain(seen: Floats, expected: Floats) -> Floats:
    gain: Floats = seen * np.log(np.where(seen > 0, seen, 1.0) / np.where(seen > 0, expected, 1.0))
    return gain


def _trend(split: _Split) -> Trend | None:
    known = split.n_before > 0
    if split.k_before.sum() == 0:
        return "new"
    if split.k_after.sum() == 0:
        return "vanished"
    n = np.maximum(1, split.n_before + split.n_after)
    # Mantel and Haenszel's ratio of two shares, each kind weighing what it can tell.
    less = float((split.k_before * split.n_after / n)[known].sum())
    more = float((split.k_after * split.n_before / n)[known].sum())
    if more >= _FACTOR * less:
        return "rising"
    return "falling" if more * _FACTOR <= less else None


def _rates(split: _Split) -> tuple[Estimate, Estimate]:
    """Give the shares before and after, over the kinds that were met before: the first in the mix of the second."""
    known = split.n_before > 0
    k_before, n_before = split.k_before[known], split.n_before[known]
    k_after, n_after = split.k_after[known], split.n_after[known]
    rate = min(1.0, float((n_after * k_before / n_before).sum() / n_after.sum()))
    n = int(n_before.sum())
    low, high = wilson_interval(rate, n)
    before = Estimate(rate, low, high, n, method="wilson, in the mix since the change")
    return before, wilson(int(k_after.sum()), int(n_after.sum()))
