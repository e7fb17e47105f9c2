"""What a direction does when it is added to prompts or taken out of them: many directions at a time, each on rows of its own."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.network import Network, batches
from demur.explain.inside.prompt import Prompt
from demur.explain.inside.refusal_score import log_odds
from demur.judge import Judge
from demur.steering.blocks import adding, removing
from demur.subjects.generation import generate, write_prompt
from demur.types import Decoding, Reply

__all__ = ["FirstTokenScore", "JudgedScore", "Score", "divergence", "score_with"]

_REPLY_TOKENS = 64
_NEVER = -1e9
"""A logarithm of 0 that can be multiplied by 0."""

Floats = NDArray[np.float64]


class Score(Protocol):
    """Says how much a model is about to refuse; above 0 is more likely than not."""

    tokens: tuple[int, ...]
    """Those that refusals begin with, if it goes by them."""

    def __call__(self, prompts: Sequence[Prompt]) -> Floats:
        """Score prompts all at once, shape (prompts,); not a number is unjudged."""
        ...


class FirstTokenScore:
    """The log-odds, in nats, of the tokens that refusals begin with: see `demur.explain.inside.refusal_score`."""

    def __init__(self, network: Network, tokens: Sequence[int]) -> None:
        self._network, self.tokens = network, tuple(tokens)

    def __call__(self, prompts: Sequence[Prompt]) -> Floats:
        """Score prompts with one pass."""
        said = self._network.last_log_probs([prompt.tokens for prompt in prompts])
        scores: Floats = log_odds(said[:, list(self.tokens)].exp().sum(-1).cpu().numpy())
        return scores


class JudgedScore:
    """1 for a reply that is a refusal, -1 for one that is none, by a judge of short replies; for models whose first token does not tell."""

    tokens: tuple[int, ...] = ()

    def __init__(self, network: Network, judge: Judge) -> None:
        self._network, self._judge = network, judge

    def __call__(self, prompts: Sequence[Prompt]) -> Floats:
        """Score prompts by their replies; each token of them is a pass."""
        texts = [write_prompt(self._network.tokenizer, prompt.case.turns) for prompt in prompts]
        greedily = [Decoding(max_tokens=_REPLY_TOKENS)] * len(texts)
        said = generate(self._network.model, self._network.tokenizer, texts, greedily)
        self._network.n_rows += _REPLY_TOKENS * len(prompts)
        replies = [(Reply(text=one.text), prompt.case.turns) for one, prompt in zip(said, prompts, strict=True)]
        outcomes = [verdict.outcome for verdict in self._judge.judge_many(replies)]
        return np.array([np.nan if one is None else 1.0 if one == "refuse" else -1.0 for one in outcomes])


def score_with(
    network: Network, score: Score, prompts: Sequence[Prompt], *, layers: Sequence[int], vectors: Floats
) -> Floats:
    """Score prompts with each of some vectors added at all tokens of the state that goes into a block.

    Args:
        network: what is asked.
        score: how much it is about to refuse.
        prompts: each is asked with each vector.
        layers: the block of each vector.
        vectors: shape (vectors, width).

    Returns:
        Shape (vectors, prompts).
    """
    found = np.empty((len(vectors), len(prompts)))
    for batch, asked, rows in _rows(network, prompts, vectors):
        with adding(network.blocks, np.repeat(layers, len(batch)).tolist(), rows):
            found[:, batch] = score(asked).reshape(len(vectors), len(batch))
    return found


def divergence(
    network: Network, prompts: Sequence[Prompt], directions: Floats, *, apart_from: Sequence[int] = ()
) -> Floats:
    """Measure how far what comes next moves when directions are taken out: KL(as it is || without), in nats.

    Deviation from Arditi et al.: apart from the tokens that refusals begin with. That these become less likely is what the direction is for; a model that
    refuses too much gives them some probability on every prompt.

    Args:
        network: what is asked.
        prompts: each is asked without each direction, and once as it is.
        directions: shape (directions, width), of length 1.
        apart_from: tokens whose probability is left out, and the rest taken for the whole.

    Returns:
        Shape (directions, prompts).
    """
    found = np.empty((len(directions), len(prompts)))
    for batch, asked, rows in _rows(network, prompts, directions):
        before = _without(network.last_log_probs([prompts[index].tokens for index in batch]), apart_from)
        with removing(network.blocks, rows):
            after = _without(network.last_log_probs([prompt.tokens for prompt in asked]), apart_from)
        after = after.reshape(len(directions), len(batch), -1)
        moved = (before.exp() * (before - after)).sum(-1)
        found[:, batch] = moved.double().cpu().numpy()
    return found


def _without(said: Any, tokens: Sequence[int]) -> Any:
    """Take tokens out of logarithms of probabilities, and the rest for the whole."""
    if not tokens:
        return said
    rest = said.clone()
    rest[:, list(tokens)] = _NEVER
    return rest.log_softmax(-1)


def _rows(network: Network, prompts: Sequence[Prompt], vectors: Floats) -> Any:
    """Give batches of prompts, each prompt as often as there are vectors, and the vector of each row."""
    import torch

    for batch in batches([len(prompt.tokens) for prompt in prompts], rows_each=len(vectors)):
        repeated = torch.tensor(vectors, dtype=torch.float32, device=network.device).repeat_interleave(len(batch), 0)
        yield batch, [prompts[index] for index in batch] * len(vectors), repeated
