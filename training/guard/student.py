"""The network that ships, as torch trains it: layer for layer that of `demur.guard.intent.network`, which has the words for it."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from demur.guard.intent.intent import ABOUTS, HAZARDS, READINGS
from demur.guard.intent.pieces import NOTHING, UNKNOWN, Pieces

__all__ = ["Lesson", "Plan", "Student", "export", "lay_out", "predict", "train_student"]

_HEAD, _FIRST, _OWN_SHARE = 24, 0.3, 0.2
"""Width of a head of the attention; deviation of what a piece without a vector has at first; how far one with a vector leaves it."""
_MOST = 64
"""Pieces of a text that is trained on; the middle of a longer one is left out."""


@dataclass(frozen=True)
class Plan:
    """How the network is trained: AdamW, one cycle of the learning rate (Smith & Topin 2018)."""

    epochs: int = 4
    learning_rate: float = 2e-3
    own_rate: float = 1.0
    """Learning rate of what a piece has of its own, as a share of the others'."""
    batch: int = 128
    width: int = 96
    phrases: int = 192
    heads: int = 2
    """Of the attention, each as wide as `_HEAD`."""
    hidden: int = 128
    dropout: float = 0.1
    forgotten: float = 0.04
    """Share of pieces that are not read, so that no word decides alone."""
    hazard_weight: float = 0.3
    about_weight: float = 0.3


@dataclass(frozen=True)
class Lesson:
    """A text and what is to be said of it."""

    text: str
    readings: NDArray[np.float32]
    """Probabilities, in the order of `READINGS`."""
    hazards: NDArray[np.float32]
    """Likewise of `HAZARDS`; all 0 where none is taught."""
    weight: float
    about: int = -1
    """Index in `ABOUTS`; -1 of what is no crisis."""


