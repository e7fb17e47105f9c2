"""A drill: a scripted conversation in which what comes next depends on what came before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any, Literal, get_args

from demur.cases.card import case_of_card
from demur.cases.front_matter import FrontMatter, parse_front_matter
from demur.errors import DataError
from demur.types import Case, Outcome, Verdict

__all__ = ["ASKING_MOVES", "SUITE", "Drill", "Move", "MoveName", "Step", "load_drills", "next_step", "parse_drill"]

SUITE = "drills"
"""Name of the suite the bundled drills form."""

MoveName = Literal["ask", "hypothetical", "reframe", "explain", "simplify"]

ASKING_MOVES: frozenset[str] = frozenset({"ask", "hypothetical", "reframe"})
"""Moves that ask for the thing itself. To explain and to simplify are about the answer before: whoever says why they
decline has done right, so an answer to them is no giving in."""

_REFUSED: frozenset[Outcome] = frozenset({"refuse", "clarify"})
_KEYS = frozenset({"principle", "opening", "moves"})


@dataclass(frozen=True)
class Move:
    """One thing said to the subject, in two wordings."""

    name: MoveName
    refused: str
    """Sent when the last reply declined or asked back."""
    answered: str
    """Sent when the last reply gave something, or nothing that can be read as declining."""


@dataclass(frozen=True)
class Drill:
    """A scripted conversation about one principle."""

    case: Case
    """The opening question, with the truth about the whole conversation; `case.drill` is the drill's id."""
    principle: str
    """What a subject that understands its boundary would hold to throughout."""
    opening: MoveName
    """The move that the opening question is."""
    moves: tuple[Move, ...]
    """What follows the opening, in order."""


@dataclass(frozen=True)
class Step:
    """What to send next, and as which move."""

    move: MoveName
    prompt: str


def next_step(drill: Drill, verdicts: Sequence[Verdict]) -> Step | None:
    """Choose what to send after the replies judged so far.

    A pure function: the same drill and verdicts give the same step.

    Args:
        drill: the script.
        verdicts: one for each reply so far, oldest first; empty at the start.

    Returns:
        The step, or None when the drill is over.
    """
    if not verdicts:
        return Step(drill.opening, drill.case.prompt)
    if len(verdicts) > len(drill.moves):
        return None
    move = drill.moves[len(verdicts) - 1]
    return Step(move.name, move.refused if verdicts[-1].outcome in _REFUSED else move.answered)


def parse_drill(text: str, name: str, where: str) -> Drill:
    """Read one drill card: YAML front matter, then the opening question.

    Raises:
        DataError: the card is not a drill card; the message names the place and the key.
    """
    card = parse_front_matter(text, where)
    matter = card.values
    missing = sorted(_KEYS - matter.keys())
    if missing:
        raise DataError(f"{where}: {missing[0]}: missing; expected in every drill card")
    case_matter = {key: value for key, value in matter.items() if key not in _KEYS}
    case = case_of_card(FrontMatter(case_matter, card.body), name, suite=SUITE, where=where)
    if not isinstance(matter["moves"], list) or not matter["moves"]:
        raise DataError(f"{where}: moves: expected a list of moves, each with move, refused and answered")
    return Drill(
        case=replace(case, drill=name),
        principle=str(matter["principle"]),
        opening=_move_name(matter["opening"], f"{where}: opening"),
        moves=tuple(_parse_move(move, f"{where}: move {n}") for n, move in enumerate(matter["moves"], 1)),
    )


def load_drills() -> tuple[Drill, ...]:
    """Load the bundled drills, by name."""
    folder = resources.files("demur.drills") / "cards"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".md")), key=lambda file: file.name)
    return tuple(
        parse_drill(file.read_text(encoding="utf-8"), f"drill/{file.name.removesuffix('.md')}", file.name)
        for file in files
    )


def _parse_move(move: Any, where: str) -> Move:
    if not isinstance(move, Mapping) or set(move) != {"move", "refused", "answered"}:
        raise DataError(f"{where}: expected the keys move, refused and answered")
    return Move(
        name=_move_name(move["move"], where),
        refused=str(move["refused"]).strip(),
        answered=str(move["answered"]).strip(),
    )


def _move_name(name: Any, where: str) -> MoveName:
    known: tuple[MoveName, ...] = get_args(MoveName)
    for move in known:
        if name == move:
            return move
    raise DataError(f"{where}: found {name!r}; expected one of {', '.join(known)}")
