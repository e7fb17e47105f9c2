"""The network that reads a batch of replies: words to sentences, sentences to replies, all in numpy.

1. A convolution over three tokens finds phrases; the strongest of each sentence say which *cues* it holds (declining, consoling,
   moralising, pointing elsewhere ...: classes that were written down as lexicons, and that the network has learned from them).
2. Each sentence is read with its phrases, its cues, those of the sentences before, its place and the question.
3. A gated recurrent layer (Cho et al. 2014, in the form of Chung et al. 2014) runs over the sentences in both directions.
4. What it says of the first, second and last sentence, the strongest and the mean, with the question and a few counts, gives
   outcome, kind, tone and flags. A flag, and an outcome, may also be carried by a single sentence.
5. For English answers of some length to a single question, small networks trained on the replies of real models alone read
   the cues a second time, with what the question asks for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.judge.local.alphabet import ALONE
from demur.judge.local.arrays import Floats, Indices
from demur.judge.local.groups import Groups
from demur.judge.local.inputs import Inputs, Side
from demur.judge.local.tokens import Tokens
from demur.judge.local.vocabulary import Vocabulary, part_rows

__all__ = ["Read", "Reader"]

_CERTAIN = np.float32(40.0)
"""A logit below the negative of which a probability is 0, and its exponential may overflow."""
_NOTHING = np.float32(-1e30)
"""Of a phrase where no word is."""
_WORDS, _SENTENCES = 8, 4
"""Blocks in which words and sentences are laid out."""
_PIECE = 2048
"""Words of a piece of a batch, whole blocks."""


class Read(NamedTuple):
    """What the network says of a batch of replies, and what more can be read from; one row a sentence where nothing else is said."""

    outcome: Floats
    """Shape (replies, 4): probabilities of comply, partial, refuse, clarify."""
    outcome_shown: Floats
    """Shape (sentences, 4): how much each sentence speaks for an outcome, a logit."""
    flags: Floats
    """Shape (replies, 9): probabilities of the flags."""
    flags_shown: Floats
    """Shape (sentences, 9): how much each sentence speaks for a flag, a logit."""
    cues: Floats
    earlier: Floats
    """Cues of the sentences before."""
    hidden: Floats
    """Shape (replies, width): of the whole reply."""
    request: Floats
    """Shape (replies, requests): probabilities of what the question asks for."""


@dataclass(frozen=True)
class Reader:
    """Weights by the name of their layer, arrays of shape (inputs, outputs) and biases of shape (outputs,); and the vocabulary."""

    weights: Mapping[str, Floats]
    vocabulary: Vocabulary

    def read(self, inputs: Inputs) -> Read:
        """Read a batch of replies, at least one."""
        strongest, cues = self._find(inputs)
        sentences = Groups(inputs.n_sentences, _SENTENCES)
        earlier = np.zeros_like(cues)
        for step, there in enumerate(sentences.steps[1:], 1):
            now = sentences.first[there] + step
            earlier[now] = np.maximum(earlier[now - 1], cues[now - 1])
        asked = self._side("asked", inputs.asked)
        before = self._side("before", inputs.before)
        told = np.concatenate([strongest, cues, earlier, inputs.sentence_looks, asked[inputs.text_of]], axis=1)
        read = _positive(self._layer("sentence", told))
        passed = self._pass(sentences, read)
        pooled = (*_pool(sentences, passed, inputs.n_tokens), sentences.strongest(read), asked, before, inputs.whole)
        hidden = _positive(self._layer("reply", np.concatenate(pooled, axis=1)))
        both = np.concatenate([passed, read], axis=1)
        outcome_shown, flags_shown = (self._layer(f"{name}_sentence", both) for name in ("outcome", "flag"))
        return Read(
            outcome=_softmax(self._layer("outcome", hidden) + sentences.log_sum(outcome_shown)),
            outcome_shown=outcome_shown,
            flags=_sigmoid(self._layer("flag", hidden) + sentences.log_sum(flags_shown)),
            flags_shown=flags_shown,
            cues=cues,
            earlier=earlier,
            hidden=hidden,
            request=_sigmoid(self._layer("request", asked)),
        )

    def kind_and_tone(self, read: Read) -> tuple[Floats, Floats]:
        """Give the probabilities of safety, capability, scope, other, and of graceful, preachy, robotic, terse; shapes (replies, 4)."""
        kind, tone = (_softmax(self._layer(name, read.hidden)) for name in ("kind", "tone"))
        return kind, tone

    def settle(self, inputs: Inputs, read: Read, chosen: NDArray[np.bool_]) -> Floats:
        """Give the outcome of some replies by the networks of real models' replies, which see cues and places alone.

        Args:
            inputs: all the replies.
            read: what was read of them.
            chosen: shape (replies,), which to settle; at least one.

        Returns:
            Shape (replies chosen, 4).
        """
        some = chosen[inputs.text_of]
        told = np.concatenate([read.cues[some], read.earlier[some], inputs.sentence_looks[some]], axis=1)
        whole = np.concatenate([inputs.whole[chosen], read.request[chosen]], axis=1)
        sentences, n_tokens = Groups(inputs.n_sentences[chosen], _SENTENCES), inputs.n_tokens[some]
        # All of them read a sentence at once.
        seen = _positive(self._layer("settled_sentence", told))
        mean: Floats = sentences.total(seen) / sentences.counts[:, None].astype(np.float32)  # type: ignore[assignment]  # float32 by float32
        pooled: tuple[Floats, ...] = (*_pool(sentences, seen, n_tokens), mean)
        total = np.zeros((len(whole), 4), np.float32)
        width = seen.shape[1] // self.n_settlers
        for number in range(self.n_settlers):
            own = slice(number * width, (number + 1) * width)
            told = np.concatenate([*(part[:, own] for part in pooled), whole], axis=1)
            hidden = _positive(self._layer(f"settled_reply_{number}", told))
            total += _softmax(self._layer(f"settled_outcome_{number}", hidden))
        return total / np.float32(self.n_settlers)

    @cached_property
    def n_settlers(self) -> int:
        """Number of the networks of real models' replies."""
        return sum(name.startswith("settled_outcome") and name.endswith("bias") for name in self.weights)

    def _find(self, inputs: Inputs) -> tuple[Floats, Floats]:
        """Find the strongest phrases and the cues of each sentence."""
        words = Groups(inputs.n_tokens.astype(np.int64), _WORDS)
        strongest = self._phrases("phrase", inputs.tokens, inputs.rows, words, inputs.look)
        hidden = _positive(self._layer("cue_hidden", strongest))
        return strongest, _sigmoid(self._layer("cue", np.concatenate([strongest, hidden], axis=1)))

    def _side(self, name: str, side: Side) -> Floats:
        """Sum up a question, or what was said before it."""
        words = Groups(np.bincount(side.tokens.text), _WORDS)
        return _positive(self._layer(name, self._phrases("side", side.tokens, side.rows, words)))

    def _phrases(
        self, name: str, tokens: Tokens, rows: Indices, words: Groups, look: NDArray[np.uint8] | None = None
    ) -> Floats:
        """Run a convolution over the tokens, and give the strongest phrases of each group of them, none below 0.

        A word says the same wherever it stands, so that each distinct one is multiplied once. The token before a text counts
        as a neighbour only, and it stands behind the last text as well.
        """
        distinct, which = self._distinct(tokens, rows)
        left, here, right = (distinct @ part for part in np.split(self.weights[f"{name}.weight"], 3))
        here += self.weights[f"{name}.bias"]
        nothing = len(here)
        here = np.concatenate([here, np.full((1, here.shape[1]), _NOTHING)])
        slots = np.full((3, words.size), nothing)
        slots[0, words.slots[1:]] = which[:-1]
        slots[1, words.slots] = which
        slots[1, words.slots[tokens.firsts]] = nothing
        slots[2, words.slots] = np.append(which[1:], which[0])
        looks = np.zeros(words.size, np.intp)
        if look is not None:
            looks[words.slots] = look
        strongest = np.empty((words.size // words.block, here.shape[1]), np.float32)
        # A piece at a time, as large as fits into a core's own memory.
        for start in range(0, words.size, _PIECE):
            piece = slice(start, start + _PIECE)
            taps: Floats = here.take(slots[1, piece], axis=0, mode="clip")
            taps += left.take(slots[0, piece], axis=0, mode="clip")
            taps += right.take(slots[2, piece], axis=0, mode="clip")
            if look is not None:
                taps += self.weights["look.weight"].take(looks[piece], axis=0, mode="clip")
            strongest[start // words.block : (start + len(taps)) // words.block] = words.fold(np.maximum, taps)
        return _positive(words.join(np.maximum, strongest))

    def _distinct(self, tokens: Tokens, rows: Indices) -> tuple[Floats, Indices]:
        """Give the vectors of the distinct words of a batch, and which of them each token is.

        The vector of a known word holds those of its beginning and end. A word that is not known has these only; and those of
        a character that stands alone are pairs with its neighbours, and not its own.
        """
        is_used = np.zeros(len(self.vocabulary), bool)
        is_used[rows] = True
        used = np.flatnonzero(is_used)
        which = (np.cumsum(is_used) - 1)[rows]
        vectors = self.weights["word"][used]
        composed = np.flatnonzero(
            ((tokens.stem > 0) & (rows == 0)) | ((tokens.kind == ALONE) & ((tokens.stem > 0) | (tokens.ending > 0)))
        )
        if len(composed):
            stem, ending = part_rows(tokens.stem[composed], tokens.ending[composed])
            own = self.weights["word"][rows[composed]] + self.weights["stem"][stem] + self.weights["ending"][ending]
            which[composed] = len(used) + np.arange(len(composed))
            vectors = np.concatenate([vectors, own])
        return vectors, which

    def _pass(self, sentences: Groups, read: Floats) -> Floats:
        """Run over the sentences of each text in both directions."""
        told = np.stack([self._layer("forth_in", read), self._layer("back_in", read)])
        weights, bias = (
            np.stack([self.weights[f"{name}_state.{part}"] for name in ("forth", "back")])
            for part in ("weight", "bias")
        )
        size = weights.shape[1]
        states = np.zeros((2, len(read), size), np.float32)
        old = np.zeros((2, len(sentences.first), size), np.float32)
        direction = np.arange(2)[:, None]
        for step, there in enumerate(sentences.steps):
            now = np.stack([sentences.first[there] + step, sentences.last[there] - step])
            state = old[:, there]
            kept, new = told[direction, now], state @ weights
            new += bias[:, None]
            gates = _sigmoid(kept[..., : 2 * size] + new[..., : 2 * size])
            proposed = np.tanh(kept[..., 2 * size :] + gates[..., :size] * new[..., 2 * size :])
            state -= proposed
            state *= gates[..., size:]
            state += proposed
            old[:, there] = state
            states[direction, now] = state
        return np.concatenate([states[0], states[1]], axis=1)

    def _layer(self, name: str, inputs: Floats) -> Floats:
        found: Floats = inputs @ self.weights[f"{name}.weight"]
        found += self.weights[f"{name}.bias"]
        return found


def _pool(sentences: Groups, rows: Floats, n_tokens: Floats) -> tuple[Floats, ...]:
    """Give of each text the first, second (0 if there is none), last and strongest row, and the mean by tokens."""
    second = rows[np.minimum(sentences.first + 1, sentences.last)]
    second *= sentences.counts[:, None] > 1
    mean = sentences.total(rows * n_tokens[:, None]) / sentences.total(n_tokens[:, None])
    return rows[sentences.first], second, rows[sentences.last], sentences.strongest(rows), mean


def _positive(values: Floats) -> Floats:
    return np.maximum(values, 0, out=values)


def _sigmoid(logits: Floats) -> Floats:
    found: Floats = np.exp(-np.maximum(logits, -_CERTAIN))
    found += 1
    return np.reciprocal(found, out=found)


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: Floats = powers / powers.sum(axis=1, keepdims=True)
    return found
