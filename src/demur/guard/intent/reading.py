"""Reading an intent: from a folded text to calibrated probabilities."""

import numpy as np

from demur.guard.intent.intent import HAZARDS, Intent
from demur.guard.intent.network import read_network
from demur.guard.intent.stretches import choose_stretches

__all__ = ["MOST_HEAD", "MOST_TAIL", "read_intent"]

MOST_HEAD, MOST_TAIL = 60_000, 20_000
"""Characters read at either end of a text; what lies between those of a longer one is not seen."""

_NOTHING_SAID = Intent(0.0, 0.0, 0.0, 0.0, 1.0, HAZARDS[0])


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
    readings, hazards = network.read(rows, choose_stretches(network.telling(rows)))
    strongest = int(np.argmax(readings[:, 0] + readings[:, 1])) if len(readings) > 1 else 0
    harmful, crisis, worried, mention, harmless = readings[strongest].tolist()
    return Intent(harmful, crisis, worried, mention, harmless, HAZARDS[int(np.argmax(hazards[strongest]))])
