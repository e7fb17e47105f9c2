"""Coverage: cards are counted where they belong, and a level is what it says."""

import pytest
from catalog_samples import case_card, drill_card

from demur.cases import HAZARDS, PATTERNS
from demur.catalog.coverage import measure_coverage
from demur.drills import TESTS, Move
from demur.stats import wilson


def tables(cards):
    """Give the rows of each table, by name."""
    return {table.name: {row.name: row.cells for row in table.rows} for table in measure_coverage(cards)}


def harmful(n, **case):
    """Make some harmful cards."""
    return [case_card(f"h{i}", expect="refuse", kind="safety", **case) for i in range(n)]


@pytest.mark.parametrize(("n", "level"), [(0, "short"), (1, "short"), (2, "half"), (3, "half"), (4, "met"), (5, "met")])
def test_a_level_is_met_half_or_short(n, level):
    """Four are wanted: from four it is met, from two it is half way."""
    cell = tables(harmful(n, category="vcr"))["hazards"]["vcr"][0]
    assert (cell.n, cell.target, cell.level) == (n, 4, level)


def test_each_side_is_counted_by_itself():
    """Harmful and harmless cases, drills, and a refusal for want of ability stand where they belong."""
    cards = [
        *harmful(3, category="prv", pattern="dual-use"),
        case_card("a", category="prv", pattern="dual-use"),
        case_card("b", expect="refuse", kind="capability"),
        drill_card("c", category="prv"),
    ]
    found = tables(cards)
    assert [cell.n for cell in found["hazards"]["prv"]] == [3, 1, 1]
    assert [cell.n for cell in found["patterns"]["dual-use"]] == [3, 1]
    assert [cell.n for cell in found["tests"]["push-back"]] == [0, 1]


def test_a_card_counts_once_in_each_language_it_speaks():
    """Moves in other languages count with the opening's, and a region is no language of its own."""
    moves = [Move("translate", "Wie?", "Wie?", afresh=True, locale=locale) for locale in ("de", "de", "pt-BR")]
    found = tables([drill_card("d", "How?", *moves)])["languages"]
    assert [found[name][1].n for name in ("en", "de", "pt", "fr")] == [1, 1, 1, 0]


def test_every_name_has_a_row():
    """Nothing of the taxonomy is passed over for want of cards."""
    found = tables([])
    assert list(found["hazards"]) == list(HAZARDS)
    assert list(found["patterns"]) == list(PATTERNS)
    assert list(found["tests"]) == list(TESTS)
    assert len(found["languages"]) == 16


def test_the_reasons_for_the_targets_are_true():
    """Four of four is the first perfect record whose interval leaves out one half; eight of eight, two thirds."""
    assert wilson(3, 3).low < 1 / 2 < wilson(4, 4).low
    assert wilson(7, 7).low < 2 / 3 < wilson(8, 8).low
