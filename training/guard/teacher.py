"""The teacher: an encoder of whole sentences, trained on the written requests, then on made ones; too slow to ship."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from encoder import Encoder, WordPiece, pad, read_encoder
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from demur.guard.intent.intent import HAZARDS, READINGS

__all__ = ["Course", "Exercise", "Taught", "Teacher", "ask", "train_teacher"]

_MOST_TAUGHT, _MOST_ASKED = 48, 64
"""Pieces of a text that is learned, and of one that is asked about."""
_CLIPPED, _DECAY, _HAZARD_WEIGHT = 1.0, 0.01, 0.25


@dataclass(frozen=True)
class Course:
    """One cycle of the learning rate over some exercises."""

    epochs: int
    learning_rate: float
    batch: int = 32
    smoothing: float = 0.04


@dataclass(frozen=True)
class Exercise:
    """A text and what it is after."""

    text: str
    reading: int
    """Index in `READINGS`."""
    hazard: int | None = None
    """Index in `HAZARDS`; None where none is known."""
    weight: float = 1.0


@dataclass(frozen=True)
class Taught:
    """What a teacher says of texts: probabilities."""

    readings: NDArray[np.float32]
    hazards: NDArray[np.float32]


class Teacher(nn.Module):
    """The encoder, and what its first state and the mean of all say."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder: Encoder = read_encoder()
        self.cut = WordPiece()
        width = self.encoder.word.embedding_dim
        self.hidden = nn.Linear(2 * width, width)
        self.reading, self.hazard = nn.Linear(width, len(READINGS)), nn.Linear(width, len(HAZARDS))
        self.dropout = nn.Dropout(0.1)
        # A word that no request has keeps its place among those that some have.
        self.encoder.word.weight.requires_grad_(False)

    def freeze(self, layers: int) -> None:
        """Leave the places and the lowest layers as they are from now on."""
        for part in (self.encoder.norm, *self.encoder.layers[:layers]):
            part.requires_grad_(False)
        self.encoder.place.requires_grad_(False)

    def forward(self, texts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Give the logits of the readings and of the hazards."""
        rows, is_there = pad(texts)
        with torch.autocast("cpu", torch.bfloat16):
            states = self.encoder(rows, is_there)
            mean = (states * is_there[..., None]).sum(1) / is_there.sum(1, keepdim=True)
            pooled = self.dropout(torch.cat([states[:, 0], mean], 1))
            heard = self.dropout(torch.tanh(self.hidden(pooled)))
            return self.reading(heard).float(), self.hazard(heard).float()


def train_teacher(teacher: Teacher, exercises: Sequence[Exercise], *, course: Course, seed: int) -> None:
    """Train a teacher further; the same for the same exercises and seed on one machine."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    texts = [teacher.cut(exercise.text, _MOST_TAUGHT) for exercise in exercises]
    head = [value for name, value in teacher.named_parameters() if not name.startswith("encoder.")]
    body = [value for value in teacher.encoder.parameters() if value.requires_grad]
    rates = [course.learning_rate, 10 * course.learning_rate]
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": rates[0]}, {"params": head, "lr": rates[1]}], weight_decay=_DECAY
    )
    n_steps = course.epochs * -(-len(texts) // course.batch)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, rates, total_steps=n_steps + 1, pct_start=0.1)
    teacher.train()
    for _ in range(course.epochs):
        for chosen in _batches(texts, course.batch, rng):
            loss = _loss(teacher([texts[index] for index in chosen]), [exercises[index] for index in chosen], course)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([*body, *head], _CLIPPED)
            optimizer.step()
            cycle.step()
    teacher.eval()


def _loss(said: tuple[Tensor, Tensor], exercises: Sequence[Exercise], course: Course) -> Tensor:
    readings = torch.tensor([exercise.reading for exercise in exercises])
    hazards = torch.tensor([-100 if exercise.hazard is None else exercise.hazard for exercise in exercises])
    weights = torch.tensor([exercise.weight for exercise in exercises])
    loss = functional.cross_entropy(said[0], readings, reduction="none", label_smoothing=course.smoothing)
    loss = loss + _HAZARD_WEIGHT * functional.cross_entropy(said[1], hazards, reduction="none", ignore_index=-100)
    return (loss * weights).mean()


def _batches(texts: Sequence[Sequence[int]], size: int, rng: random.Random | None) -> Iterator[list[int]]:
    """Put texts of like length together; in an order that rises, or by chance."""
    order = list(range(len(texts)))
    if rng:
        rng.shuffle(order)
    large = 20 * size if rng else len(order)
    ordered = [
        index
        for start in range(0, len(order), large)
        for index in sorted(order[start : start + large], key=lambda index: len(texts[index]))
    ]
    batches = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    if rng:
        rng.shuffle(batches)
    yield from batches


def ask(teacher: Teacher, texts: Sequence[str]) -> Taught:
    """Ask a teacher about texts."""
    rows = [teacher.cut(text, _MOST_ASKED) for text in texts]
    readings, hazards = (np.zeros((len(rows), len(names)), np.float32) for names in (READINGS, HAZARDS))
    with torch.no_grad():
        for chosen in _batches(rows, 64, None):
            said, named = teacher([rows[index] for index in chosen])
            readings[chosen], hazards[chosen] = torch.softmax(said, 1).numpy(), torch.softmax(named, 1).numpy()
    return Taught(readings, hazards)
