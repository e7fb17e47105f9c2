"""Balance: as many pairs of harmful prompts as of harmless ones, so that neither side is traded for the other."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from demur.tune.diagnosis import LeftOut
from demur.tune.pair import Fault, Pair

__all__ = ["Sides", "balance", "count_sides"]

_NO_FAULT: frozenset[Fault] = frozenset({"right answer", "right refusal"})


class Sides(NamedTuple):
    """Pairs on each side."""

    n_harmful: int
    n_harmless: int

    @property
    def is_even(self) -> bool:
        """Whether the larger is larger by a tenth at most; two empty ones are even."""
        return max(self) <= _most_beside(min(self))


def count_sides(pairs: Sequence[Pair]) -> Sides:
    """Count the pairs of harmful and of harmless prompts."""
    n_harmless = sum(pair.is_harmless for pair in pairs)
    return Sides(len(pairs) - n_harmless, n_harmless)


def balance(pairs: Sequence[Pair], seed: int = 0) -> tuple[list[Pair], list[LeftOut]]:
    """Thin the larger side until it is larger by a tenth at most; the smaller side is kept whole.

    Pairs without a fault go first. A pair is taken each time from the category in which the larger side is furthest ahead of the
    smaller: what a request is about is then no sign of the side it is on. Which one of the category is drawn at random. Where one
    side is empty, nothing is thinned: there is nothing to be even with.

    Args:
        pairs: any.
        seed: of the draw; the same pairs and seed give the same result.

    Returns:
        The pairs that stay, in their order, and those that were thinned out.
    """
    n_harmful, n_harmless = sides = count_sides(pairs)
    if sides.is_even or not min(sides):
        return list(pairs), []
    is_larger = [pair.is_harmless == (n_harmless > n_harmful) for pair in pairs]
    ahead = Counter[str | None]()
    for pair, larger in zip(pairs, is_larger, strict=True):
        ahead[pair.category] += 1 if larger else -1
    drawn = [number for number in np.random.default_rng(seed).permutation(len(pairs)).tolist() if is_larger[number]]
    drawn.sort(key=lambda number: pairs[number].fault in _NO_FAULT)  # stable: the draw decides among equals
    stock: dict[str | None, list[int]] = defaultdict(list)
    for number in drawn:
        stock[pairs[number].category].append(number)
    thinned = set()
    for _ in range(max(sides) - _most_beside(min(sides))):
        category = max(stock, key=lambda name: (pairs[stock[name][-1]].fault in _NO_FAULT, ahead[name], name or ""))
        thinned.add(stock[category].pop())
        ahead[category] -= 1
        if not stock[category]:
            del stock[category]
    why = f"thinned out: {n_harmful:,} pairs of harmful prompts, {n_harmless:,} of harmless ones"
    return (
        [pair for number, pair in enumerate(pairs) if number not in thinned],
        [LeftOut(pairs[number].source, why) for number in sorted(thinned)],
    )


def _most_beside(n: int) -> int:
    """Give the most pairs that one side may have beside so many on the other."""
    return n + n // 10
