"""Training of the judge's networks: the trunk on cues alone, then the whole reader, then the settlers."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from model import Batch, Item, ReaderModel, Settler, batch_of, items_of
from numpy.typing import NDArray
from samples import Sample
from torch import Tensor, nn
from torch.nn import functional

from demur.judge.local.inputs import Inputs, read_inputs
from demur.judge.local.reader import Read, Reader
from demur.judge.local.verdicts import FLAGS, KINDS, OUTCOMES, TONES

__all__ = [
    "CUES", "READER", "SETTLER", "Plan", "Taught", "Told", "fit_cues", "fit_reader", "fit_settler", "teach", "tell",
]  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """How a network is trained: AdamW, one cycle of the learning rate (Smith & Topin 2018), batches of 64."""

    epochs: int
    learning_rate: float
    decay: float
    warm_up: float = 0.15


CUES = Plan(epochs=8, learning_rate=1.5e-2, decay=1e-2)
READER = Plan(epochs=12, learning_rate=3e-3, decay=2e-2)
SETTLER = Plan(epochs=30, learning_rate=4e-3, decay=2.0, warm_up=0.1)

BATCH = 64
SMOOTHING = 0.05
CUE_WEIGHT, REQUEST_WEIGHT, KIND_WEIGHT, TONE_WEIGHT, FLAG_WEIGHT = 0.01, 0.1, 0.3, 0.3, 0.3
RARE = (1.5, 1.0, 1.0, 1.0, 1.0, 1.3, 2.0, 2.0, 1.5)
"""How much a flag that holds weighs against one that does not, in the order of `FLAGS`."""
TEACHING = 0.7
"""How much what teachers say weighs against the labels; Furlanello et al. 2018 use teachers of the student's own size."""
MOST_NORM = 5.0
NOT_SAID = -100
OLD, CHANGED = ("lang_", "lang2_"), ("reason", "names_boundary", "loophole", "disclaimer")
"""Files labelled by shorter definitions, and the flags whose definitions have changed since."""


def fit_cues(model: ReaderModel, items: Sequence[Item], cues: Sequence[NDArray[np.float32]], *, seed: int) -> None:
    """Teach a reader's trunk which cues each sentence holds."""

    def loss(chosen: Sequence[int], batch: Batch) -> Tensor:
        return _cue_loss(model.find(batch)[1], batch, [cues[index] for index in chosen])

    trunk = [
        parameter
        for name in ("word", "stem", "ending", "look", "phrase", "cue_hidden", "cue")
        for parameter in getattr(model, name).parameters()
    ]
    _fit(model, trunk, items, loss, CUES, seed=seed)


@dataclass(frozen=True)
class Taught:
    """What readers that were trained before say of the same samples: probabilities."""

    outcome: NDArray[np.float32]
    """Shape (samples, outcomes)."""
    flags: NDArray[np.float32]
    """Shape (samples, flags)."""


def teach(readers: Sequence[Reader], samples: Sequence[Sample]) -> Taught:
    """Give the mean of what readers say of some samples."""
    said = [
        np.concatenate([read.outcome, read.flags], axis=1)
        for reader in readers
        for _, read in _readings(reader, samples)
    ]
    mean = np.concatenate(said).reshape(len(readers), len(samples), -1).mean(axis=0)
    return Taught(*np.split(mean.astype(np.float32), [len(OUTCOMES)], axis=1))


def _readings(reader: Reader, samples: Sequence[Sample]) -> Iterator[tuple[Inputs, Read]]:
    """Read samples batch by batch."""
    for start in range(0, len(samples), BATCH):
        pairs = [(sample.text, sample.turns) for sample in samples[start : start + BATCH]]
        inputs = read_inputs(pairs, reader.vocabulary)
        yield inputs, reader.read(inputs)


