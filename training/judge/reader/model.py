"""The networks as torch trains them: layer for layer those of `network`, which has the words for what they do.

`batch_of` lays out samples; `export` gives a trained network's weights under the names the judge looks for.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from inputs import N_ENDINGS, N_LOOKS, N_STEMS, N_WHOLE, Inputs, Side
from numpy.typing import NDArray
from torch import Tensor, nn

from demur.judge.local.local_judge import FLAGS

__all__ = ["Batch", "Item", "Reader", "Said", "Settler", "batch_of", "export", "export_settler", "items_of"]

WIDTH, TAPS, SIDE_TAPS, STATE = 32, 96, 64, 32
"""Numbers of a token; phrases; phrases of a question; numbers that pass from sentence to sentence."""
REACH, SIDE_REACH = 2, 1
"""Tokens that a phrase spans to either side."""
HIDDEN = 64
N_SENTENCE_LOOKS = 8
_OUTSIDE = -9.0


@dataclass(frozen=True)
class Item:
    """One sample, as the network is told of it."""

    rows: NDArray[np.int64]
    looks: NDArray[np.float32]
    sentence: NDArray[np.int64]
    """From 0."""
    asked: NDArray[np.int64]
    before: NDArray[np.int64]
    whole: NDArray[np.float32]


@dataclass(frozen=True)
class Batch:
    """Samples laid out to the longest; a mask (1 or 0) beside what is padded."""

    rows: Tensor
    looks: Tensor
    sentence: Tensor
    is_token: Tensor
    asked: Tensor
    is_asked: Tensor
    before: Tensor
    is_before: Tensor
    whole: Tensor
    n_sentences: Tensor


@dataclass(frozen=True)
class Said:
    """What the reader says of a batch: logits."""

    outcome: Tensor
    kind: Tensor
    tone: Tensor
    flags: Tensor
    cues: Tensor
    request: Tensor
    looks: Tensor
    """What the judge's network calls the look of each sentence."""
    share: Tensor


def items_of(inputs: Inputs) -> list[Item]:
    """Cut a batch of inputs into samples."""
    n = inputs.asked.n_texts
    bounds = np.searchsorted(inputs.tokens.text, np.arange(n + 1))
    asked, before = (_cut(side) for side in (inputs.asked, inputs.before))
    return [
        Item(
            inputs.rows[start:end],
            inputs.looks[start:end],
            inputs.sentence[start:end] - inputs.sentence[start],
            asked[index],
            before[index],
            inputs.whole[index],
        )
        for index, (start, end) in enumerate(itertools.pairwise(bounds))
    ]


def _cut(side: Side) -> list[NDArray[np.int64]]:
    bounds = np.searchsorted(side.text, np.arange(side.n_texts + 1))
    return [side.rows[start:end] for start, end in itertools.pairwise(bounds)]


def batch_of(items: Sequence[Item]) -> Batch:
    """Lay out samples."""
    rows, is_token = _pad([item.rows for item in items])
    looks, _ = _pad([item.looks for item in items])
    sentence, _ = _pad([item.sentence for item in items])
    asked, is_asked = _pad([item.asked for item in items])
    before, is_before = _pad([item.before for item in items])
    whole = torch.from_numpy(np.stack([item.whole for item in items]))
    n_sentences = torch.tensor([int(item.sentence[-1]) + 1 for item in items])
    return Batch(rows, looks, sentence, is_token, asked, is_asked, before, is_before, whole, n_sentences)


def _pad(arrays: Sequence[NDArray[np.generic]]) -> tuple[Tensor, Tensor]:
    longest = max(1, *(len(array) for array in arrays))
    padded = np.zeros((len(arrays), longest, *arrays[0].shape[1:]), arrays[0].dtype)
    mask = np.zeros((len(arrays), longest), np.float32)
    for index, array in enumerate(arrays):
        padded[index, : len(array)], mask[index, : len(array)] = array, 1
    return torch.from_numpy(padded), torch.from_numpy(mask)


