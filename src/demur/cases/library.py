"""The library: the cards that come with demur, or any folder of cards in the same form."""

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

from demur.cases.card import parse_card
from demur.cases.integrity import check_twins
from demur.errors import DataError
from demur.records import decode_text
from demur.types import Case

__all__ = ["PROPOSED", "load_library", "read_card", "walk_cards"]

PROPOSED = "proposed"
"""Folder within one of cards, for cards that nobody has accepted yet: they are no part of it."""


def load_library(root: Traversable | None = None) -> tuple[Case, ...]:
    """Read every card below a folder, in the order of their ids.

    Args:
        root: The folder; the bundled cards if None. A card's id is its path below the folder without ``.md``, with
            ``/`` between the parts whatever the platform, so ids are unique by construction.

    Raises:
        DataError: a card cannot be read, a twin does not answer its twin or has another pattern, or there is no card.
    """
    folder = resources.files("demur.cases").joinpath("cards") if root is None else root
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; expected one that holds cards (*.md)")
    located = tuple(
        (str(file), parse_card(read_card(file), card_id, where=str(file))) for card_id, file in walk_cards(folder)
    )
    if not located:
        raise DataError(f"{folder}: no card in it; expected Markdown files with front matter, *.md")
    check_twins(located)
    patterns = {case.id: case.pattern for _, case in located}
    for where, case in located:
        if case.twin is not None and patterns[case.twin] != case.pattern:
            raise DataError(
                f"{where}: pattern: found {case.pattern}, but its twin has {patterns[case.twin]}; give one to both"
            )
    return tuple(case for _, case in located)


def walk_cards(folder: Traversable) -> list[tuple[str, Traversable]]:
    """Find every card below a folder, each with its id, in the order of the ids; what is only proposed there is passed over."""
    cards = _walk(folder, "")
    return sorted((card for card in cards if not card[0].startswith(f"{PROPOSED}/")), key=lambda card: card[0])


def read_card(file: Traversable) -> str:
    """Read the text of a card.

    Raises:
        DataError: it cannot be read.
    """
    try:
        return decode_text(file.read_bytes(), str(file))
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error.strerror or error}") from None


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".md") and entry.name.lower() != "readme.md":
            yield prefix + entry.name.removesuffix(".md"), entry
