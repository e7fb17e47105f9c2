"""A language model small enough to train in a second: two layers of llama with weights by chance, and an alphabet for a vocabulary."""

from typing import Any

from demur.tune.base import Base
from demur.tune.pair import Pair
from demur.types import Turn

__all__ = ["make_base", "make_pairs"]

_TEMPLATE = (
    "{% for message in messages %}<s>{{ message['role'] }}\n{{ message['content'] }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant\n{% endif %}"
)


def make_base(*, n_heads: int = 4, n_keys: int = 2) -> Base:
    """Make a model anew, always the same."""
    import torch
    import transformers

    torch.manual_seed(0)
    tokenizer = _tokenizer()
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=n_heads,
        num_key_value_heads=n_keys,
        head_dim=8,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return Base(transformers.LlamaForCausalLM(config), tokenizer, "0" * 64)


def _tokenizer() -> Any:
    import tokenizers
    import transformers

    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    words = {token: number for number, token in enumerate(["<s>", "</s>", "<pad>", *alphabet])}
    fast = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=words, merges=[]))
    fast.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    fast.decoder = tokenizers.decoders.ByteLevel()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=fast, bos_token="<s>", eos_token="</s>", pad_token="<pad>", chat_template=_TEMPLATE
    )


def make_pairs(n: int) -> list[Pair]:
    """Make pairs, every other one of a harmless prompt."""
    return [
        Pair(
            id=f"{number}",
            prompt=(Turn("user", f"{'tell' if number % 2 else 'hurt'} {number}"),),
            chosen="Sure" if number % 2 else "No.",
            rejected="No." if number % 2 else "Sure",
            fault="right answer" if number % 2 else "missed harm",
            family=f"{number // 2}",
        )
        for number in range(n)
    ]
