"""Train the local judge and write its networks with their training record.

    python training/judge/train.py --xstest DIR --rbr FILE

Needs torch and scikit-learn beside demur. XSTest's completions and RBR's gold set are read by path; the rest of the training set lies here.
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
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from demur.judge.local.cues import cue_classes
from demur.judge.local.features import Features
from demur.judge.local.local_judge import OUTCOMES
from demur.judge.local.wording import N_BUCKETS, buckets_of
from demur.judge.sentences import blank_shown
from demur.records import write_atomically

ROOM = HERE.parents[1] / "src" / "demur" / "judge"
LONG = Plan(width=32, epochs=30, decay=1.0)
ALL = Plan(width=64, epochs=20)
QUALITY = Plan(width=64, epochs=25, is_of_quality=True)
SEEDS = {"long": 5, "all": 5, "quality": 5}
"""Networks of each sort; their probabilities are averaged."""
RBR_WEIGHT = 0.5

WORDING_C = 3.0

Trained = Mapping[str, list[Mapping[str, NDArray[np.float32]]]]


def train(
    published: Sequence[Sample],
    rbr: Sequence[Sample],
    written: Sequence[Sample],
    features: Mapping[int, Features],
    seeds: Mapping[str, int] = SEEDS,
) -> Trained:
    """Train every network.

    Args:
        published: replies of real models.
        rbr: RBR's replies, which follow a definition of their own and count for less.
        written: replies written for the purpose, in many languages.
        features: of each sample, by its `id`.
        seeds: networks of each sort.
    """
    tasks = {
        "long": (LONG, published, [1.0] * len(published)),
        "all": (
            ALL,
            [*published, *rbr, *written],
            [1.0] * len(published) + [RBR_WEIGHT] * len(rbr) + [1.0] * len(written),
        ),
        "quality": (
            QUALITY,
            of_refusals := [sample for sample in written if sample.tone is not None],
            [1.0] * len(of_refusals),
        ),
    }
    return {
        purpose: [
            fit(samples, [features[id(sample)] for sample in samples], weights, plan, seed=seed)
            for seed in range(seeds[purpose])
        ]
        for purpose, (plan, samples, weights) in tasks.items()
        if seeds.get(purpose)
    }


def train_wording(samples: Sequence[Sample]) -> NDArray[np.float32]:
    """Train the linear model of wordings; its weights as `demur.judge.local.wording.score_wording` takes them."""
    model = LogisticRegression(C=WORDING_C, max_iter=150).fit(_matrix(samples), [sample.outcome for sample in samples])
    order = [list(model.classes_).index(outcome) for outcome in OUTCOMES]
    weights: NDArray[np.float32] = np.vstack([model.coef_.T, model.intercept_])[:, order].astype(np.float32)
    return weights


def _matrix(samples: Sequence[Sample]) -> csr_matrix:
    rows, columns, values = [], [], []
    for row, sample in enumerate(samples):
        for offset, buckets in zip((0, N_BUCKETS), buckets_of(blank_shown(sample.text)), strict=True):
            found, counts = np.unique(buckets, return_counts=True)
            rows += [row] * len(found)
            columns += (found + offset).tolist()
            values += (counts / np.sqrt(max(1, len(buckets)))).tolist()
    return csr_matrix((values, (rows, columns)), (len(samples), 2 * N_BUCKETS))


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
    arrays = {
        f"{purpose}/{seed}/{layer}": value.astype(np.float16)
        for purpose, nets in networks.items()
        for seed, net in enumerate(nets)
        for layer, value in net.items()
    }
    n_bytes = _save("networks.npz", arrays) + _save(
        "wording.npz", {"outcome": train_wording([*rbr, *written]).astype(np.float16)}
    )
    record = {
        "command": "python training/judge/train.py --xstest DIR --rbr FILE",
        "torch": torch.__version__,
        "plans": {"long": asdict(LONG), "all": asdict(ALL), "quality": asdict(QUALITY)},
        "networks": SEEDS,
        "rbr_weight": RBR_WEIGHT,
        "wording": {"buckets": N_BUCKETS, "inverse_regularisation": WORDING_C},
        "cue_classes": cue_classes(),
        "samples": dict(sorted(Counter(sample.source for sample in samples).items())),
        "outcomes": dict(Counter(sample.outcome for sample in samples)),
        "training_set_sha256": hashlib.sha256(
            "\x00".join(f"{sample.text}\x01{sample.outcome}" for sample in samples).encode()
        ).hexdigest(),
    }
    write_atomically(ROOM / "networks.json", json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    print(f"{len(samples)} samples, {sum(map(len, networks.values()))} networks, {n_bytes:,} bytes")


def _save(name: str, arrays: Mapping[str, NDArray[np.float16]]) -> int:
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    (ROOM / name).write_bytes(file.getvalue())
    return len(file.getvalue())


if __name__ == "__main__":
    main()
