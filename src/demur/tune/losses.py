"""What supervised training loses on a batch: by refusals that are not begun or not gone on with, and by straying where nothing was to change.

What is learnt of the first token is whether it begins a refusal: which of the many words that would do stood there in one answer says nothing about
that. From there a refusal is learnt word by word. An answer is not: the model is held to what it would say without the adapter, so that
what it knew it keeps.

`begins` tells the first token of each answer, shape (rows, tokens); `surely`, shape (vocabulary,), how surely each token begins a refusal, see
`demur.tune.lessons.find_openers`.
"""

from typing import Any

__all__ = ["IGNORED", "lose_by_missing", "lose_by_straying"]

IGNORED = -100
"""Label of what is not learnt."""
_WHICH = 0.15
"""Weight of which word a refusal begins with, where 1 is that of its beginning at all; as of the words that follow, see `demur.tune.lessons`."""


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
    refused = torch.logsumexp(logits[begins].log_softmax(-1) + surely.log(), -1)
    return lost.masked_scatter(begins, _WHICH * lost[begins] - refused)


def lose_by_straying(logits: Any, was: Any, begins: Any, surely: Any) -> Any:
    """Give what harmless requests cost that are to be answered as before, in nats, shape (rows, tokens).

    It is the Kullback-Leibler divergence from the model without its adapter, which is taken to begin with no refusal.

    Args:
        logits: shape (rows, tokens, vocabulary).
        was: those without the adapter, likewise; nothing is learnt through them.
        begins: see above.
        surely: likewise.
    """
    import torch

    kept = was.softmax(-1)
    answers = kept[begins] * (1 - surely)
    kept[begins] = answers / answers.sum(-1, keepdim=True)
    return torch.nn.functional.kl_div(logits.log_softmax(-1), kept, reduction="none").sum(-1)
