"""What the judge's networks are trained on: the samples, laid out, with their weak labels; and the vocabulary."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from model import Item, items_of
from numpy.typing import NDArray
from samples import Sample, halve, mismatch, read_coconot, read_rbr, read_written, shorten
from weak_labels import label_cues, label_requests

from demur.judge.local.alphabet import ALONE
from demur.judge.local.inputs import read_inputs
from demur.judge.local.tokens import read_tokens
from demur.judge.local.vocabulary import Vocabulary, half_of, part_rows, slot_of

__all__ = ["N_HALVED", "N_MISMATCHED", "Dataset", "build_vocabulary", "lay_out", "read_training_set"]

_WRITTEN = ("english_*.jsonl", "natural_*.jsonl", "lang*.jsonl")
"""Written replies that are trained with; those called ``test`` or ``final`` are not."""
N_MISMATCHED, N_HALVED = 1_500, 400
_MOST_WORDS = 30_000
_FEWEST = 2
"""Times a word occurs that has a row of its own."""
_BATCH = 256


@dataclass(frozen=True)
class Dataset:
    """Samples, and all that training needs of each."""

    samples: Sequence[Sample]
    items: Sequence[Item]
    cues: Sequence[NDArray[np.float32]]
    requests: NDArray[np.float32]


def read_training_set(rbr: Path, coconot: Path, *, seed: int = 0) -> list[Sample]:
    """Read what the reader is trained on: all but the replies of XSTest, which are left to the settlers."""
    written = [sample for pattern in _WRITTEN for sample in read_written(pattern)]
    samples = [*written, *read_rbr(rbr), *read_coconot(coconot)]
    rng = random.Random(seed)
    samples += [*shorten(samples, rng=rng), *halve(samples, N_HALVED, rng=rng)]
    return [*samples, *mismatch(samples, N_MISMATCHED, rng=rng)]


def build_vocabulary(samples: Sequence[Sample]) -> tuple[Vocabulary, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Choose the words that get a row of their own.

    Returns:
        The vocabulary, and for each word the rows of its beginning and its end (0 for characters that stand alone).
    """
    tokens = read_tokens([text for sample in samples for text in (sample.text, sample.asked)])
    words, first, counts = np.unique(tokens.word, return_index=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] >= _FEWEST]
    _, unique = np.unique(slot_of(words[order]), return_index=True)
    order = order[np.sort(unique)][:_MOST_WORDS]
    words, first = words[order], first[order]
    vocabulary = Vocabulary(slot_of(words).astype(np.uint32), half_of(words))
    own = tokens.kind[first] != ALONE
    stem, ending = part_rows(tokens.stem[first], tokens.ending[first])
    return vocabulary, (stem * own, ending * own)


def lay_out(samples: Sequence[Sample], vocabulary: Vocabulary) -> Dataset:
    """Read samples as the judge does, and label them weakly."""
    items, cues = [], []
    for start in range(0, len(samples), _BATCH):
        some = samples[start : start + _BATCH]
        inputs = read_inputs([(sample.text, sample.turns) for sample in some], vocabulary)
        items += items_of(inputs)
        cues += label_cues(some, inputs.tokens)
    return Dataset(samples, items, cues, label_requests(samples))
