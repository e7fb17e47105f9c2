"""The networks as torch trains them: layer for layer those of `demur.judge.local.reader`, which has the words for what they do.

`items_of` and `batch_of` lay out samples; `export` gives trained networks' weights under the names the judge looks for.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from demur.judge.local.inputs import N_LOOKS, N_SENTENCE_LOOKS, N_WHOLE, Inputs, Side
from demur.judge.local.verdicts import FLAGS
from demur.judge.local.vocabulary import N_ENDINGS, N_STEMS, part_rows

__all__ = ["Batch", "Item", "ReaderModel", "Said", "Settler", "batch_of", "export", "export_settlers", "items_of"]

WIDTH, TAPS, SIDE_TAPS, STATE, HIDDEN = 32, 64, 48, 32, 64
"""Numbers of a token; phrases; phrases of a question; numbers that pass from sentence to sentence; width of the other layers."""


@dataclass(frozen=True)
class Item:
    """One sample, as the network is told of it."""

    rows: NDArray[np.int64]
    """Shape (tokens, 3): of the word, its beginning, its end."""
    look: NDArray[np.int64]
    sentence: NDArray[np.int64]
    """From 0."""
    n_tokens: NDArray[np.float32]
    sentence_looks: NDArray[np.float32]
    asked: NDArray[np.int64]
    before: NDArray[np.int64]
    whole: NDArray[np.float32]


@dataclass(frozen=True)
class Batch:
    """Samples laid out to the longest; the token that stands before each text also stands where nothing is."""

    rows: Tensor
    look: Tensor
    sentence: Tensor
    is_token: Tensor
    n_tokens: Tensor
    sentence_looks: Tensor
    asked: Tensor
    is_asked: Tensor
    before: Tensor
    is_before: Tensor
    whole: Tensor
    n_sentences: Tensor

    @property
    def is_there(self) -> Tensor:
        """Shape (texts, sentences, 1)."""
        return (torch.arange(self.n_tokens.shape[1])[None] < self.n_sentences[:, None])[..., None].float()


@dataclass(frozen=True)
class Said:
    """What the reader says of a batch: logits."""

    outcome: Tensor
    kind: Tensor
    tone: Tensor
    flags: Tensor
    cues: Tensor
    request: Tensor
    told: Tensor
    """Cues, those before and looks of each sentence, as settlers read them."""


def items_of(inputs: Inputs) -> list[Item]:
    """Cut a batch of inputs into samples."""
    tokens = inputs.tokens
    rows = _rows(inputs)
    bounds = [*tokens.firsts, len(tokens)]
    ends = np.concatenate([[0], np.cumsum(inputs.n_sentences)])
    asked, before = _cut(inputs.asked), _cut(inputs.before)
    items = []
    for index, ((start, end), (first, last)) in enumerate(
        zip(itertools.pairwise(bounds), itertools.pairwise(ends), strict=True)
    ):
        items.append(
            Item(
                rows[start:end],
                inputs.look[start:end].astype(np.int64),
                tokens.sentence[start:end] - tokens.sentence[start],
                inputs.n_tokens[first:last],
                inputs.sentence_looks[first:last],
                asked[index],
                before[index],
                inputs.whole[index],
            )
        )
    return items


def _rows(side: Inputs | Side) -> NDArray[np.int64]:
    return np.stack([side.rows, *part_rows(side.tokens.stem, side.tokens.ending)], axis=1)


def _cut(side: Side) -> list[NDArray[np.int64]]:
    return np.split(_rows(side), side.tokens.firsts[1:])


def batch_of(items: Sequence[Item]) -> Batch:
    """Lay out samples."""
    rows, is_token = _texts([item.rows for item in items])
    asked, is_asked = _texts([item.asked for item in items])
    before, is_before = _texts([item.before for item in items])
    size, longest = rows.shape[1], max(len(item.n_tokens) for item in items)
    return Batch(
        rows,
        _pad([item.look for item in items], size),
        _pad([item.sentence for item in items], size),
        is_token,
        _pad([item.n_tokens for item in items], longest),
        _pad([item.sentence_looks for item in items], longest),
        asked,
        is_asked,
        before,
        is_before,
        torch.from_numpy(np.stack([item.whole for item in items])),
        torch.tensor([len(item.n_tokens) for item in items]),
    )


def _texts(texts: Sequence[NDArray[np.int64]]) -> tuple[Tensor, Tensor]:
    size = max(map(len, texts)) + 1
    rows = np.broadcast_to(texts[0][0], (len(texts), size, 3)).copy()
    mask = np.zeros((len(texts), size), np.float32)
    for index, text in enumerate(texts):
        rows[index, : len(text)], mask[index, 1 : len(text)] = text, 1
    return torch.from_numpy(rows), torch.from_numpy(mask)


def _pad(arrays: Sequence[NDArray[np.generic]], size: int) -> Tensor:
    padded = np.zeros((len(arrays), size, *arrays[0].shape[1:]), arrays[0].dtype)
    for index, array in enumerate(arrays):
        padded[index, : len(array)] = array
    return torch.from_numpy(padded)


class ReaderModel(nn.Module):
    """Reads replies; steps 1 to 4."""

    def __init__(
        self, n_words: int, n_cues: int, n_requests: int, dropout: float = 0.3, forgotten: float = 0.15
    ) -> None:
        super().__init__()
        self.word = nn.Embedding(n_words, WIDTH)
        self.stem, self.ending = (nn.Embedding(size, WIDTH, padding_idx=0) for size in (N_STEMS, N_ENDINGS))
        for table in (self.word, self.stem, self.ending):
            nn.init.normal_(table.weight, 0, 0.5)
        with torch.no_grad():
            self.stem.weight[0] = self.ending.weight[0] = 0
        self.look = nn.Embedding(N_LOOKS, TAPS)
        nn.init.zeros_(self.look.weight)
        self.phrase = nn.Conv1d(WIDTH, TAPS, 3, padding=1)
        self.cue_hidden, self.cue = nn.Linear(TAPS, TAPS), nn.Linear(2 * TAPS, n_cues)
        self.side = nn.Conv1d(WIDTH, SIDE_TAPS, 3, padding=1)
        self.asked, self.before = (nn.Linear(SIDE_TAPS, STATE) for _ in range(2))
        self.request = nn.Linear(STATE, n_requests)
        self.sentence = nn.Linear(TAPS + 2 * n_cues + N_SENTENCE_LOOKS + STATE, HIDDEN)
        self.passing = nn.GRU(HIDDEN, STATE, batch_first=True, bidirectional=True)
        self.reply = nn.Linear(5 * 2 * STATE + HIDDEN + 2 * STATE + N_WHOLE, HIDDEN)
        self.outcome, self.kind, self.tone = (nn.Linear(HIDDEN, 4) for _ in range(3))
        self.flag = nn.Linear(HIDDEN, len(FLAGS))
        self.flag_sentence, self.outcome_sentence = (nn.Linear(2 * STATE + HIDDEN, size) for size in (len(FLAGS), 4))
        self.dropout, self.blur, self.forgotten = nn.Dropout(dropout), nn.Dropout(0.1), forgotten

    def forward(self, batch: Batch) -> Said:
        """Read a batch."""
        strongest, cues = self.find(batch)
        is_there = batch.is_there
        held = torch.sigmoid(cues) * is_there
        told = torch.cat([held, _earlier(held), batch.sentence_looks], -1)
        asked = self._sum_up(batch.asked, batch.is_asked, self.asked)
        before = self._sum_up(batch.before, batch.is_before, self.before)
        n_sentences = cues.shape[1]
        read = torch.cat([self.dropout(strongest), told, asked[:, None].expand(-1, n_sentences, -1)], -1)
        read = self.dropout(torch.relu(self.sentence(read))) * is_there
        packed = nn.utils.rnn.pack_padded_sequence(read, batch.n_sentences, batch_first=True, enforce_sorted=False)
        passed, _ = nn.utils.rnn.pad_packed_sequence(
            self.passing(packed)[0], batch_first=True, total_length=n_sentences
        )
        pooled = (*_pool(passed, batch), read.max(1).values, asked, before, batch.whole)
        hidden = self.dropout(torch.relu(self.reply(torch.cat(pooled, 1))))
        both = torch.cat([passed, read], -1)
        return Said(
            self.outcome(hidden) + _log_sum(self.outcome_sentence(both), is_there),
            self.kind(hidden),
            self.tone(hidden),
            self.flag(hidden) + _log_sum(self.flag_sentence(both), is_there),
            cues,
            self.request(asked),
            told,
        )

    def find(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Find the strongest phrases of each sentence, and the logits of its cues."""
        taps = self.phrase(self.blur(self._embed(batch.rows)).transpose(1, 2)).transpose(1, 2)
        taps = torch.relu(taps + self.look(batch.look)) * batch.is_token[..., None]
        index = batch.sentence[..., None].expand(-1, -1, TAPS)
        strongest = torch.zeros(len(taps), batch.n_tokens.shape[1], TAPS).scatter_reduce(1, index, taps, "amax")
        blurred = self.blur(strongest)
        return strongest, self.cue(torch.cat([blurred, torch.relu(self.cue_hidden(blurred))], -1))

    def _embed(self, rows: Tensor) -> Tensor:
        words = rows[..., 0]
        if self.training:
            # A word is forgotten now and then, so that its beginning and end learn to stand for it.
            words = torch.where(torch.rand(words.shape) < self.forgotten, 0, words)
        found: Tensor = self.word(words) + self.stem(rows[..., 1]) + self.ending(rows[..., 2])
        return found

    def _sum_up(self, rows: Tensor, is_token: Tensor, layer: nn.Linear) -> Tensor:
        taps = torch.relu(self.side(self._embed(rows).transpose(1, 2))).transpose(1, 2) * is_token[..., None]
        return torch.relu(layer(self.dropout(taps.max(1).values)))