def fit_reader(
    model: ReaderModel,
    samples: Sequence[Sample],
    items: Sequence[Item],
    cues: Sequence[NDArray[np.float32]],
    requests: NDArray[np.float32],
    *,
    taught: Taught | None = None,
    seed: int,
) -> None:
    """Teach a reader what replies are, cues and requests beside.

    Args:
        model: with a trunk that knows cues.
        samples: the labels; all with an outcome.
        items: what the network is told of each.
        cues: of each, from `weak_labels.label_cues`.
        requests: from `weak_labels.label_requests`.
        taught: what teachers say of the samples; several readers are right more often than one, and one can learn it from them.
        seed: of the order and the dropout.
    """
    labels, asks = _labels(samples), torch.from_numpy(requests)
    if taught is not None:
        labels = {
            **labels,
            "taught_outcome": torch.from_numpy(taught.outcome),
            "taught_flags": torch.from_numpy(taught.flags),
        }

    def loss(chosen: Sequence[int], batch: Batch) -> Tensor:
        said = model(batch)
        some = {name: label[chosen] for name, label in labels.items()}
        total = functional.cross_entropy(said.outcome, some["outcome"], label_smoothing=SMOOTHING)
        if taught is not None:
            total = (1 - TEACHING) * total + TEACHING * functional.cross_entropy(said.outcome, some["taught_outcome"])
        total = total + CUE_WEIGHT * _cue_loss(said.cues, batch, [cues[index] for index in chosen])
        known = ~asks[chosen].isnan().any(1)
        if known.any():
            asked = functional.binary_cross_entropy_with_logits(said.request[known], asks[chosen][known])
            total = total + REQUEST_WEIGHT * asked
        if some["has_flags"].any():
            flags = _flag_loss(said.flags, some["flags"], some["has_flags"])
            if taught is not None:
                flags = (1 - TEACHING) * flags + TEACHING * _flag_loss(
                    said.flags, some["taught_flags"], some["has_flags"]
                )
            total = total + FLAG_WEIGHT * flags
        for name, logits, share in (("kind", said.kind, KIND_WEIGHT), ("tone", said.tone, TONE_WEIGHT)):
            if (some[name] != NOT_SAID).any():
                total = total + share * functional.cross_entropy(logits, some[name], ignore_index=NOT_SAID)
        return total

    _fit(model, list(model.parameters()), items, loss, READER, seed=seed)


@dataclass(frozen=True)
class Told:
    """A sample as a settler is told of it by a reader."""

    told: NDArray[np.float32]
    """Shape (sentences, inputs)."""
    request: NDArray[np.float32]
    item: Item


def tell(reader: Reader, samples: Sequence[Sample]) -> list[Told]:
    """Give what a reader tells settlers of some samples."""
    found = []
    for inputs, read in _readings(reader, samples):
        told = np.concatenate([read.cues, read.earlier, inputs.sentence_looks], axis=1)
        ends = np.cumsum(inputs.n_sentences)
        found += [
            Told(rows, request, item)
            for rows, request, item in zip(np.split(told, ends[:-1]), read.request, items_of(inputs), strict=True)
        ]
    return found


def fit_settler(told: Sequence[Told], outcomes: Sequence[str], *, seed: int) -> Settler:
    """Train a settler on real models' replies."""
    torch.manual_seed(seed)
    model = Settler(told[0].told.shape[1], len(told[0].request))
    labels = torch.tensor([OUTCOMES.index(outcome) for outcome in outcomes])

    def loss(chosen: Sequence[int], batch: Batch) -> Tensor:
        logits = model(*_settler_inputs([told[index] for index in chosen], batch), batch)
        return functional.cross_entropy(logits, labels[chosen], label_smoothing=SMOOTHING)

    _fit(model, list(model.parameters()), [one.item for one in told], loss, SETTLER, seed=seed)
    model.eval()
    return model