class Student(nn.Module):
    """Reads rows of the table.

    Args:
        vectors: (rows, width), kept as they are; a turn of them, the same for all, is learned, so that a word that no lesson has
            moves with its neighbours, and besides something of each piece's own, which is all there is of one without a vector.
        plan: The sizes.
    """

    def __init__(self, vectors: NDArray[np.float32], plan: Plan) -> None:
        super().__init__()
        n_rows, width = vectors.shape
        self.plan, self.given = plan, torch.from_numpy(vectors)
        self.turn, self.own = nn.Linear(width, plan.width, bias=False), nn.Embedding(n_rows, plan.width, sparse=True)
        nn.init.normal_(self.own.weight, std=_FIRST)
        has_vector = (self.given != 0).any(1)
        self.own.weight.data[has_vector] = 0
        self.share = torch.where(has_vector, _OWN_SHARE, 1.0)[:, None]
        self.phrase = nn.Conv1d(plan.width, plan.phrases, 3, padding=1)
        inner = plan.heads * _HEAD
        self.asked, self.joined = nn.Linear(plan.phrases, 3 * inner), nn.Linear(plan.phrases + inner, plan.phrases)
        self.attention = nn.Linear(plan.phrases, 1, bias=False)
        self.hidden = nn.Linear(3 * plan.phrases, plan.hidden)
        self.reading, self.hazard = nn.Linear(plan.hidden, len(READINGS)), nn.Linear(plan.hidden, len(HAZARDS))
        self.about = nn.Linear(plan.hidden, len(ABOUTS))

    def forward(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Give the logits of the readings, of the hazards and of whom it is about; rows are (texts, pieces), `NOTHING` at the end of short ones."""
        is_there = (rows != NOTHING)[..., None].float()
        if self.training:
            rows = torch.where((torch.rand(rows.shape) < self.plan.forgotten) & (rows != NOTHING), UNKNOWN, rows)
        vectors = (
            self._drop(self.turn(self.given[rows]) + self.share[rows] * self.own(rows), self.plan.dropout) * is_there
        )
        phrases = functional.relu(self.phrase(vectors.transpose(1, 2)).transpose(1, 2))
        seen = self._attend(phrases, is_there)
        phrases = functional.relu(phrases + self.joined(torch.cat([phrases, seen], 2))) * is_there
        phrases = self._drop(phrases, self.plan.dropout)
        weights = torch.softmax(self.attention(phrases).masked_fill(is_there == 0, -1e4), 1)
        pooled = phrases.max(1).values, phrases.sum(1) / is_there.sum(1), (weights * phrases).sum(1)
        heard = self._drop(functional.relu(self.hidden(torch.cat(pooled, 1))), self.plan.dropout)
        return self.reading(heard), self.hazard(heard), self.about(heard)

    def _attend(self, phrases: Tensor, is_there: Tensor) -> Tensor:
        n_texts, size, _ = phrases.shape
        query, key, value = self.asked(phrases).view(n_texts, size, 3, self.plan.heads, _HEAD).permute(2, 0, 3, 1, 4)
        mask = is_there[:, None, None, :, 0].bool()
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return seen.transpose(1, 2).reshape(n_texts, size, -1)

    def _drop(self, values: Tensor, share: float) -> Tensor:
        return functional.dropout(values, share, self.training)


def lay_out(texts: Sequence[Sequence[int]]) -> Tensor:
    """Lay out the rows of texts to the longest; one without a piece is one that is unknown."""
    rows = np.full((len(texts), max(1, *map(len, texts))), NOTHING, np.int64)
    for index, text in enumerate(texts):
        rows[index, : len(text)] = text
        rows[index, 0] = text[0] if text else UNKNOWN
    return torch.from_numpy(rows)


def _rows_of(pieces: Pieces, text: str) -> list[int]:
    rows = pieces.rows(text)
    return rows if len(rows) <= _MOST else rows[: _MOST // 2] + rows[-_MOST // 2 :]


def train_student(lessons: Sequence[Lesson], pieces: Pieces, *, student: Student, plan: Plan, seed: int) -> None:
    """Train a network further; the same for the same lessons and seed on one machine."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    texts = [_rows_of(pieces, lesson.text) for lesson in lessons]
    readings, hazards = (
        torch.from_numpy(np.stack([getattr(lesson, name) for lesson in lessons])) for name in ("readings", "hazards")
    )
    abouts = torch.tensor([lesson.about for lesson in lessons])
    # Most crises are the writer's own: each of the others weighs more the rarer it is.
    rarity = torch.bincount(abouts[abouts >= 0], minlength=len(ABOUTS)).clamp_min(1).float()
    rarity = (rarity.max() / rarity) ** 0.75
    weights = torch.tensor([lesson.weight for lesson in lessons], dtype=torch.float32)
    shared = [value for name, value in student.named_parameters() if name != "own.weight"]
    all_, own = torch.optim.AdamW(shared, plan.learning_rate), torch.optim.SparseAdam([student.own.weight])
    n_steps = plan.epochs * -(-len(texts) // plan.batch)
    cycle = torch.optim.lr_scheduler.OneCycleLR(all_, plan.learning_rate, total_steps=n_steps + 1, pct_start=0.15)
    student.train()
    for chosen in _batches(texts, plan, rng):
        said, named, about = student(lay_out([texts[index] for index in chosen]))
        loss = -(readings[chosen] * functional.log_softmax(said, 1)).sum(1)
        loss -= plan.hazard_weight * (hazards[chosen] * functional.log_softmax(named, 1)).sum(1)
        loss += plan.about_weight * functional.cross_entropy(
            about, abouts[chosen], weight=rarity, reduction="none", ignore_index=-1
        )
        all_.zero_grad()
        own.zero_grad()
        (loss * weights[chosen]).mean().backward()
        own.param_groups[0]["lr"] = plan.own_rate * cycle.get_last_lr()[0]
        all_.step()
        own.step()
        cycle.step()
    student.eval()


def _batches(texts: Sequence[Sequence[int]], plan: Plan, rng: random.Random) -> Iterator[list[int]]:
    """Shuffle, and put texts of like length together."""
    order, size = list(range(len(texts))), plan.batch
    for _ in range(plan.epochs):
        rng.shuffle(order)
        ordered = [
            index
            for start in range(0, len(order), 16 * size)
            for index in sorted(order[start : start + 16 * size], key=lambda index: len(texts[index]))
        ]
        batches = [ordered[start : start + size] for start in range(0, len(ordered), size)]
        rng.shuffle(batches)
        yield from batches


def predict(student: Student, pieces: Pieces, texts: Sequence[str]) -> NDArray[np.float32]:
    """Give the logits of the readings, (texts, 5)."""
    rows = [_rows_of(pieces, text) for text in texts]
    order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
    said = np.zeros((len(rows), len(READINGS)), np.float32)
    with torch.no_grad():
        for start in range(0, len(order), 256):
            chosen = order[start : start + 256]
            said[chosen] = student(lay_out([rows[index] for index in chosen]))[0].numpy()
    return said


def export(
    student: Student,
    pieces: Sequence[str],
    *,
    temperature: float,
    shift: NDArray[np.float32],
    alarms: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> Mapping[str, NDArray[Any]]:
    """Give the weights as `demur.guard.intent.network` reads them, calibrated.

    Args:
        student: Trained.
        pieces: In the order of their rows.
        temperature: By which the logits of the readings are divided.
        shift: Then added to them; shape (5,).
        alarms: Table of what runs of letters and pieces say, and its biases.
    """
    with torch.no_grad():
        vectors = student.turn(student.given) + student.share * student.own.weight
        vectors[NOTHING] = 0
        alone = torch.log_softmax(student(torch.arange(1, len(vectors))[:, None])[0], 1)
        telling = np.concatenate([[0], torch.logaddexp(alone[:, 0], alone[:, 1]).numpy()])
        scale = vectors.abs().amax(1).clamp_min(1e-6) / 127
        weights = {
            "phrase.weight": student.phrase.weight.permute(2, 1, 0).flatten(0, 1),
            "phrase.bias": student.phrase.bias,
            "asked.weight": _asked(student.asked.weight, student.plan.heads).T,
            "asked.bias": _asked(student.asked.bias, student.plan.heads),
            "joined.weight": student.joined.weight.T,
            "joined.bias": student.joined.bias,
            "attention.weight": student.attention.weight[0],
            "hidden.weight": student.hidden.weight.T,
            "hidden.bias": student.hidden.bias,
            "out.weight": torch.cat(
                [student.reading.weight.T / temperature, student.hazard.weight.T, student.about.weight.T], 1
            ),
            "out.bias": torch.cat(
                [
                    student.reading.bias / temperature + torch.from_numpy(shift),
                    student.hazard.bias,
                    student.about.bias,
                ]
            ),
        }
    return {
        "pieces": np.frombuffer("\n".join(pieces).encode(), np.uint8),
        "table": torch.round(vectors / scale[:, None]).to(torch.int8).numpy(),
        "scale": scale.numpy().astype(np.float16),
        "alarms": alarms[0].astype(np.float16),
        "alarms.bias": alarms[1].astype(np.float16),
        "telling": (telling - np.median(telling)).astype(np.float16),
        **{name: value.detach().numpy().astype(np.float16) for name, value in weights.items()},
    }


def _asked(values: Tensor, heads: int) -> Tensor:
    """Take the root of the width, by which the attention divides, into what is asked."""
    scaled = values.clone()
    scaled[: heads * _HEAD] /= _HEAD**0.5
    return scaled
