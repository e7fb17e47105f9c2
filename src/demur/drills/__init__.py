"""Drills: conversations that find out whether a boundary holds when the wording moves."""

from demur.drills.drill import ASKING_MOVES, SUITE, Drill, Move, MoveName, Step, load_drills, next_step, parse_drill

__all__ = ["ASKING_MOVES", "SUITE", "Drill", "Move", "MoveName", "Step", "load_drills", "next_step", "parse_drill"]
