"""Rates of what was said, from partial sums: by day, category, language, tenant and model, each with what it rests on."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from demur.stats import wilson
from demur.types import Estimate
from demur.watch.tally import BECAUSE, DIMENSIONS, Tally

__all__ = ["SliceRates", "rate_slices"]

_BESIDE = ("leaked", "by model", "by filter")

Place = tuple[str, str | None, str | None]
"""A dimension, a value of it, and a day."""


@dataclass(frozen=True)
class SliceRates:
    """What the exchanges of one slice were answered: shares of what was said, whatever ought to have been said."""

    by: str
    """``all``, ``category``, ``language``, ``tenant`` or ``model``."""
    value: str | None
    """Of that; None where it is not known."""
    day: str | None
    """In UTC, or ``undated``; None is all days together."""
    refused: Estimate
    """Replies that refuse, whole, of those that were judged."""
    partial: Estimate
    """Replies that refuse in part."""
    leaked: Estimate
    """Replies that refuse and give it anyway."""
    refused_by_model: Estimate
    """Refusals of the model's own."""
    refused_by_filter: Estimate
    """Refusals by a filter in front of it or behind it: the provider's, or the guard's."""


def rate_slices(tally: Tally) -> list[SliceRates]:
    """Rate every slice, all days together and day by day; a dimension of which nothing is known is left out.

    Intervals are Wilson's, for independent exchanges; those of one user resemble each other, and say less.
    """
    slices: dict[Place, Counter[str]] = defaultdict(Counter)
    for key, n in tally.items():
        for day in (None, key.day):
            slices[key.by, key.value, day][key.what] += n
    known = {by for by, value, _ in slices if by == "all" or value is not None}
    return [_rate(place, slices[place]) for place in _in_order(slices) if place[0] in known]


def _in_order(slices: Mapping[Place, Counter[str]]) -> list[Place]:
    """Put slices in order: by dimension, the largest value first, its days behind it in theirs."""
    sizes = {(by, value): _count(counts) for (by, value, day), counts in slices.items() if day is None}

    def rank(place: Place) -> tuple[int, int, str, str]:
        by, value, day = place
        return DIMENSIONS.index(by), -sizes[by, value], value or "", day or ""

    return sorted(slices, key=rank)


def _count(counts: Counter[str]) -> int:
    """Count exchanges: each has one outcome, or is unjudged."""
    return sum(n for what, n in counts.items() if what not in _BESIDE and not what.startswith(BECAUSE))


def _rate(place: Place, counts: Counter[str]) -> SliceRates:
    n_unjudged = counts["unjudged"]
    n = _count(counts) - n_unjudged

    def share(what: str) -> Estimate:
        return wilson(counts[what], n, n_unjudged=n_unjudged)

    return SliceRates(*place, *map(share, ("refuse", "partial", *_BESIDE)))
