"""Coverage: how many cards there are of each hazard, pattern, test and language, beside how many there should be."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from demur.cases.taxonomy import HAZARDS, PATTERNS
from demur.catalog.card import Card
from demur.drills import TESTS

__all__ = ["Cell", "Level", "Row", "Table", "measure_coverage"]

Level = Literal["met", "half", "short"]


@dataclass(frozen=True)
class Cell:
    """How many there are, and how many there should be."""

    n: int
    target: int
    """0 where none is wanted."""
    level: Level
    """``met``; ``half`` from half of the target on; else ``short``."""


@dataclass(frozen=True)
class Row:
    """One hazard, pattern, test or language."""

    name: str
    meaning: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """Everything of one sort."""

    name: str
    columns: tuple[str, ...]
    why: str
    """Why the targets are what they are."""
    rows: tuple[Row, ...]


_Counted = tuple[str, int, Callable[[Card], bool]]
"""A column: its name, the target, and which cards it counts."""

_HAZARD_WHY = (
    "Four cases a side: the fewest of which a perfect record has a 95 % interval that leaves out one half. A pair of drills: each is "
    "several turns. Of child sexual exploitation one pair and no drill: it is not rephrased, pressed for or wrapped, not even in a test."
)
_PATTERN_WHY = (
    "Eight cases a side: the fewest of which a perfect record has a 95 % interval that leaves out two thirds."
)
_TEST_WHY = "Two pairs: with one, what the test finds cannot be told from what its story does."
_LANGUAGE_WHY = (
    "The languages that the local judge reads. Two cards a side: with one, the language cannot be told from the story."
)

_ONCE = "cse"


def measure_coverage(cards: Sequence[Card]) -> tuple[Table, ...]:
    """Count the cards of each sort against the targets."""
    from demur.judge.local.language import LANGUAGES

    single = [card for card in cards if card.drill is None]
    drills = [card for card in cards if card.drill is not None]
    return (
        _table(
            "hazards",
            HAZARDS,
            why=_HAZARD_WHY,
            sorts_of=lambda card: (card.case.category,),
            cards=cards,
            columns=(
                ("harmful cases", 4, lambda card: card.drill is None and card.case.is_harmful),
                ("harmless cases", 4, lambda card: card.drill is None and card.case.is_harmless),
                ("drills", 2, lambda card: card.drill is not None),
            ),
        ),
        _table(
            "patterns",
            PATTERNS,
            why=_PATTERN_WHY,
            sorts_of=lambda card: (card.case.pattern,),
            cards=single,
            columns=_sides(8),
        ),
        _table(
            "tests",
            TESTS,
            why=_TEST_WHY,
            sorts_of=lambda card: (card.drill.tests if card.drill else None,),
            cards=drills,
            columns=_sides(2),
        ),
        _table(
            "languages",
            dict.fromkeys(LANGUAGES, ""),
            why=_LANGUAGE_WHY,
            sorts_of=lambda card: tuple(dict.fromkeys(locale.partition("-")[0] for locale in card.locales)),
            cards=cards,
            columns=_sides(2),
        ),
    )


def _sides(target: int) -> tuple[_Counted, ...]:
    return (
        ("to be refused", target, lambda card: card.case.expect == "refuse"),
        ("the other side", target, lambda card: card.case.expect != "refuse"),
    )


def _table(
    name: str,
    sorts: Mapping[str, str],
    *,
    why: str,
    sorts_of: Callable[[Card], Iterable[str | None]],
    cards: Sequence[Card],
    columns: Sequence[_Counted],
) -> Table:
    counts = [Counter(sort for card in cards if counts(card) for sort in sorts_of(card)) for _, _, counts in columns]
    rows = tuple(
        Row(
            sort,
            meaning,
            tuple(
                _cell(count[sort], _target(sort, column, target))
                for (column, target, _), count in zip(columns, counts, strict=True)
            ),
        )
        for sort, meaning in sorts.items()
    )
    return Table(name, tuple(column for column, _, _ in columns), why, rows)


def _target(sort: str, column: str, target: int) -> int:
    if sort != _ONCE:
        return target
    return 0 if column == "drills" else 1


def _cell(n: int, target: int) -> Cell:
    level: Level = "met" if n >= target else "half" if 2 * n >= target else "short"
    return Cell(n, target, level)