class Settler(nn.Module):
    """Reads cues, places and the request alone; step 5."""

    def __init__(self, n_told: int, n_requests: int, width: int = 48, dropout: float = 0.3) -> None:
        super().__init__()
        self.sentence = nn.Linear(n_told, width)
        self.reply = nn.Linear(6 * width + N_WHOLE + n_requests, width)
        self.outcome = nn.Linear(width, 4)
        self.dropout, self.blur = nn.Dropout(dropout), nn.Dropout(dropout / 3)

    def forward(self, told: Tensor, request: Tensor, batch: Batch) -> Tensor:
        """Give the logits of the outcomes."""
        seen = self.dropout(torch.relu(self.sentence(self.blur(told)))) * batch.is_there
        mean = seen.sum(1) / batch.n_sentences[:, None]
        pooled = torch.cat([*_pool(seen, batch), mean, batch.whole, request], 1)
        logits: Tensor = self.outcome(self.dropout(torch.relu(self.reply(pooled))))
        return logits


def _pool(rows: Tensor, batch: Batch) -> tuple[Tensor, ...]:
    """The first, second, last and strongest sentence, and the mean by tokens; rows are 0 where no sentence is, and not below 0
    in a settler; what passes between sentences may be, so that what is not there is not the strongest.
    """
    second = rows[:, 1] if rows.shape[1] > 1 else torch.zeros_like(rows[:, 0])
    last = rows[torch.arange(len(rows)), batch.n_sentences - 1]
    strongest = rows.masked_fill(batch.is_there == 0, -torch.inf).max(1).values
    share = (batch.n_tokens / batch.n_tokens.sum(1, keepdim=True))[..., None]
    return rows[:, 0], second, last, strongest, (rows * share).sum(1)


