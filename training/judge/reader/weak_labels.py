"""What the network is taught beside people's labels: the cues of each sentence, and what a question asks for.

Both are read off by rules written by hand: the lexicons and the reading of requests of the trained judge of today.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from samples import Sample
from tokens import Tokens

from demur.judge.local.cues import cue_classes, lexicon_of
from demur.judge.local.request import read_request
from demur.judge.sentences import blank_shown

__all__ = ["N_REQUEST", "label_cues", "label_requests"]

ASKED = ("means", "making", "judgement", "justification", "information", "support")
N_REQUEST = len(ASKED) + 4


def label_cues(samples: Sequence[Sample], tokens: Tokens) -> list[NDArray[np.uint8]]:
    """Say of each sentence of each sample which classes of cues it holds; arrays of shape (sentences, classes)."""
    bounds = np.searchsorted(tokens.text, np.arange(tokens.n_texts + 1))
    labels = []
    for sample, start, end in zip(samples, bounds[:-1], bounds[1:], strict=True):
        said = blank_shown(sample.text)
        sentence = tokens.sentence[start:end]
        firsts = start + np.flatnonzero(np.diff(sentence, prepend=-1))
        lasts = np.append(firsts[1:], end) - 1
        found = np.zeros((len(firsts), len(cue_classes())), np.uint8)
        for row, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
            text = said[max(0, int(tokens.start[first])) : int(tokens.end[last])].encode("utf-8", "ignore").decode()
            found[row, list(lexicon_of(sample.language).classes_in(text))] = 1
        labels.append(found)
    return labels


def label_requests(samples: Sequence[Sample]) -> NDArray[np.float32]:
    """Say what each English question asks for; shape (samples, `N_REQUEST`), not a number where it is not English."""
    labels = np.full((len(samples), N_REQUEST), np.nan, np.float32)
    for row, sample in enumerate(samples):
        if sample.language == "en":
            request = read_request(sample.asked)
            labels[row] = (
                *(request.asked == kind for kind in ASKED),
                request.is_answered_by_no,
                request.is_creative,
                request.is_about_speaker,
                request.is_for_asker,
            )
    return labels
