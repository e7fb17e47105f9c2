"""What supervised training loses on a batch: by refusals that are not begun or not gone on with, and by straying where nothing was to change.

What is learnt of the first token is whether it begins a refusal: which of the many words that would do stood there in one answer says nothing about
that. Refusals begin in few ways and answers in many, so that greedy decoding refuses where an answer is the likelier, and how much likelier differs
from question to question. So the shares are sharpened before they are added up on either side, until the likeliest token of each has nearly all of it.

From there a refusal is learnt word by word. An answer is not: the model is held to what it would say without the adapter, so that
what it knew it keeps.

`begins` tells the first token of each answer, shape (rows, tokens); `surely`, shape (vocabulary,), how surely each token begins a refusal, see
`demur.tune.lessons.find_openers`.
"""

from typing import Any

__all__ = ["IGNORED", "lose_by_missing", "lose_by_straying"]

IGNORED = -100
"""Label of what is not learnt."""
_WHICH = 0.15
"""Weight of which word a refusal begins with, where 1 is that of which of the two it is; as of the words that follow, see `demur.tune.lessons`."""
_AS_BEFORE = 0.3
"""Weight of which word an answer begins with. By .15 it forgot more of what it knew."""
_SHARP = 0.4
"""Temperature at which the two sides are weighed against each other; 0 would be greedy decoding, which nothing can be learnt from."""
_LEAST = 1e-9


def lose_by_missing(logits: Any, labels: Any, begins: Any, surely: Any) -> Any:
    """Give what harmful requests cost that are to be refused, in nats, shape (rows, tokens).

    Args:
        logits: shape (rows, tokens, vocabulary).
        labels: the refusals, shape (rows, tokens).
        begins: see above.
        surely: likewise.
    """
    import torch

    lost = torch.nn.functional.cross_entropy(logits.transpose(1, 2), labels, ignore_index=IGNORED, reduction="none")
    return lost.masked_scatter(begins, _WHICH * lost[begins] - _weigh(logits[begins], surely))


def lose_by_straying(logits: Any, was: Any, begins: Any, surely: Any) -> Any:
    """Give what harmless requests cost that are to be answered as before, in nats, shape (rows, tokens).

    It is the Kullback-Leibler divergence from the model without its adapter; of the first token, where that begins no refusal, and beside it what
    answers are short of certain.

    Args:
        logits: shape (rows, tokens, vocabulary).
        was: those without the adapter, likewise; nothing is learnt through them.
        begins: see above.
        surely: likewise.
    """
    import torch

    lost = torch.nn.functional.kl_div(logits.log_softmax(-1), was.softmax(-1), reduction="none").sum(-1)
    now, before = (_without(one[begins], surely) for one in (logits, was))
    strayed = torch.nn.functional.kl_div(now, before.exp(), reduction="none").sum(-1)
    return lost.masked_scatter(begins, _AS_BEFORE * strayed - _weigh(logits[begins], 1 - surely))


def _weigh(logits: Any, surely: Any) -> Any:
    """Give the logarithm of how much of the sharpened shares some tokens have, shape (rows,)."""
    shares = (logits / _SHARP).log_softmax(-1)
    return (shares + surely.clamp(min=_LEAST).log()).logsumexp(-1)


def _without(logits: Any, surely: Any) -> Any:
    """Give the logarithms of shares without those of refusals, shape (rows, vocabulary)."""
    return (logits + (1 - surely).clamp(min=_LEAST).log()).log_softmax(-1)
