"""Reading an intent: from a folded text to calibrated probabilities."""

import numpy as np
from numpy.typing import NDArray

from demur.guard.intent.encoder import read_encoder
from demur.guard.intent.intent import ABOUTS, HAZARDS, Intent
from demur.guard.intent.network import read_network, shares
from demur.guard.intent.pieces import Pieces
from demur.guard.intent.stretches import Stretch, choose_stretches

__all__ = ["MOST_HEAD", "MOST_TAIL", "read_intent"]

MOST_HEAD, MOST_TAIL = 60_000, 20_000
"""Characters read at either end of a text; what lies between those of a longer one is not seen."""

_DOUBT = 0.05
"""Probability of harm and of a crisis, by the network, from which the encoder has the word: of plain instructions one in ten reaches
it, and no more than 2 of 100 harmful requests that the encoder would find stay below."""

_MOSTLY = 0.5

_Reading = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Probabilities of the readings (5,), and logits of the hazards (18,)."""

_NOTHING_SAID = Intent(0.0, 0.0, 0.0, 0.0, 1.0, HAZARDS[0], ABOUTS[0])


def read_intent(text: str) -> Intent:
    """Read what a request is after.

    A network that takes a fraction of a millisecond reads everything, and an encoder that takes some the few texts that the network does
    not find plainly harmless. Of a long text, its stretches are read each by itself, and the one in which harm and a crisis are most
    probable speaks for it.

    Args:
        text: Folded, as `demur.guard.views.folding.fold` does.

    Raises:
        MissingExtraError: ONNX Runtime is not installed.
    """
    if len(text) > MOST_HEAD + MOST_TAIL:
        text = f"{text[:MOST_HEAD]} {text[-MOST_TAIL:]}"
    pieces, network = read_network()
    rows = np.array(pieces.rows(text), np.intp)
    if not len(rows):
        return _NOTHING_SAID
    stretches = choose_stretches(network.telling(rows))
    texts = _texts_of(text, stretches, pieces)
    readings, hazards, abouts = network.read(rows, stretches, texts)
    for index in np.flatnonzero(_alarming(readings) >= _DOUBT):
        readings[index], hazards[index] = _read_closely(texts[index], (readings[index], hazards[index]))
    strongest = int(np.argmax(_alarming(readings)))
    hazard, about = (int(np.argmax(said[strongest])) for said in (hazards, abouts))
    harmful, crisis, worried, mention, harmless = readings[strongest].tolist()
    return Intent(harmful, crisis, worried, mention, harmless, HAZARDS[hazard], ABOUTS[about])


def _alarming(readings: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give how probable harm or a crisis is."""
    alarming: NDArray[np.float32] = readings[:, 0] + readings[:, 1]
    return alarming


def _read_closely(text: str, first: _Reading) -> _Reading:
    """Read with the encoder; the network's word counts as far as the language is none that the encoder knows."""
    readings, hazards = read_encoder().read(text)
    *known, foreign = shares(readings)
    return np.array(known) + foreign * first[0], first[1] if foreign > _MOSTLY else hazards


def _texts_of(text: str, stretches: tuple[Stretch, ...], pieces: Pieces) -> list[str]:
    """Give what each stretch says; a text of one stretch is its own."""
    if len(stretches) == 1:
        return [text]
    starts = [*pieces.starts(text), len(text)]
    return [text[starts[start] : starts[end]] for start, end in stretches]
