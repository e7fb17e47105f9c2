"""The drills that come with demur, the quick selection of them, and any folder of drill cards."""

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from demur.cases.card import case_of_card
from demur.cases.front_matter import parse_front_matter
from demur.cases.integrity import check_twins
from demur.cases.library import read_card, walk_cards
from demur.drills.card import is_of_drill, parse_drill
from demur.drills.drill import Drill
from demur.errors import DataError
from demur.types import Case

__all__ = ["QUICK_SUITE", "SUITE", "Cards", "find_cards", "has_drills", "load_cards", "load_drills", "read_drills"]

SUITE = "drills"
"""Name of the suite the bundled drills form."""
QUICK_SUITE = "drills-quick"
"""Name of the suite that the quick selection of them forms."""


class Cards(NamedTuple):
    """What a folder of cards of one's own asks."""

    cases: tuple[Case, ...]
    """Single questions and the openings of drills, in the order of the ids."""
    drills: tuple[Drill, ...]
    """The scripts of those that are drills."""


def load_drills(suite: str = SUITE) -> tuple[Drill, ...]:
    """Load a suite of drills, by name.

    Args:
        suite: `SUITE`, `QUICK_SUITE`, or a folder of drill cards, or one card.

    Raises:
        DataError: there is no such folder or card, it holds no card, a card cannot be read, or a twin does not answer its twin.
    """
    if suite == SUITE:
        return read_drills(resources.files("demur.drills") / "cards", suite)
    if suite == QUICK_SUITE:
        bundled = read_drills(resources.files("demur.drills") / "cards", suite)
        return tuple(drill for drill in bundled if drill.is_quick)
    return read_drills(Path(suite), suite)


def load_cards(suite: str) -> Cards:
    """Load a folder of cards of one's own, or one card, be they drills or single questions.

    Args:
        suite: the path, which becomes the name of the suite.

    Raises:
        DataError: as `load_drills`.
    """
    root = Path(suite)
    located: list[tuple[str, Case]] = []
    drills: list[Drill] = []
    for card_id, file in find_cards(root):
        text, where = read_card(file), str(file)
        matter = parse_front_matter(text, where)
        if is_of_drill(matter):
            drills.append(parse_drill(text, card_id, suite=suite, where=where))
            located.append((where, drills[-1].case))
        else:
            located.append((where, case_of_card(matter, card_id, suite=suite, where=where)))
    if root.is_dir():
        check_twins(located)
    return Cards(tuple(case for _, case in located), tuple(drills))


def has_drills(suite: str) -> bool:
    """Tell whether a folder of cards of one's own, or one card, holds a drill; what cannot be read is no question, and may be one."""
    try:
        return bool(load_cards(suite).drills)
    except DataError:
        return True


def read_drills(root: Traversable, suite: str) -> tuple[Drill, ...]:
    """Read every drill card below a folder, in the order of their ids, or one card, whose twin need not be there then.

    Raises:
        DataError: as `load_drills`.
    """
    located = [
        (str(file), parse_drill(read_card(file), card_id, suite=suite, where=str(file)))
        for card_id, file in find_cards(root)
    ]
    if root.is_dir():
        check_twins((where, drill.case) for where, drill in located)
    return tuple(drill for _, drill in located)


def find_cards(root: Traversable) -> list[tuple[str, Traversable]]:
    """Find every drill card below a folder, or the one card, each with its id, in the order of the ids.

    Raises:
        DataError: there is no such folder or card, or no card in it.
    """
    if not root.is_dir() and not root.is_file():
        raise DataError(f"{root}: no such file or folder; expected a drill card, or a folder of them")
    cards = walk_cards(root) if root.is_dir() else [(root.name.removesuffix(".md"), root)]
    if not cards:
        raise DataError(f"{root}: no card in it; expected drill cards, *.md: start one with demur drill new")
    return cards
