"""Redundancy: how alike two cards are by their words, so that one template is not taken for two cards."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from demur.catalog.card import Card

__all__ = ["NEAR_COPY", "Similar", "find_similar", "likeness"]

NEAR_COPY = 0.5
"""Likeness from which a card is a near-copy of another. Exchanging the nouns and pronouns of a card leaves more than half of its words;
of the bundled cards that are no twins, no two come to .41. A story told anew in other words is beyond it, whatever it has in common."""

_MOST = 5
_LEAST = 0.15
"""Below, two cards share the words that any two requests share."""


@dataclass(frozen=True)
class Similar:
    """Another card, and how alike it is."""

    to: str
    """Id of the other record."""
    likeness: float
    """In [0, 1]."""


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Measure how alike two sets of words are: the share of the words of either that both have (Jaccard 1912); 0 if there is none."""
    return len(one & other) / len(one | other) if one or other else 0.0


def find_similar(cards: Sequence[Card]) -> dict[str, tuple[Similar, ...]]:
    """Find the cards most like each one, the most alike first; twins, which are alike on purpose, are left out."""
    words = {card.id: card.words for card in cards}
    found: dict[str, list[Similar]] = defaultdict(list)
    for one, other in combinations(cards, 2):
        if other.id == one.twin or one.id == other.twin:
            continue
        alike = likeness(words[one.id], words[other.id])
        if alike >= _LEAST:
            found[one.id].append(Similar(other.id, alike))
            found[other.id].append(Similar(one.id, alike))
    return {card_id: tuple(sorted(alike, key=lambda one: -one.likeness)[:_MOST]) for card_id, alike in found.items()}
