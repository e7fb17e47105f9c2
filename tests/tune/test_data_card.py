"""The data card: every pair is counted once under each heading."""

from demur.tune.card import card_of
from demur.tune.pair import Pair
from demur.types import Turn

TURNS = (Turn("user", "?"),)
PAIRS = (
    Pair("1", TURNS, "a", "b", "missed harm", category="ncr", chosen_from="template", source="library:x"),
    Pair("2", TURNS, "c", "b", "right answer", locale="de", chosen_from="own", source="hub:a/b:7"),
    Pair("3", TURNS, "d", "b", "right answer", category="ncr"),
)


def test_each_heading_counts_every_pair():
    """Faults, hazards, languages, suites and writers each add up to all pairs, the commonest first, unknown ones as none."""
    card = card_of(PAIRS)
    assert card.n_pairs == 3
    assert list(card.by_fault.items()) == [("right answer", 2), ("missed harm", 1)]
    assert card.by_category == {"ncr": 2, "none": 1}
    assert card.by_locale == {"en": 2, "de": 1}
    assert card.sources == {"library": 1, "hub:a/b": 1, "none": 1}
    assert card.written_by == {"template": 1, "own": 1, "none": 1}


def test_the_hash_is_of_the_pairs():
    """Another word, or another order, is another hash; the same pairs have the same."""
    assert card_of(PAIRS).content_hash == card_of(list(PAIRS)).content_hash
    assert card_of(PAIRS).content_hash != card_of(PAIRS[::-1]).content_hash
