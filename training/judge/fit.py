"""Training of one network of the judge: torch for the gradients, the same shape as `demur.judge.local.network`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from samples import Sample
from torch import Tensor, nn
from torch.nn import functional

from demur.judge.local.features import Features
from demur.judge.local.local_judge import FLAGS, KINDS, OUTCOMES, TONES

__all__ = ["Plan", "fit"]


@dataclass(frozen=True)
class Plan:
    """How a network is trained."""

    width: int = 64
    """Units of either layer."""
    epochs: int = 20
    learning_rate: float = 4e-3
    decay: float = 2e-2
    dropout: float = 0.3
    smoothing: float = 0.05
    batch: int = 64
    is_of_quality: bool = False
    """Whether it learns kinds, tones and flags, and not outcomes."""


class _Net(nn.Module):
    def __init__(self, n_sentence: int, n_whole: int, plan: Plan) -> None:
        super().__init__()
        self.sentence = nn.Linear(n_sentence, plan.width)
        self.reply = nn.Linear(6 * plan.width + n_whole, plan.width)
        self.outcome, self.kind, self.tone = (nn.Linear(plan.width, 4) for _ in range(3))
        self.flag, self.flag_sentence = nn.Linear(plan.width, len(FLAGS)), nn.Linear(plan.width, len(FLAGS))
        self.dropout, self.blur = nn.Dropout(plan.dropout), nn.Dropout(plan.dropout / 3)

    def forward(self, rows: Tensor, shares: Tensor, counts: Tensor, whole: Tensor) -> tuple[Tensor, ...]:
        there = torch.arange(rows.shape[1])[None] < counts[:, None]
        sentences = self.dropout(torch.relu(self.sentence(self.blur(rows)))) * there[..., None]
        second = sentences[:, 1] if rows.shape[1] > 1 else torch.zeros_like(sentences[:, 0])
        pooled = (
            sentences[:, 0], second, sentences[torch.arange(len(counts)), counts - 1], sentences.max(1).values,
            (sentences * shares[..., None]).sum(1), sentences.sum(1) / counts[:, None], whole,
        )  # fmt: skip
        hidden = self.dropout(torch.relu(self.reply(torch.cat(pooled, 1))))
        shown = self.flag_sentence(sentences).masked_fill(~there[..., None], -9.0)
        return self.outcome(hidden), self.kind(hidden), self.tone(hidden), self.flag(hidden) + torch.logsumexp(shown, 1)


def fit(
    samples: Sequence[Sample], features: Sequence[Features], weights: Sequence[float], plan: Plan, *, seed: int
) -> Mapping[str, NDArray[np.float32]]:
    """Train a network.

    Args:
        samples: the labels.
        features: of each sample.
        weights: how much each sample counts.
        plan: how to train.
        seed: of the initial weights, the order and the dropout; one thread, so the result can be repeated.

    Returns:
        The weights as `demur.judge.local.network.Network` reads them.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    inputs, labels = _tensors(features), _labels(samples, weights)
    net = _Net(inputs[0].shape[2], inputs[3].shape[1], plan)
    optimiser = torch.optim.AdamW(net.parameters(), lr=plan.learning_rate, weight_decay=plan.decay)
    n_batches = -(-len(samples) // plan.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, plan.learning_rate, total_steps=plan.epochs * n_batches, pct_start=0.1
    )
    for _ in range(plan.epochs):
        for chosen in np.array_split(rng.permutation(len(samples)), n_batches):
            longest = int(inputs[2][chosen].max())
            said = net(inputs[0][chosen, :longest], inputs[1][chosen, :longest], inputs[2][chosen], inputs[3][chosen])
            loss = _loss(said, {name: label[chosen] for name, label in labels.items()}, plan)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return {
        name: (value.T if name.endswith("weight") else value).detach().numpy() for name, value in net.named_parameters()
    }


def _tensors(features: Sequence[Features]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    longest = max(len(one.shares) for one in features)
    rows = np.zeros((len(features), longest, features[0].sentences.shape[1]), np.float32)
    shares = np.zeros((len(features), longest), np.float32)
    for index, one in enumerate(features):
        rows[index, : len(one.shares)], shares[index, : len(one.shares)] = one.sentences, one.shares
    counts = torch.tensor([len(one.shares) for one in features])
    return torch.tensor(rows), torch.tensor(shares), counts, torch.tensor(np.stack([one.whole for one in features]))


def _labels(samples: Sequence[Sample], weights: Sequence[float]) -> dict[str, Tensor]:
    return {
        "outcome": torch.tensor([OUTCOMES.index(sample.outcome) for sample in samples]),
        "kind": torch.tensor([-1 if sample.kind is None else KINDS.index(sample.kind) for sample in samples]),
        "tone": torch.tensor([-1 if sample.tone is None else TONES.index(sample.tone) for sample in samples]),
        "flags": torch.tensor([[float(flag in (sample.flags or ())) for flag in FLAGS] for sample in samples]),
        "weight": torch.tensor(weights, dtype=torch.float32),
    }


def _loss(said: tuple[Tensor, ...], labels: Mapping[str, Tensor], plan: Plan) -> Tensor:
    outcome, kind, tone, flags = said
    if not plan.is_of_quality:
        each = functional.cross_entropy(outcome, labels["outcome"], label_smoothing=plan.smoothing, reduction="none")
        return (each * labels["weight"]).mean()
    of_kind = functional.cross_entropy(kind, labels["kind"], ignore_index=-1)
    of_tone = functional.cross_entropy(tone, labels["tone"], ignore_index=-1)
    return 0.3 * of_kind + 0.5 * of_tone + 2 * functional.binary_cross_entropy_with_logits(flags, labels["flags"])
