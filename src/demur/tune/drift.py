"""How far an adapter has moved a model from what it was: KL divergence where nothing was to change, and likelihood of what was chosen.

Preference training can make both answers less likely, the chosen one too, as long as the rejected one falls further (likelihood
displacement, Razin et al. 2025, arXiv:2410.08847); reward margins do not show it, and are scaled by beta.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from demur.tune.pair import Pair

__all__ = ["Drift", "measure_drift"]


class Drift(NamedTuple):
    """Means over some pairs; None where there is no such pair."""

    kl_nats: float | None
    """KL divergence of the model as it was from the model as it is, a token of the answers to harmless prompts; at least 0."""
    chosen_nats: float | None
    """By how much more likely the chosen answers have become, a token; below 0 they were displaced."""
    margin_nats: float | None
    """By how much more the log-likelihood ratio of chosen to rejected has grown, an answer; the reward margin divided by beta."""


class _Said(NamedTuple):
    change: float
    """Of the log-likelihood of an answer."""
    kl: float
    """Summed over its tokens."""
    n_tokens: int


def measure_drift(model: Any, tokenizer: Any, pairs: Sequence[Pair]) -> Drift:
    """Measure a model with its adapter against itself without.

    Args:
        model: a `peft.PeftModel`.
        tokenizer: with the chat template.
        pairs: not trained on; each costs four passes of the model.
    """
    chosen = [_measure(model, tokenizer, pair, pair.chosen) for pair in pairs]
    rejected = [_measure(model, tokenizer, pair, pair.rejected) for pair in pairs]
    harmless = [said for pair, said in zip(pairs, chosen, strict=True) if pair.is_harmless]
    return Drift(
        kl_nats=_mean([said.kl / said.n_tokens for said in harmless]),
        chosen_nats=_mean([said.change / said.n_tokens for said in chosen]),
        margin_nats=_mean([one.change - other.change for one, other in zip(chosen, rejected, strict=True)]),
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _measure(model: Any, tokenizer: Any, pair: Pair, answer: str) -> _Said:
    import torch

    messages = [{"role": turn.role, "content": turn.text} for turn in pair.prompt]
    prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
    said = tokenizer(answer + tokenizer.eos_token, add_special_tokens=False)["input_ids"]
    rows = torch.tensor([[*prompt, *said]], device=model.device)
    with torch.inference_mode():
        after = _log_shares(model, rows, len(said))
        with model.disable_adapter():
            before = _log_shares(model, rows, len(said))
    targets = rows[0, -len(said) :, None]
    change = (after.gather(1, targets) - before.gather(1, targets)).sum()
    return _Said(float(change), float((before.exp() * (before - after)).sum()), len(said))


def _log_shares(model: Any, rows: Any, n_last: int) -> Any:
    """Give the log-probabilities of every token at each of the last places, shape (places, vocabulary)."""
    logits = model(input_ids=rows, logits_to_keep=n_last + 1).logits[0, :-1]
    return logits.float().log_softmax(-1)