def _log_sum(logits: Tensor, is_there: Tensor) -> Tensor:
    return torch.logsumexp(logits.masked_fill(is_there == 0, -torch.inf), 1)


def _earlier(cues: Tensor) -> Tensor:
    """The cues of all sentences before each."""
    return torch.cat([torch.zeros_like(cues[:, :1]), torch.cummax(cues, 1).values[:, :-1]], 1)


def export(model: ReaderModel, parts: tuple[NDArray[np.int64], NDArray[np.int64]]) -> Mapping[str, NDArray[np.float32]]:
    """Give a reader's weights as the judge names and turns them.

    Args:
        model: the reader.
        parts: rows of the beginning and the end of each word of the vocabulary, which its own vector is to hold.
    """
    stem, ending = (torch.from_numpy(rows) for rows in parts)
    word = model.word.weight.clone()
    word[1:] += model.stem.weight[stem] + model.ending.weight[ending]
    weights = {"word": word, "stem": model.stem.weight, "ending": model.ending.weight, "look.weight": model.look.weight}
    for name in ("phrase", "side"):
        layer: nn.Conv1d = getattr(model, name)
        weights |= {f"{name}.weight": layer.weight.permute(2, 1, 0).flatten(0, 1), f"{name}.bias": layer.bias}
    for name in (
        "cue_hidden", "cue", "asked", "before", "request", "sentence", "reply", "outcome", "kind", "tone", "flag",
        "flag_sentence", "outcome_sentence",
    ):  # fmt: skip
        weights |= _linear(name, getattr(model, name))
    for name, suffix in (("forth", ""), ("back", "_reverse")):
        for ours, theirs in (("in", "ih"), ("state", "hh")):
            weights[f"{name}_{ours}.weight"] = getattr(model.passing, f"weight_{theirs}_l0{suffix}").T
            weights[f"{name}_{ours}.bias"] = getattr(model.passing, f"bias_{theirs}_l0{suffix}")
    return {name: value.detach().numpy().astype(np.float32).copy() for name, value in weights.items()}


def export_settlers(settlers: Sequence[Settler]) -> Mapping[str, NDArray[np.float32]]:
    """The same of settlers."""
    weights: dict[str, Tensor] = {
        "settled_sentence.weight": torch.cat([settler.sentence.weight.T for settler in settlers], 1),
        "settled_sentence.bias": torch.cat([settler.sentence.bias for settler in settlers]),
    }
    for number, settler in enumerate(settlers):
        for name in ("reply", "outcome"):
            weights |= _linear(f"settled_{name}_{number}", getattr(settler, name))
    return {name: value.detach().numpy().astype(np.float32).copy() for name, value in weights.items()}


def _linear(name: str, layer: nn.Linear) -> dict[str, Tensor]:
    return {f"{name}.weight": layer.weight.T, f"{name}.bias": layer.bias}
