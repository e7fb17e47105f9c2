"""The teacher: an encoder of whole sentences, which reads closely what the network finds doubtful, and which the network learns from."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from encoder import Encoder, pad, read_encoder, read_pieces
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from demur.guard.intent.encoder import MOST
from demur.guard.intent.intent import HAZARDS, READINGS
from demur.guard.intent.word_pieces import BEGIN, END, WordPieces

__all__ = ["FOREIGN", "Course", "Exercise", "Teacher", "tell_all", "train_teacher"]

FOREIGN = len(READINGS)
"""What the teacher says of a language that is not English, which it cannot read."""
_CLIPPED, _DECAY, _HAZARD_WEIGHT = 1.0, 0.01, 0.25


@dataclass(frozen=True)
class Course:
    """One cycle of the learning rate, once over some exercises."""

    learning_rate: float
    batch: int = 48
    smoothing: float = 0.04


@dataclass(frozen=True)
class Exercise:
    """A text and what it is after."""

    text: str
    reading: int
    """Index in `READINGS`, or `FOREIGN`."""
    hazard: int | None = None
    """Index in `HAZARDS`; None where none is known."""
    weight: float = 1.0


class Teacher(nn.Module):
    """The encoder, and what its first state and the mean of all say."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder: Encoder = read_encoder()
        self.pieces = WordPieces(read_pieces())
        width = self.encoder.word.embedding_dim
        self.hidden = nn.Linear(2 * width, width)
        self.reading, self.hazard = nn.Linear(width, len(READINGS) + 1), nn.Linear(width, len(HAZARDS))
        self.dropout = nn.Dropout(0.1)
        # A word that no request has keeps its place among those that some have.
        self.encoder.word.weight.requires_grad_(False)

    def cut(self, text: str) -> list[int]:
        """Give the rows of a text, the middle left out of one that is longer than the encoder reads at once."""
        rows, half = self.pieces.rows(text), MOST // 2 - 1
        return [BEGIN, *(rows if len(rows) <= 2 * half else rows[:half] + rows[-half:]), END]

    def forward(self, texts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Give the logits of the readings, `FOREIGN` the last, and of the hazards."""
        with torch.autocast("cpu", torch.bfloat16):
            readings, hazards = self.tell(*pad(texts))
        return readings.float(), hazards.float()

    def tell(self, rows: Tensor, is_there: Tensor) -> tuple[Tensor, Tensor]:
        """Give them for rows that are laid out, and their mask, both (texts, pieces)."""
        states = self.encoder(rows, is_there)
        mean = (states * is_there[..., None]).sum(1) / is_there.sum(1, keepdim=True)
        heard = self.dropout(torch.tanh(self.hidden(self.dropout(torch.cat([states[:, 0], mean], 1)))))
        return self.reading(heard), self.hazard(heard)


def train_teacher(teacher: Teacher, exercises: Sequence[Exercise], *, course: Course, seed: int) -> None:
    """Train a teacher further; the same for the same exercises and seed on one machine."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    texts = [teacher.cut(exercise.text) for exercise in exercises]
    head = [value for name, value in teacher.named_parameters() if not name.startswith("encoder.")]
    body = [value for value in teacher.encoder.parameters() if value.requires_grad]
    rates = [course.learning_rate, 10 * course.learning_rate]
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": rates[0]}, {"params": head, "lr": rates[1]}], weight_decay=_DECAY
    )
    n_steps = -(-len(texts) // course.batch)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, rates, total_steps=n_steps + 1, pct_start=0.1)
    teacher.train()
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


def tell_all(teacher: Teacher, texts: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give the logits of the readings, `FOREIGN` the last, and of the hazards, of each text."""
    rows = [teacher.cut(text) for text in texts]
    readings, hazards = np.zeros((len(rows), FOREIGN + 1), np.float32), np.zeros((len(rows), len(HAZARDS)), np.float32)
    with torch.no_grad():
        for chosen in _batches(rows, 64, None):
            said = teacher.tell(*pad([rows[index] for index in chosen]))
            readings[chosen], hazards[chosen] = (part.numpy() for part in said)
    return readings, hazards
