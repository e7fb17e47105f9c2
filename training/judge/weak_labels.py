"""What the network is taught beside people's labels: the cues of each sentence, and what a question asks for.

Both are read off by rules written by hand: a lexicon for each language, and a reading of English requests.
"""

from collections.abc import Sequence

import numpy as np
from cues import cue_classes, known_languages, lexicon_of
from numpy.typing import NDArray
from request import read_request
from samples import Sample
from shown import blank_shown

from demur.judge.local.tokens import Tokens

__all__ = ["N_REQUESTS", "label_cues", "label_requests"]

_ASKED = ("means", "making", "judgement", "justification", "information", "support")
N_REQUESTS = len(_ASKED) + 4


def label_cues(samples: Sequence[Sample], tokens: Tokens) -> list[NDArray[np.float32]]:
    """Say of each sentence of each sample which classes of cues it holds; arrays of shape (sentences, classes).

    Args:
        samples: in the languages of the lexicons.
        tokens: of their texts.
    """
    labels = []
    bounds = [*tokens.firsts, len(tokens)]
    for sample, first, end in zip(samples, bounds[:-1], bounds[1:], strict=True):
        said = blank_shown(sample.text)
        sentence = tokens.sentence[first:end]
        begins = first + np.flatnonzero(np.diff(sentence, prepend=-1))
        lasts = np.append(begins[1:], end) - 1
        found = np.zeros((len(begins), len(cue_classes())), np.float32)
        lexicon = lexicon_of(sample.language if sample.language in known_languages() else "en")
        for row, (begin, last) in enumerate(zip(begins, lasts, strict=True)):
            start, stop = tokens.span(begin, last, len(said))
            text = said[start:stop].encode("utf-8", "ignore").decode()
            found[row, list(lexicon.classes_in(text))] = 1
        labels.append(found)
    return labels


def label_requests(samples: Sequence[Sample]) -> NDArray[np.float32]:
    """Say what each English question asks for; shape (samples, `N_REQUESTS`), not a number where it is not English."""
    labels = np.full((len(samples), N_REQUESTS), np.nan, np.float32)
    for row, sample in enumerate(samples):
        if sample.language == "en":
            request = read_request(sample.asked)
            labels[row] = (
                *(request.asked == kind for kind in _ASKED),
                request.is_answered_by_no,
                request.is_creative,
                request.is_about_speaker,
                request.is_for_asker,
            )
    return labels
