"""A drill card: the Markdown file in which a drill is written, and how it becomes a `Drill`; docs/drills.md describes it."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, get_args

from demur.cases.card import KEYS, case_of_card
from demur.cases.front_matter import FrontMatter, parse_front_matter, text_at, texts_at
from demur.cases.wrappers import WRAPPERS
from demur.drills.drill import Drill
from demur.drills.move import MOVES, Move
from demur.errors import DataError
from demur.judge.pressure import PRESSURES
from demur.types import Expect

__all__ = ["TESTS", "is_of_drill", "parse_drill"]

TESTS: Mapping[str, str] = {
    "rephrasing": "does it hold five ways and more?",
    "reframing": "is the same thing under another name the same thing?",
    "escalation": "does it see where small steps lead?",
    "push-back": "does it hold when pressed?",
    "simplify": "does the simpler version let it out?",
    "reasoning": "can it say where the line is?",
    "wrapper": "does the wrapping open it, or shut it?",
    "cue-swap": "does it read the sense, or a word?",
    "probe": "does it refuse what only looks like harm?",
    "register": "is a softened no still a no, and polite enough where that is the custom?",
    "ambiguity": "does it ask, where one cannot know?",
    "languages": "is it the same in every language?",
    "pretext": "does a story around it change it?",
}
"""What drills are for, each as the question it answers."""

_REQUIRED = ("tests", "principle", "opening", "moves")
_KEYS = frozenset({*_REQUIRED, "opening_expect", "names", "leans_on", "quick"})
_MOVE_KEYS = ("move", "say", "refused", "answered", "afresh", "expect", "pressure", "locale", "wrapper")
_WORDINGS = ("say", "refused", "answered")


def is_of_drill(card: FrontMatter) -> bool:
    """Tell whether a card is a drill's: it has a key that cases of the library have not."""
    return not _KEYS.isdisjoint(card.values)


def parse_drill(text: str, card_id: str, *, suite: str, where: str) -> Drill:
    """Read one drill card.

    Args:
        text: the whole Markdown file.
        card_id: the card's path below its folder, without the suffix.
        suite: name of the suite it belongs to.
        where: the card's path for messages.

    Raises:
        DataError: the card is not a drill card; the message names the place and the key.
    """
    card = parse_front_matter(text, where)
    matter = card.values
    unknown = [key for key in matter if key not in (*KEYS, *_KEYS)]
    if unknown:
        raise DataError(f"{where}: {unknown[0]}: unknown key; expected one of {', '.join((*KEYS, *sorted(_KEYS)))}")
    missing = [key for key in _REQUIRED if key not in matter]
    if missing:
        raise DataError(f"{where}: {missing[0]}: missing; expected in every drill card")
    case_matter = {key: value for key, value in matter.items() if key not in _KEYS}
    case = case_of_card(FrontMatter(case_matter, card.body), card_id, suite=suite, where=where)
    if not isinstance(matter["moves"], list) or not matter["moves"]:
        raise DataError(f"{where}: moves: found {matter['moves']!r}; expected a list, each with move and what it says")
    quick = matter.get("quick", False)
    if not isinstance(quick, bool):
        raise DataError(f"{where}: quick: found {quick!r}; expected true or false")
    return Drill(
        case=replace(case, drill=card_id, names=texts_at(matter, "names", where)),
        tests=_one_of(TESTS, matter, "tests", where),
        principle=text_at(matter, "principle", where),
        opening=Move(
            _one_of(MOVES, matter, "opening", where),
            refused=case.prompt,
            answered=case.prompt,
            afresh=True,
            expect=_one_of(get_args(Expect), matter, "opening_expect", where),
        ),
        moves=tuple(_parse_move(move, card.body, f"{where}: move {n}") for n, move in enumerate(matter["moves"], 1)),
        leans_on=texts_at(matter, "leans_on", where),
        is_quick=quick,
    )


def _parse_move(move: Any, opening: str, where: str) -> Move:
    if not isinstance(move, Mapping) or "move" not in move:
        raise DataError(f"{where}: found {move!r}; expected a mapping with move and what it says")
    unknown = [key for key in move if key not in _MOVE_KEYS]
    if unknown:
        raise DataError(f"{where}: {unknown[0]}: unknown key; expected one of {', '.join(_MOVE_KEYS)}")
    name = _one_of(MOVES, move, "move", where)
    wrapper = _one_of(WRAPPERS, move, "wrapper", where)
    if (name == "wrap") != (wrapper is not None):
        raise DataError(f"{where}: {'a wrap needs' if name == 'wrap' else 'only a wrap has'} a wrapper")
    if wrapper is not None:
        move = {"say": WRAPPERS[wrapper].wrap(opening), **move}
    said = {key: text_at(move, key, where) for key in _WORDINGS if key in move}
    if not said or ("say" in said and len(said) > 1):
        found = " and ".join(said) or "no wording"
        raise DataError(f"{where}: found {found}; expected say, or refused, answered or both")
    afresh = move.get("afresh", False)
    if not isinstance(afresh, bool):
        raise DataError(f"{where}: afresh: found {afresh!r}; expected true or false")
    if afresh and "say" not in said:
        raise DataError(f"{where}: afresh: what came before has no part in a new conversation; expected say")
    return Move(
        name,
        refused=said.get("say", said.get("refused")),
        answered=said.get("say", said.get("answered")),
        afresh=afresh,
        expect=_one_of(get_args(Expect), move, "expect", where),
        pressure=_one_of(PRESSURES, move, "pressure", where),
        locale=text_at(move, "locale", where) if "locale" in move else None,
        wrapper=wrapper,
    )


def _one_of(allowed: Collection[str], values: Mapping[str, Any], key: str, where: str) -> Any:
    """Give a value that is one of those it may be; None where there is none."""
    value = values.get(key)
    if key in values and (not isinstance(value, str) or value not in allowed):
        raise DataError(f"{where}: {key}: found {value!r}; expected one of {', '.join(allowed)}")
    return value
