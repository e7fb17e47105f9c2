"""Overlap of wording: equal texts, runs of words in common, and texts made largely of the same runs.

The texts looked for are few and are indexed; documents stream past. What a document costs does not grow with the texts.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

from demur.contamination.wording import Words, read_words, shingle

__all__ = ["FEWEST_WORDS", "LEAST_ALIKE", "LONGEST_RUN", "Find", "Kind", "WordingIndex"]

Kind = Literal["exact", "ngram", "minhash", "embedding"]

LONGEST_RUN, FEWEST_WORDS = 13, 8
"""Words in a row that count as a run in common, and the fewest that do where the text is no longer (Brown et al. 2020, appendix
C, whose N is between the same two)."""
LEAST_ALIKE = 0.5
"""Jaccard index of the shingles from which on two texts are near duplicates."""
_BANDS, _ROWS = 64, 3
"""Sets of Jaccard index s share a band with probability 1 - (1 - s^rows)^bands: .9998 at .5, .40 at .2."""


class Find(NamedTuple):
    """A text that a document overlaps with."""

    text: int
    """Its index."""
    kind: Kind
    similarity: float
    """1 of equal texts; else the share of the text's words in the longest run in common, or the Jaccard index."""


class _Run(NamedTuple):
    words: Words
    text: int
    start: int


class WordingIndex:
    """Finds which of some texts a document overlaps with, and how.

    Equal: the words are the same. A run in common: any 13 words in a row of the text, or the whole text where it has 8 to
    12 words. Brown et al. take the 5th percentile of lengths, between 8 and 13, for all texts of a set; the rule here is
    theirs for a text shorter than that, with their least of 8, for each text. Near duplicates: the Jaccard index of the shingles
    (Broder 1997) is at least one half; MinHash proposes, and the index itself decides, so that none is found by chance.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        from datasketch import MinHashLSH

        self.words = [read_words(text) for text in texts]
        self._equal: dict[Words, list[int]] = defaultdict(list)
        self._runs: dict[Words, list[_Run]] = defaultdict(list)
        self._shingles = [shingle(words) for words in self.words]
        self._known: set[Words] = set().union(*self._shingles)
        self._bands = MinHashLSH(num_perm=_BANDS * _ROWS, params=(_BANDS, _ROWS))
        for text, words in enumerate(self.words):
            if not words:
                continue
            self._equal[words].append(text)
            self._bands.insert(text, _sketch(self._shingles[text]))
            if len(words) >= FEWEST_WORDS:
                size = min(LONGEST_RUN, len(words))
                for start in range(len(words) - size + 1):
                    run = words[start : start + size]
                    self._runs[run[:FEWEST_WORDS]].append(_Run(run, text, start))

    def find(self, document: str) -> Iterator[Find]:
        """Give the overlaps of one document with the texts; the same text may come several times as a run."""
        words = read_words(document)
        if not words:
            return
        yield from (Find(text, "exact", 1.0) for text in self._equal.get(words, ()))
        yield from self._find_runs(words)
        yield from self._find_alike(words)

    def _find_runs(self, words: Words) -> Iterator[Find]:
        for at in range(len(words) - FEWEST_WORDS + 1):
            for run in self._runs.get(words[at : at + FEWEST_WORDS], ()):
                size = len(run.words)
                if words[at : at + size] == run.words:
                    text = self.words[run.text]
                    while text[run.start + size : run.start + size + 1] == words[at + size : at + size + 1] != ():
                        size += 1
                    yield Find(run.text, "ngram", size / len(text))

    def _find_alike(self, words: Words) -> Iterator[Find]:
        shingles = shingle(words)
        # No text can be alike to a document of whose shingles most are in no text, which is nearly every document.
        if len(shingles & self._known) < LEAST_ALIKE * len(shingles):
            return
        for text in sorted(self._bands.query(_sketch(shingles))):
            both = len(shingles & self._shingles[text])
            jaccard = both / (len(shingles) + len(self._shingles[text]) - both)
            if jaccard >= LEAST_ALIKE:
                yield Find(text, "minhash", jaccard)


def _sketch(shingles: set[Words]) -> Any:
    from datasketch import MinHash

    sketch = MinHash(num_perm=_BANDS * _ROWS, seed=1)
    sketch.update_batch([" ".join(words).encode("utf-8", "surrogatepass") for words in shingles])
    return sketch
