"""Replies of a causal language model that transformers has loaded, several at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from demur.records import content_hash
from demur.steering.move import Move
from demur.steering.steered import steered
from demur.types import Decoding, Turn

__all__ = ["Generated", "generate", "write_prompt"]


@dataclass(frozen=True)
class Generated:
    """What a model said."""

    text: str
    n_input_tokens: int
    n_output_tokens: int
    """The token that ends a reply is one of them."""
    is_cut: bool
    """Whether it would have gone on."""
    moves: tuple[str, ...] = ()
    """What it was steered by: the names of the moves whose gate held."""


def write_prompt(tokenizer: Any, turns: Sequence[Turn]) -> str:
    """Write a conversation as the model reads it, up to where its reply begins.

    Args:
        tokenizer: with a chat template.
        turns: the last is the user's.

    Raises:
        jinja2.TemplateError: the template does not take such a conversation, such as one with a system prompt.
    """
    messages = [{"role": turn.role, "content": turn.text} for turn in turns]
    text: str = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    return text


def generate(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[str],
    decodings: Sequence[Decoding],
    *,
    moves: Sequence[Move] = (),
    acts_in_code: bool = False,
) -> list[Generated]:
    """Go on from prompts, all at once; what is said to one does not depend on the others, but for rounding.

    A reply is drawn by the Gumbel-max trick (Gumbel 1954): of the logarithms of the probabilities, each with noise from the reply's
    own seed, the largest is taken. So a reply that is drawn can be had again in other company too. The prompt is a part of the seed, or the same
    noise would lean the replies to all questions of a check-up the same way.

    Args:
        model: a `transformers.PreTrainedModel`, or one of PEFT's.
        tokenizer: its.
        prompts: as `write_prompt` writes them.
        decodings: one for each.
        moves: what the model is steered by; each prompt by those whose conditions it meets.
        acts_in_code: whether they are also done inside code and tool calls.

    Raises:
        DataError: a move does not fit the model.
    """
    import torch

    # On the left, or what is to be gone on with would be the padding.
    rows = tokenizer(list(prompts), add_special_tokens=False, padding=True, padding_side="left", return_tensors="pt")
    rows = rows.to(model.device)
    ends = _ends(model, tokenizer)
    drawn = [replace(one, seed=_seed_of(one, prompt)) for one, prompt in zip(decodings, prompts, strict=True)]
    mask = rows["attention_mask"]
    with steered(model, moves, mask, tokenizer=None if acts_in_code else tokenizer) as done, torch.inference_mode():
        said = model.generate(
            input_ids=rows["input_ids"],
            attention_mask=mask,
            max_new_tokens=max(one.max_tokens for one in decodings),
            do_sample=False,
            eos_token_id=ends or None,
            pad_token_id=tokenizer.pad_token_id,
            logits_processor=[_Draw(drawn)] if any(one.temperature for one in decodings) else None,
        )
    replies = [
        _read(tokenizer, reply[: decoding.max_tokens], ends, n)
        for reply, decoding, n in zip(said[:, mask.shape[1] :].tolist(), decodings, mask.sum(1).tolist(), strict=True)
    ]
    return [
        replace(reply, moves=tuple(move.name for move, fired in zip(moves, done.fired, strict=True) if fired[row]))
        for row, reply in enumerate(replies)
    ]


def _read(tokenizer: Any, reply: Sequence[int], ends: Sequence[int], n_read: int) -> Generated:
    n_before = next((at for at, token in enumerate(reply) if token in ends), None)
    whole = reply if n_before is None else reply[:n_before]
    text = tokenizer.decode(whole, skip_special_tokens=True)
    return Generated(text, n_read, len(whole) + (n_before is not None), is_cut=n_before is None)


def _seed_of(decoding: Decoding, prompt: str) -> int:
    return int(content_hash([decoding.seed, prompt]), 16)


def _ends(model: Any, tokenizer: Any) -> list[int]:
    """Give the tokens that end a reply."""
    ends = model.generation_config.eos_token_id
    found = {tokenizer.eos_token_id, *(ends if isinstance(ends, list) else [ends])} - {None}
    return sorted(found)


class _Draw:
    """Noise for the rows that are drawn, as `transformers.LogitsProcessor` has it; greedy decoding takes what is largest."""

    def __init__(self, decodings: Sequence[Decoding]) -> None:
        import torch

        self._rows = [
            (row, one.temperature, torch.Generator().manual_seed(one.seed))
            for row, one in enumerate(decodings)
            if one.temperature
        ]

    def __call__(self, input_ids: Any, scores: Any) -> Any:  # noqa: ARG002 -- the signature it is called with
        import torch

        drawn = scores.float().clone()
        for row, temperature, generator in self._rows:
            noise = torch.empty(drawn.shape[-1]).exponential_(generator=generator).log_()
            drawn[row] = drawn[row] / temperature - noise.to(drawn.device)
        return drawn
