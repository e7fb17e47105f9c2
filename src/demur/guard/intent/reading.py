"""Reading an intent: from a folded text to calibrated probabilities.

A network that takes a fraction of a millisecond reads everything, and an encoder that takes some milliseconds the few texts that the network
does not find plainly harmless. Of a long text the stretches are read each by itself, and the one in which harm and a crisis are most
probable speaks for it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.guard.intent.encoder import read_encoder
from demur.guard.intent.intent import ABOUTS, HAZARDS, Intent
from demur.guard.intent.network import read_network
from demur.guard.intent.pieces import Pieces
from demur.guard.intent.stretches import Stretch, choose_stretches

__all__ = ["MOST_HEAD", "MOST_TAIL", "Glance", "glance", "read_closely", "read_intent"]

MOST_HEAD, MOST_TAIL = 60_000, 20_000
"""Characters read at either end of a text; what lies between those of a longer one is not seen."""

_DOUBT = 0.1
"""Probability of harm or a crisis, by the network, from which the encoder has the word: of plain instructions one in five reaches it. In each of several
stretches so many times as much, for what is found by chance is found more often where there is more to look at."""
_SURE, _MOSTLY = 0.5, 0.5
"""Probabilities: of harm or a crisis, at which no more stretches are read; of a foreign language, from which the network names the hazard."""

Floats = NDArray[np.float32]


class Glance(NamedTuple):
    """What the network says of the stretches of a text, of which there is at least one."""

    texts: list[str]
    """Of the stretches."""
    readings: Floats
    """Probabilities; shape (stretches, 5)."""
    hazards: Floats
    """Logits; shape (stretches, 18)."""
    abouts: Floats
    """Logits; shape (stretches, 4)."""

    @property
    def alarm(self) -> float:
        """How probable harm or a crisis is where it is most so."""
        return float(_alarming(self.readings).max())

    @property
    def intent(self) -> Intent:
        """The reading of the most alarming stretch."""
        strongest = int(np.argmax(_alarming(self.readings)))
        harmful, crisis, worried, mention, harmless = self.readings[strongest].tolist()
        hazard, about = (int(np.argmax(said[strongest])) for said in (self.hazards, self.abouts))
        return Intent(harmful, crisis, worried, mention, harmless, HAZARDS[hazard], ABOUTS[about])


_NOTHING_SAID = Glance(
    [""],
    np.array([[0, 0, 0, 0, 1]], np.float32),
    np.zeros((1, len(HAZARDS)), np.float32),
    np.zeros((1, len(ABOUTS)), np.float32),
)


def read_intent(text: str) -> Intent:
    """Read what a request is after.

    Args:
        text: Folded, as `demur.guard.views.folding.fold` does.

    Raises:
        MissingExtraError: ONNX Runtime is not installed.
    """
    return read_closely(glance(text))


def glance(text: str) -> Glance:
    """Read a folded text with the network alone."""
    if len(text) > MOST_HEAD + MOST_TAIL:
        text = f"{text[:MOST_HEAD]} {text[-MOST_TAIL:]}"
    pieces, network = read_network()
    rows = np.array(pieces.rows(text), np.intp)
    if not len(rows):
        return _NOTHING_SAID
    stretches = choose_stretches(network.telling(rows))
    texts = _texts_of(text, stretches, pieces)
    return Glance(texts, *network.read(rows, stretches, texts))


def read_closely(seen: Glance) -> Intent:
    """Read with the encoder what the network doubts, from the most alarming stretch on, until one is found to be what it seems.

    The network's word counts as far as the language is none that the encoder knows.

    Raises:
        MissingExtraError: ONNX Runtime is not installed.
    """
    for index in np.argsort(-_alarming(seen.readings)):
        first = seen.readings[index]
        if first[:2].sum() < _DOUBT * len(seen.texts):
            break
        told = read_encoder().read(seen.texts[index])
        seen.readings[index] = (1 - told.foreign) * told.readings + told.foreign * first
        if told.foreign < _MOSTLY:
            seen.hazards[index] = told.hazards
        if seen.readings[index, :2].sum() >= _SURE:
            break
    return seen.intent


def _alarming(readings: Floats) -> Floats:
    """Give how probable harm or a crisis is."""
    alarming: Floats = readings[:, 0] + readings[:, 1]
    return alarming


def _texts_of(text: str, stretches: tuple[Stretch, ...], pieces: Pieces) -> list[str]:
    """Give what each stretch says; a text of one stretch is its own."""
    if len(stretches) == 1:
        return [text]
    starts = [*pieces.starts(text), len(text)]
    return [text[starts[start] : starts[end]] for start, end in stretches]
