"""Train the local judge and write its weights with their training record.

    python training/judge/train.py --xstest DIR --rbr FILE --coconot FILE

Needs torch and google-re2 beside demur; about half an hour on two cores. XSTest's completions, RBR's gold set and CoCoNot's contrast pairs
are read by path; the rest of the training set lies here. The reader is trained without XSTest, the settlers on XSTest alone.
"""

import argparse
import hashlib
import io
import json
import multiprocessing
import os
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

import torch
from cues import cue_classes
from dataset import N_HALVED, N_MISMATCHED, build_vocabulary, lay_out, read_training_set
from fit import CUES, READER, SETTLER, Taught, fit_cues, fit_reader, fit_settler, teach, tell
from model import ReaderModel, export, export_settlers
from samples import Sample, mismatch, read_xstest
from weak_labels import N_REQUESTS

from demur.judge.local.reader import Reader
from demur.judge.local.weights import ROOM, write_reader
from demur.records import write_atomically

__all__ = ["train_pupil", "train_reader", "with_settlers"]

N_TEACHERS, N_SETTLERS = 3, 3
MISMATCHED = 6
"""One in so many of the settlers' replies stands behind another question."""


def train_reader(samples: Sequence[Sample], taught: Taught | None = None, *, seed: int = 0) -> Reader:
    """Train a reader: its trunk on cues, then all of it, by labels and by what teachers say if there are any."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    vocabulary, parts = build_vocabulary(samples)
    data = lay_out(samples, vocabulary)
    model = ReaderModel(len(vocabulary), len(cue_classes()), N_REQUESTS)
    fit_cues(model, data.items, data.cues, seed=seed)
    fit_reader(model, data.samples, data.items, data.cues, data.requests, taught=taught, seed=seed)
    return Reader(export(model, parts), vocabulary)


def train_pupil(samples: Sequence[Sample]) -> Reader:
    """Train teachers, each from other first weights, as many at once as there are cores; and a reader that learns from them as well."""
    workers = min(N_TEACHERS, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        training = [pool.submit(train_reader, samples, seed=seed) for seed in range(1, N_TEACHERS + 1)]
        teachers = [one.result() for one in training]
    return train_reader(samples, teach(teachers, samples))


def with_settlers(reader: Reader, samples: Sequence[Sample]) -> Reader:
    """Train settlers, each from other first weights, and give them to a reader.

    Args:
        reader: whatever settlers it has are left out.
        samples: replies of real models; some of their answers are put behind other questions as well.
    """
    samples = [*samples, *mismatch(samples, len(samples) // MISMATCHED, rng=random.Random(0))]
    told, outcomes = tell(reader, samples), [sample.outcome for sample in samples]
    settlers = [fit_settler(told, outcomes, seed=seed) for seed in range(N_SETTLERS)]
    return Reader({**reader.weights, **export_settlers(settlers)}, reader.vocabulary)


def main() -> None:
    """Read the command line, train, write ``reader.npz`` and ``reader.json``."""
    parser = argparse.ArgumentParser(description="Train the local judge.")
    parser.add_argument("--xstest", type=Path, required=True, metavar="DIR", help="folder of completions_*.csv")
    parser.add_argument("--rbr", type=Path, required=True, metavar="FILE", help="train.jsonl")
    parser.add_argument("--coconot", type=Path, required=True, metavar="FILE", help="pref.jsonl")
    options = parser.parse_args()
    xstest = read_xstest(options.xstest)
    samples = read_training_set(options.rbr, options.coconot)
    reader = with_settlers(train_pupil(samples), xstest)
    file = io.BytesIO()
    write_reader(reader, file)
    (ROOM / "reader.npz").write_bytes(file.getvalue())
    write_atomically(
        ROOM / "reader.json", json.dumps(_record(samples, xstest, reader), indent=2, ensure_ascii=False) + "\n"
    )
    print(f"{len(samples)} and {len(xstest)} samples, {len(file.getvalue()):,} bytes")


def _record(samples: Sequence[Sample], xstest: Sequence[Sample], reader: Reader) -> Mapping[str, object]:
    everything = [*samples, *xstest]
    return {
        "command": "python training/judge/train.py --xstest DIR --rbr FILE --coconot FILE",
        "torch": torch.__version__,
        "plans": {"cues": asdict(CUES), "reader": asdict(READER), "settlers": asdict(SETTLER)},
        "teachers": N_TEACHERS,
        "settlers": N_SETTLERS,
        "mismatched": {"reader": N_MISMATCHED, "settlers": f"one in {MISMATCHED}"},
        "halved": N_HALVED,
        "words": len(reader.vocabulary) - 1,
        "cue_classes": cue_classes(),
        "samples": dict(sorted(Counter(sample.source for sample in everything).items())),
        "outcomes": dict(Counter(sample.outcome for sample in samples)),
        "training_set_sha256": hashlib.sha256(
            "\x00".join(f"{sample.text}\x01{sample.outcome}" for sample in everything).encode("utf-8", "surrogatepass")
        ).hexdigest(),
    }


if __name__ == "__main__":
    main()
