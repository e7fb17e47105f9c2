"""A card as the catalogue sees it: a case of the library or a drill, with what its front matter says of the card itself."""

from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Literal

from demur.cases.card import case_of_card
from demur.cases.front_matter import FrontMatter, parse_front_matter
from demur.cases.library import read_card, walk_cards
from demur.drills import ASKING_MOVES, Drill, parse_drill
from demur.drills.lint import Finding, unreadable
from demur.errors import DataError
from demur.judge.words import index_words
from demur.types import Case, Expect, PressureKind

__all__ = ["Card", "CardKind", "Said", "read_cards"]

CardKind = Literal["case", "drill"]

_OF_A_DRILL = ("tests", "moves")
"""Either key makes a card a drill's."""


@dataclass(frozen=True)
class Said:
    """One thing that a card has said to a subject."""

    move: str
    text: str
    when: str = ""
    """After what, or how, in plain words; empty is always."""
    locale: str = ""
    """BCP 47 language tag of the text."""
    number: int = 0
    """Of the move; 0 is the opening. Two texts of one number are said after different replies."""
    expect: Expect | None = None
    """The truth about it where that is not the card's."""
    pressure: PressureKind | None = None
    """What it presses with, where the card says so."""


@dataclass(frozen=True)
class Card:
    """A card that could be read."""

    where: str
    """Its file."""
    case: Case
    """Of a drill, the opening."""
    reviewed: str
    """When somebody last looked at it, as an ISO date."""
    why: str
    """Why its truth is the right one."""
    drill: Drill | None = None
    """None for a case of the library."""

    @property
    def kind(self) -> CardKind:
        """What sort of card it is."""
        return "case" if self.drill is None else "drill"

    @property
    def id(self) -> str:
        """Its id in the catalogue."""
        return f"{self.kind}/{self.case.id}"

    @property
    def twin(self) -> str | None:
        """Id of its twin in the catalogue."""
        return None if self.case.twin is None else f"{self.kind}/{self.case.twin}"

    @property
    def said(self) -> tuple[Said, ...]:
        """Everything it may say, in order; the opening first."""
        if self.drill is None:
            return (Said("ask", self.case.prompt, locale=self.case.locale),)
        opening = self.drill.opening
        said = [Said(opening.name, self.case.prompt, locale=self.case.locale, expect=opening.expect)]
        for number, move in enumerate(self.drill.moves, 1):
            how = f"in the wrapper {move.wrapper}" if move.wrapper else "in a new conversation" if move.afresh else ""
            wordings = {"": move.refused} if move.refused == move.answered else {
                "if it declined or asked back": move.refused, "if it answered": move.answered
            }  # fmt: skip
            said += [
                Said(move.name, text, when or how, move.locale or self.case.locale, number, move.expect, move.pressure)
                for when, text in wordings.items()
                if text is not None
            ]
        return tuple(said)

    @property
    def locales(self) -> tuple[str, ...]:
        """The languages it speaks, that of the opening first."""
        return tuple(dict.fromkeys(said.locale for said in self.said))

    @property
    def words(self) -> frozenset[str]:
        """Its words, by which it is compared. Those of wrappers are not its own; those of moves about the answer before ask for nothing
        of the story, and may be the same in any.
        """
        moves = self.drill.moves if self.drill is not None else ()
        asking = [move for move in moves if move.name in ASKING_MOVES and move.wrapper is None]
        texts = [self.case.prompt, *(text for move in asking for text in (move.refused, move.answered) if text)]
        return frozenset(word for text in texts for word in index_words(text))


def read_cards(root: Traversable) -> tuple[list[Card], list[Finding]]:
    """Read every card below a folder, be it a case or a drill.

    Returns:
        The cards in the order of their ids, and a finding for each that cannot be read.

    Raises:
        DataError: there is no such folder, or it holds no card.
    """
    if not root.is_dir():
        raise DataError(f"{root}: no such folder; expected one that holds cards, *.md")
    cards, findings = [], []
    for card_id, file in walk_cards(root):
        try:
            cards.append(_parse(read_card(file), card_id, str(file)))
        except DataError as error:
            findings.append(unreadable(str(file), error))
    if not cards and not findings:
        raise DataError(f"{root}: no card in it; expected Markdown files with front matter, *.md")
    return cards, findings


def _parse(text: str, card_id: str, where: str) -> Card:
    matter = parse_front_matter(text, where)
    is_drill = any(key in matter.values for key in _OF_A_DRILL)
    drill = parse_drill(text, card_id, suite="drills", where=where) if is_drill else None
    case = drill.case if drill is not None else case_of_card(matter, card_id, suite="library", where=where)
    reviewed, why = (_text(matter, key) for key in ("reviewed", "why"))
    return Card(where, case, reviewed, why, drill)


def _text(matter: FrontMatter, key: str) -> str:
    return str(matter.values[key]).strip()
