"""Overlap of what is asked: the nearest document to each text by vectors that need no model.

A text is its words and the runs of three and four letters in them, so that inflected forms share most of what they are, and
for scripts without spaces its characters and neighbouring pairs of them. Cutting the vectors down to latent dimensions
(Deerwester et al. 1990) was tried and told paraphrases less well from other requests (docs/contamination.md).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from demur.contamination.wording import Words, read_words
from demur.judge.words import is_unspaced
from demur.stats import Row, TfIdf

__all__ = ["LEAST_COSINE", "Embedder", "NearestDocuments", "measure_distances"]

LEAST_COSINE = 0.5
"""Cosine from which on two texts are taken to ask the same; chosen on pairs, with its error in docs/contamination.md."""
_FEWEST_TEXTS = 2
"""Texts that must have a feature of none that is looked for, for it to have a weight of its own."""
_MOST_AT_ONCE = 1 << 22
"""Cosines in memory at a time, a few times over."""


class Embedder:
    """Turns texts into vectors, weighed by what some have and others have not."""

    def __init__(self, texts: Iterable[str], *, background: Iterable[str] = ()) -> None:
        """Learn the weights.

        Args:
            texts: what is looked for; every feature of theirs counts.
            background: documents to learn from which words are common; a few thousand do.
        """
        rows = [_features(read_words(text)) for text in texts]
        wanted = {feature for row in rows for feature in row}
        rows += [_features(read_words(text)) for text in background]
        held_by = Counter(feature for row in rows for feature in set(row))
        kept = sorted(feature for feature, n in held_by.items() if n >= _FEWEST_TEXTS or feature in wanted)
        self._numbers = {feature: number for number, feature in enumerate(kept)}
        self._weights = TfIdf([self._row(row) for row in rows], n_features=len(kept))

    def embed(self, texts: Sequence[str]) -> Any:
        """Give the vector of each text, a sparse matrix of shape (n_texts, n_features)."""
        return self._weights.embed([self._row(_features(read_words(text))) for text in texts])

    def _row(self, features: Sequence[str]) -> Row:
        known = [number for feature in features if (number := self._numbers.get(feature)) is not None]
        return Row(known, len(features) - len(known))


class NearestDocuments:
    """The nearest document to each of some texts, of all that were shown."""

    def __init__(self, texts: Sequence[str], embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors = embedder.embed(texts)
        self.cosines: NDArray[np.float64] = np.zeros(len(texts))
        """Shape (n_texts,): of the nearest document, in [0, 1]; 0 where none has anything in common with the text."""
        self.batch_size = max(1, min(4096, _MOST_AT_ONCE // max(1, len(texts))))
        """Most documents to show at a time."""

    def show(self, documents: Sequence[str]) -> list[tuple[int, int]]:
        """Compare documents with the texts; of equally near ones the first stays.

        Returns:
            Which text has a nearer document than before, and which of these documents that is.
        """
        cosines = TfIdf.cosines(self._vectors, self._embedder.embed(documents))
        nearest = cosines.argmax(axis=1)
        found = cosines[np.arange(len(nearest)), nearest]
        nearer = np.flatnonzero(found > self.cosines)
        self.cosines[nearer] = found[nearer]
        return [(int(text), int(nearest[text])) for text in nearer]


def measure_distances(texts: Sequence[str], others: Sequence[str]) -> list[float]:
    """Give each text's distance to the nearest of the others, 1 less the cosine, in [0, 1]; weights are learnt from both."""
    if not texts or not others:
        return [1.0] * len(texts)
    nearest = NearestDocuments(texts, Embedder(texts, background=others))
    for start in range(0, len(others), nearest.batch_size):
        nearest.show(others[start : start + nearest.batch_size])
    return [float(1 - cosine) for cosine in nearest.cosines]


def _features(words: Words) -> list[str]:
    features = [feature for word in words for feature in _features_of_word(word)]
    pairs = pairwise(words)
    features += [one + other for one, other in pairs if is_unspaced(one) and is_unspaced(other)]
    return features


@lru_cache(maxsize=1 << 17)
def _features_of_word(word: str) -> tuple[str, ...]:
    framed = f"<{word}>"
    runs = {framed[start : start + size] for size in (3, 4) for start in range(len(framed) - size + 1)}
    return (word, *sorted(runs - {framed, word}))