def _settler_inputs(told: Sequence[Told], batch: Batch) -> tuple[Tensor, Tensor]:
    """Lay out what settlers are told."""
    laid_out = np.zeros((len(told), batch.n_tokens.shape[1], told[0].told.shape[1]), np.float32)
    for row, one in enumerate(told):
        laid_out[row, : len(one.told)] = one.told
    return torch.from_numpy(laid_out), torch.from_numpy(np.stack([one.request for one in told]))


def _fit(
    model: nn.Module,
    parameters: Sequence[nn.Parameter],
    items: Sequence[Item],
    loss: Callable[[Sequence[int], Batch], Tensor],
    plan: Plan,
    *,
    seed: int,
) -> None:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    optimiser = torch.optim.AdamW(parameters, lr=plan.learning_rate, weight_decay=plan.decay)
    n_batches = -(-len(items) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, plan.learning_rate, total_steps=plan.epochs * n_batches, pct_start=plan.warm_up
    )
    start = time.perf_counter()
    for epoch in range(plan.epochs):
        model.train()
        total = 0.0
        for chosen in _batches(items, rng):
            value = loss(chosen, batch_of([items[index] for index in chosen]))
            optimiser.zero_grad()
            value.backward()
            nn.utils.clip_grad_norm_(parameters, MOST_NORM)
            optimiser.step()
            schedule.step()
            total += value.item()
        if len(items) > 5000:  # noqa: PLR2004 -- the small networks take seconds
            print(
                f"  epoch {epoch + 1} of {plan.epochs}: loss {total / n_batches:.3f}, {time.perf_counter() - start:.0f} s",
                flush=True,
            )
    model.eval()


def _batches(items: Sequence[Item], rng: np.random.Generator) -> Iterator[list[int]]:
    """Give batches of samples of like length, in random order."""
    lengths = np.array([len(item.rows) for item in items]) * rng.uniform(0.9, 1.1, len(items))
    order = np.argsort(lengths, kind="stable")
    batches = [order[start : start + BATCH].tolist() for start in range(0, len(order), BATCH)]
    for index in rng.permutation(len(batches)):
        yield batches[index]


def _cue_loss(logits: Tensor, batch: Batch, cues: Sequence[NDArray[np.float32]]) -> Tensor:
    truth = np.zeros(tuple(logits.shape), np.float32)
    for row, one in enumerate(cues):
        truth[row, : len(one)] = one
    each = functional.binary_cross_entropy_with_logits(logits, torch.from_numpy(truth), reduction="none").sum(-1)
    return (each * batch.is_there[..., 0]).sum() / batch.is_there.sum()


def _flag_loss(logits: Tensor, truth: Tensor, is_known: Tensor) -> Tensor:
    each = functional.binary_cross_entropy_with_logits(logits, truth, pos_weight=torch.tensor(RARE), reduction="none")
    return (each * is_known).sum() / is_known.sum(0).amax()


def _labels(samples: Sequence[Sample]) -> Mapping[str, Tensor]:
    return {
        "outcome": torch.tensor([OUTCOMES.index(sample.outcome) for sample in samples]),
        "kind": torch.tensor([NOT_SAID if sample.kind is None else KINDS.index(sample.kind) for sample in samples]),
        "tone": torch.tensor([NOT_SAID if sample.tone is None else TONES.index(sample.tone) for sample in samples]),
        "flags": torch.tensor([[float(flag in (sample.flags or ())) for flag in FLAGS] for sample in samples]),
        "has_flags": torch.tensor([[float(_is_labelled(sample, flag)) for flag in FLAGS] for sample in samples]),
    }


def _is_labelled(sample: Sample, flag: str) -> bool:
    """Tell whether somebody said of a reply whether it has a flag, by the definitions of today."""
    if sample.flags is None or (
        sample.tone is None and (flag != "disclaimer" or sample.outcome in {"refuse", "partial"})
    ):
        return False
    return flag not in CHANGED or not sample.source.startswith(OLD)
