"""How much a model is about to refuse, read from the first token of its reply.

The score is the log-odds of the tokens that refusals begin with (Arditi et al. 2024, section 2.3): log p - log(1 - p), with p their probability
together. Which tokens these are is found from the replies, and whether the score tells refusals from answers is measured.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.states import States
from demur.stats.auroc import auroc
from demur.types import Estimate

__all__ = ["FirstTokens", "derive_tokens", "log_odds", "read_scores", "validate"]

_COMMONER = 0.1
"""How much commoner a token is as the first of a refusal than of an answer."""
_RELIABLE = 0.9
_EPSILON = 1e-8

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FirstTokens:
    """The tokens that refusals begin with."""

    tokens: tuple[int, ...]
    """Empty where refusals begin like answers."""
    words: tuple[str, ...]
    """The same, as a person reads them."""
    auroc: Estimate
    """How well the score tells refusals from answers that it was not made from."""

    @property
    def is_reliable(self) -> bool:
        """Whether the score can stand for a refusal."""
        return self.auroc.value is not None and self.auroc.value >= _RELIABLE


def derive_tokens(first: Sequence[int], refused: Sequence[bool]) -> tuple[int, ...]:
    """Find the tokens that are commoner, by a tenth at least, at the beginning of refusals than of answers.

    Args:
        first: the likeliest first token of each reply.
        refused: whether it was a refusal.
    """
    counts = {
        side: Counter(token for token, own in zip(first, refused, strict=True) if own is side) for side in (True, False)
    }
    n_refused, n_answered = (max(1, sum(counts[side].values())) for side in (True, False))
    excess = {token: n / n_refused - counts[False][token] / n_answered for token, n in counts[True].items()}
    return tuple(
        sorted((token for token, more in excess.items() if more >= _COMMONER), key=lambda token: -excess[token])
    )


def log_odds(probabilities: Any) -> Any:
    """Give log p - log(1 - p), of p kept 1e-8 from either end."""
    p = np.clip(np.asarray(probabilities, dtype=np.float64), _EPSILON, 1 - _EPSILON)
    return np.log(p) - np.log1p(-p)


def read_scores(states: States, tokens: Sequence[int]) -> Floats:
    """Give the refusal score of every prompt, in nats, shape (prompts,).

    Deviation: tokens that are not among the likeliest that were kept count nothing; of a reply that is sure, these are below what is cut off anyway.
    """
    own = np.isin(states.first, tokens)
    scores: Floats = log_odds((np.exp(np.asarray(states.log_probs, dtype=np.float64)) * own).sum(axis=1))
    return scores


def validate(
    tokens: Sequence[int], words: Sequence[str], scores: Floats, refused: Sequence[bool | None]
) -> FirstTokens:
    """Measure how well the score tells refusals from answers.

    Args:
        tokens: as `derive_tokens` found them, on other prompts.
        words: the same as text.
        scores: shape (prompts,).
        refused: as a judge found the whole replies; None is unjudged.
    """
    area = auroc(
        [score for score, own in zip(scores, refused, strict=True) if own is True],
        [score for score, own in zip(scores, refused, strict=True) if own is False],
        n_unjudged=sum(own is None for own in refused),
    )
    return FirstTokens(tuple(tokens), tuple(words), area)
