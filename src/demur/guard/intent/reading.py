"""Reading an intent: from a folded text to calibrated probabilities."""

import numpy as np
from numpy.typing import NDArray

from demur.guard.intent.intent import ABOUTS, HAZARDS, Intent
from demur.guard.intent.network import read_network
from demur.guard.intent.pieces import Pieces
from demur.guard.intent.stretches import Stretch, choose_stretches

__all__ = ["MOST_HEAD", "MOST_TAIL", "read_intent"]

MOST_HEAD, MOST_TAIL = 60_000, 20_000
"""Characters read at either end of a text; what lies between those of a longer one is not seen."""

_SHORT, _SOBERING = 32, 1.4
"""Pieces of what people type as a request, and a power: of questions with other answers pasted under them, 100 to 2,000 characters in
all, as many seem harmful then as of the questions alone, within a few in a hundred."""

_NOTHING_SAID = Intent(0.0, 0.0, 0.0, 0.0, 1.0, HAZARDS[0], ABOUTS[0])


def read_intent(text: str) -> Intent:
    """Read what a request is after.

    Of a long text, its stretches are read each by itself, and the one in which harm and a crisis are most probable speaks for it.

    Args:
        text: Folded, as `demur.guard.views.folding.fold` does.
    """
    if len(text) > MOST_HEAD + MOST_TAIL:
        text = f"{text[:MOST_HEAD]} {text[-MOST_TAIL:]}"
    pieces, network = read_network()
    rows = np.array(pieces.rows(text), np.intp)
    if not len(rows):
        return _NOTHING_SAID
    stretches = choose_stretches(network.telling(rows))
    readings, hazards, abouts = network.read(rows, stretches, _texts_of(text, stretches, pieces))
    strongest = int(np.argmax(readings[:, 0] + readings[:, 1])) if len(readings) > 1 else 0
    harmful, crisis, worried, mention, harmless = _sobered(readings[strongest], len(rows)).tolist()
    hazard, about = (int(np.argmax(said[strongest])) for said in (hazards, abouts))
    return Intent(harmful, crisis, worried, mention, harmless, HAZARDS[hazard], ABOUTS[about])


def _sobered(reading: NDArray[np.float32], n_pieces: int) -> NDArray[np.float32]:
    """Take back of harm and of a crisis what a longer text shows by chance: it is mostly prose, and has more places to look at."""
    if n_pieces <= _SHORT:
        return reading
    odds = reading.copy()
    odds[:2] *= (n_pieces / _SHORT) ** -_SOBERING
    shares: NDArray[np.float32] = odds / odds.sum()
    return shares


def _texts_of(text: str, stretches: tuple[Stretch, ...], pieces: Pieces) -> list[str]:
    """Give what each stretch says; a text of one stretch is its own."""
    if len(stretches) == 1:
        return [text]
    starts = [*pieces.starts(text), len(text)]
    return [text[starts[start] : starts[end]] for start, end in stretches]
