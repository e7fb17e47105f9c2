"""Train the local judge and write its networks with their training record.

    python training/judge/train.py --xstest DIR --rbr FILE

Needs torch beside demur. XSTest's completions and RBR's gold set are read by path; the rest of the training set lies here.
"""

import argparse
import hashlib
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from fit import Plan, fit
from numpy.typing import NDArray
from samples import HERE, Sample, features_of, read_rbr, read_written, read_xstest

from demur.judge.cues import cue_classes
from demur.judge.features import Features
from demur.records import write_atomically

ROOM = HERE.parents[1] / "src" / "demur" / "judge"
LONG = Plan(width=40, epochs=30, dropout=0.3)
ALL = Plan(width=64, epochs=20)
QUALITY = Plan(width=64, epochs=25, is_of_quality=True)
SEEDS = {"long": 5, "all": 5, "quality": 5}
"""Networks of each sort; their probabilities are averaged."""
RBR_WEIGHT = {"long": 0.3, "all": 0.5}

Trained = Mapping[str, list[Mapping[str, NDArray[np.float32]]]]


def train(published: Sequence[Sample], rbr: Sequence[Sample], written: Sequence[Sample], features: Mapping[int, Features], seeds: Mapping[str, int] = SEEDS) -> Trained:
    """Train every network.

    Args:
        published: replies of real models.
        rbr: RBR's replies, which follow a definition of their own and count for less.
        written: replies written for the purpose, in many languages.
        features: of each sample, by its `id`.
        seeds: networks of each sort.
    """
    tasks = {
        "long": (LONG, [*published, *rbr], [1.0] * len(published) + [RBR_WEIGHT["long"]] * len(rbr)),
        "all": (ALL, [*published, *rbr, *written], [1.0] * len(published) + [RBR_WEIGHT["all"]] * len(rbr) + [1.0] * len(written)),
        "quality": (QUALITY, of_refusals := [sample for sample in written if sample.tone is not None], [1.0] * len(of_refusals)),
    }
    return {
        purpose: [fit(samples, [features[id(sample)] for sample in samples], weights, plan, seed=seed) for seed in range(seeds[purpose])]
        for purpose, (plan, samples, weights) in tasks.items()
        if seeds.get(purpose)
    }


def main() -> None:
    """Read the command line, train, write ``networks.npz`` and ``networks.json``."""
    parser = argparse.ArgumentParser(description="Train the local judge.")
    parser.add_argument("--xstest", type=Path, required=True, metavar="DIR", help="folder of completions_*.csv")
    parser.add_argument("--rbr", type=Path, required=True, metavar="FILE", help="train.jsonl")
    options = parser.parse_args()
    published, rbr = read_xstest(options.xstest), read_rbr(options.rbr)
    written = read_written("english_*.jsonl") + read_written("lang*.jsonl")
    samples = [*published, *rbr, *written]
    features = dict(zip(map(id, samples), features_of(samples), strict=True))
    networks = train(published, rbr, written, features)
    arrays = {f"{purpose}/{seed}/{layer}": value.astype(np.float16) for purpose, nets in networks.items() for seed, net in enumerate(nets) for layer, value in net.items()}
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    (ROOM / "networks.npz").write_bytes(file.getvalue())
    record = {
        "command": "python training/judge/train.py --xstest DIR --rbr FILE",
        "torch": torch.__version__,
        "plans": {"long": asdict(LONG), "all": asdict(ALL), "quality": asdict(QUALITY)},
        "networks": SEEDS,
        "rbr_weight": RBR_WEIGHT,
        "cue_classes": cue_classes(),
        "samples": dict(sorted(Counter(sample.source for sample in samples).items())),
        "outcomes": dict(Counter(sample.outcome for sample in samples)),
        "training_set_sha256": hashlib.sha256("\x00".join(f"{sample.text}\x01{sample.outcome}" for sample in samples).encode()).hexdigest(),
    }
    write_atomically(ROOM / "networks.json", json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    print(f"{len(samples)} samples, {sum(map(len, networks.values()))} networks, {len(file.getvalue()):,} bytes")


if __name__ == "__main__":
    main()
