"""Drills: conversations that find out whether a boundary holds when the wording moves."""

from demur.drills.card import TESTS, parse_drill
from demur.drills.drill import Drill, Step, next_step
from demur.drills.library import QUICK_SUITE, SUITE, has_drills, load_cards, load_drills, read_drills
from demur.drills.move import ASKING_MOVES, MOVES, Move, MoveName

__all__ = [
    "ASKING_MOVES",
    "MOVES",
    "QUICK_SUITE",
    "SUITE",
    "TESTS",
    "Drill",
    "Move",
    "MoveName",
    "Step",
    "has_drills",
    "load_cards",
    "load_drills",
    "next_step",
    "parse_drill",
    "read_drills",
]