class Reader(nn.Module):
    """Reads replies; see the steps 1 to 4 of `network`."""

    def __init__(
        self, n_words: int, n_cues: int, n_request: int, dropout: float = 0.3, forgotten: float = 0.15
    ) -> None:
        super().__init__()
        self.word = nn.Embedding(n_words, WIDTH)
        self.stem, self.ending = (nn.Embedding(size, WIDTH, padding_idx=0) for size in (N_STEMS, N_ENDINGS))
        for table in (self.word, self.stem, self.ending):
            nn.init.normal_(table.weight, 0, 0.5)
        with torch.no_grad():
            self.stem.weight[0] = self.ending.weight[0] = 0
        self.look = nn.Linear(N_LOOKS, WIDTH, bias=False)
        self.phrase = nn.Conv1d(WIDTH, TAPS, 2 * REACH + 1, padding=REACH)
        self.cue_hidden, self.cue = nn.Linear(TAPS, TAPS), nn.Linear(2 * TAPS, n_cues)
        self.side = nn.Conv1d(WIDTH, SIDE_TAPS, 2 * SIDE_REACH + 1, padding=SIDE_REACH)
        self.asked, self.before = (nn.Linear(2 * SIDE_TAPS, STATE) for _ in range(2))
        self.request = nn.Linear(STATE, n_request)
        self.sentence = nn.Linear(2 * TAPS + 2 * n_cues + N_SENTENCE_LOOKS + STATE, HIDDEN)
        self.passing = nn.GRU(HIDDEN, STATE, batch_first=True, bidirectional=True)
        self.reply = nn.Linear(5 * 2 * STATE + HIDDEN + 2 * STATE + N_WHOLE, HIDDEN)
        self.outcome, self.kind, self.tone = (nn.Linear(HIDDEN, 4) for _ in range(3))
        self.flag = nn.Linear(HIDDEN, len(FLAGS))
        self.flag_sentence, self.outcome_sentence = (nn.Linear(2 * STATE + HIDDEN, size) for size in (len(FLAGS), 4))
        self.dropout, self.blur, self.forgotten = nn.Dropout(dropout), nn.Dropout(0.1), forgotten

    def forward(self, batch: Batch) -> Said:
        """Read a batch."""
        strongest, mean, cues = self.find(batch)
        looks, share, is_there = _sentence_looks(batch)
        held = torch.sigmoid(cues) * is_there
        asked = self._sum_up(batch.asked, batch.is_asked, self.asked)
        before = self._sum_up(batch.before, batch.is_before, self.before)
        n_sentences = cues.shape[1]
        told = (self.dropout(strongest), self.dropout(mean), held, _earlier(held), looks)
        read = torch.cat([*told, asked[:, None].expand(-1, n_sentences, -1)], -1)
        read = self.dropout(torch.relu(self.sentence(read))) * is_there
        packed = nn.utils.rnn.pack_padded_sequence(read, batch.n_sentences, batch_first=True, enforce_sorted=False)
        passed, _ = nn.utils.rnn.pad_packed_sequence(
            self.passing(packed)[0], batch_first=True, total_length=n_sentences
        )
        first, second, last = _ends(passed, batch.n_sentences)
        pooled = (
            first, second, last, passed.max(1).values, (passed * share).sum(1), read.max(1).values, asked, before, batch.whole,
        )  # fmt: skip
        hidden = self.dropout(torch.relu(self.reply(torch.cat(pooled, 1))))
        both, outside = torch.cat([passed, read], -1), (1 - is_there) * _OUTSIDE
        return Said(
            self.outcome(hidden) + torch.logsumexp(self.outcome_sentence(both) * is_there + outside, 1),
            self.kind(hidden),
            self.tone(hidden),
            self.flag(hidden) + torch.logsumexp(self.flag_sentence(both) * is_there + outside, 1),
            cues,
            self.request(asked),
            looks,
            share,
        )

    def find(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Find the phrases of each sentence, the strongest and the mean, and the logits of its cues."""
        embedded = self._embed(batch.rows) + self.look(batch.looks)
        taps = _convolve(self.phrase, self.blur(embedded), batch.is_token)
        size = (len(taps), int(batch.n_sentences.max()), taps.shape[-1])
        index = batch.sentence[..., None].expand(-1, -1, size[-1])
        strongest = torch.zeros(size).scatter_reduce(1, index, taps, "amax")
        counts = torch.zeros(size[:2]).scatter_add(1, batch.sentence, batch.is_token).clamp(min=1)[..., None]
        mean = torch.zeros(size).scatter_add(1, index, taps) / counts
        blurred = self.blur(strongest)
        return strongest, mean, self.cue(torch.cat([blurred, torch.relu(self.cue_hidden(blurred))], -1))

    def _embed(self, rows: Tensor) -> Tensor:
        words = rows[..., 0]
        if self.training:
            # A word is forgotten now and then, so that its beginning and end learn to stand for it.
            words = torch.where(torch.rand(words.shape) < self.forgotten, 0, words)
        found: Tensor = self.word(words) + self.stem(rows[..., 1]) + self.ending(rows[..., 2])
        return found

    def _sum_up(self, rows: Tensor, mask: Tensor, layer: nn.Linear) -> Tensor:
        taps = _convolve(self.side, self._embed(rows), mask)
        mean = taps.sum(1) / mask.sum(1, keepdim=True).clamp(min=1)
        return torch.relu(layer(self.dropout(torch.cat([taps.max(1).values, mean], 1))))


class Settler(nn.Module):
    """Reads cues and places alone; step 5 of `network`."""

    def __init__(self, n_cues: int, width: int = 48, dropout: float = 0.3) -> None:
        super().__init__()
        self.sentence = nn.Linear(2 * n_cues + N_SENTENCE_LOOKS, width)
        self.reply = nn.Linear(6 * width + N_WHOLE, width)
        self.outcome = nn.Linear(width, 4)
        self.dropout, self.blur = nn.Dropout(dropout), nn.Dropout(dropout / 3)

    def forward(self, told: Tensor, share: Tensor, n_sentences: Tensor, whole: Tensor) -> Tensor:
        """Give the logits of the outcomes."""
        is_there = (torch.arange(told.shape[1])[None] < n_sentences[:, None])[..., None].float()
        read = self.dropout(torch.relu(self.sentence(self.blur(told)))) * is_there
        first, second, last = _ends(read, n_sentences)
        pooled = (
            first,
            second,
            last,
            read.max(1).values,
            (read * share).sum(1),
            read.sum(1) / n_sentences[:, None],
            whole,
        )
        hidden: Tensor = self.outcome(self.dropout(torch.relu(self.reply(torch.cat(pooled, 1)))))
        return hidden


def _convolve(layer: nn.Conv1d, embedded: Tensor, mask: Tensor) -> Tensor:
    found: Tensor = torch.relu(layer((embedded * mask[..., None]).transpose(1, 2))).transpose(1, 2) * mask[..., None]
    return found


def _earlier(cues: Tensor) -> Tensor:
    """The cues of all sentences before each."""
    return torch.cat([torch.zeros_like(cues[:, :1]), torch.cummax(cues, 1).values[:, :-1]], 1)


def _ends(read: Tensor, n_sentences: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    second = read[:, 1] if read.shape[1] > 1 else torch.zeros_like(read[:, 0])
    return read[:, 0], second, read[torch.arange(len(read)), n_sentences - 1]


def _sentence_looks(batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    n, longest = len(batch.rows), int(batch.n_sentences.max())

    def total(values: Tensor) -> Tensor:
        return torch.zeros(n, longest).scatter_add(1, batch.sentence, values * batch.is_token)

    counts = total(torch.ones_like(batch.is_token))
    shared, some = total(batch.looks[..., 3]), counts.clamp(min=1)
    place = torch.arange(longest)[None].expand(n, -1).float()
    last = batch.n_sentences[:, None] - 1
    looks = (
        torch.log1p(counts) / 3, (shared > 0).float(), shared / some, (total(batch.looks[..., 2]) > 0).float(),
        place / last.clamp(min=1), (place == 0).float(), (place == last).float(), total(batch.looks[..., 0]) / some,
    )  # fmt: skip
    is_there = (place <= last).float()[..., None]
    return torch.stack(looks, -1) * is_there, (counts / counts.sum(1, keepdim=True))[..., None], is_there


def export(reader: Reader) -> Mapping[str, NDArray[np.float32]]:
    """Give a reader's weights as `network` names and turns them."""
    weights = {name: getattr(reader, name).weight for name in ("word", "stem", "ending")}
    weights["look.weight"] = reader.look.weight.T
    for name in ("phrase", "side"):
        layer: nn.Conv1d = getattr(reader, name)
        weights |= {f"{name}.weight": layer.weight.permute(2, 1, 0).flatten(0, 1), f"{name}.bias": layer.bias}
    for name in (
        "cue_hidden", "cue", "asked", "before", "request", "sentence", "reply", "outcome", "kind", "tone", "flag",
        "flag_sentence", "outcome_sentence",
    ):  # fmt: skip
        weights |= _linear(name, getattr(reader, name))
    for name, suffix in (("forth", ""), ("back", "_reverse")):
        for ours, theirs in (("in", "ih"), ("state", "hh")):
            weights[f"{name}_{ours}.weight"] = getattr(reader.passing, f"weight_{theirs}_l0{suffix}").T
            weights[f"{name}_{ours}.bias"] = getattr(reader.passing, f"bias_{theirs}_l0{suffix}")
    return {name: value.detach().numpy().astype(np.float32).copy() for name, value in weights.items()}


def export_settler(settler: Settler, number: int) -> Mapping[str, NDArray[np.float32]]:
    """The same of a settler, one of several."""
    weights: dict[str, Tensor] = {}
    for name in ("sentence", "reply", "outcome"):
        weights |= _linear(f"settled_{name}_{number}", getattr(settler, name))
    return {name: value.detach().numpy().astype(np.float32).copy() for name, value in weights.items()}


def _linear(name: str, layer: nn.Linear) -> dict[str, Tensor]:
    return {f"{name}.weight": layer.weight.T, f"{name}.bias": layer.bias}
