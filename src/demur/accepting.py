"""Proposed cards become cards: what a person has accepted moves into the folder that check-ups ask."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from demur.cases.library import PROPOSED, walk_cards
from demur.catalog import Card, lint_cards, read_cards
from demur.drills.lint import Finding
from demur.errors import DataError, IncompleteError
from demur.watch.harvest import UNSAID

__all__ = ["Accepted", "accept"]

_MOST_NAMED = 5


class Accepted(NamedTuple):
    """What became of proposals that a person accepted."""

    cards: tuple[Path, ...]
    """Where they are now."""
    faults: tuple[Finding, ...]
    """Of those that stay proposals."""


def accept(out: Path, ids: Sequence[str] = ()) -> Accepted:
    """Make proposals cards of their folder, so that ``demur check --suite FOLDER/`` asks them.

    Args:
        out: the folder of the cards.
        ids: names of proposals; none means all of them.

    Returns:
        What was moved, and for each that was not what is wrong with it. A twin need not be named, but one that is must be there.

    Raises:
        DataError: there is no proposal, or none of a name. IncompleteError: a card cannot be moved; those before it are.
    """
    folder = out / PROPOSED
    if not folder.is_dir() or not any(folder.rglob("*.md")):
        raise DataError(f"{folder}: no proposal in it; expected cards, as demur harvest writes them")
    cards, unread = read_cards(folder)
    names = {card.case.id for card in cards} | {Path(one.where).stem for one in unread}
    chosen = {name.removesuffix(".md") for name in ids} or names
    unknown = next((name for name in sorted(chosen) if name not in names), None)
    if unknown is not None:
        raise DataError(f"{folder}: no proposal '{unknown}'; expected one of {', '.join(sorted(names)[:_MOST_NAMED])}")
    accepted = read_cards(out)[0] if walk_cards(out) else []
    faults = [one for one in unread if Path(one.where).stem in chosen]
    ready, found = _part_sound([card for card in cards if card.case.id in chosen], accepted, out)
    return Accepted(tuple(_move(card, out) for card in ready), (*faults, *found))


def _part_sound(cards: Sequence[Card], accepted: Sequence[Card], out: Path) -> tuple[list[Card], list[Finding]]:
    """Part cards that can join the accepted ones from those that cannot; without one of these another may lack its twin."""
    ready, faults = list(cards), [fault for card in cards for fault in _find_own_faults(card, out)]
    while True:
        wrong = {fault.where for fault in faults}
        ready = [card for card in ready if card.where not in wrong]
        here = {card.where for card in ready}
        found = [fault for fault in lint_cards([*accepted, *ready]) if fault.where in here and not _may_stay(fault)]
        if not found:
            return ready, faults
        faults += found


def _find_own_faults(card: Card, out: Path) -> Iterator[Finding]:
    if card.why == UNSAID:
        yield Finding(card.where, "why", f"'{UNSAID}'", "say in one sentence why this is the right answer")
    if _place_of(card, out).exists():
        yield Finding(card.where, "card", "there is an accepted one of that name", "rename one of the two")


def _may_stay(fault: Finding) -> bool:
    """Tell whether a card may be asked with a fault: without a twin it measures one side, and likeness was seen when it was proposed."""
    return fault.key == "body" or (fault.key == "twin" and fault.found == "missing")


def _place_of(card: Card, out: Path) -> Path:
    return out / f"{card.case.id}.md"


def _move(card: Card, out: Path) -> Path:
    to = _place_of(card, out)
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        return Path(card.where).rename(to)
    except OSError as error:
        raise IncompleteError(f"{to}: cannot be written: {error.strerror or error}") from None
