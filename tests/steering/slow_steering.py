"""Steering as it is defined, slowly: one prompt alone, without hooks, batches, padding or a cache, in 64 bits where it is arithmetic of ours."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from demur.steering.blocks import find_blocks
from demur.steering.move import Condition, Move

__all__ = ["holds", "make_model", "say", "score"]

WIDTH = 32
KINDS = ("llama", "gpt2", "gpt_neox", "gemma2", "qwen3", "falcon_h1")


def make_model(kind: str, *, vocabulary: int = 50) -> Any:
    """Make a decoder of three blocks with weights by chance."""
    import torch
    import transformers

    torch.manual_seed(0)
    sizes = {
        "vocab_size": vocabulary,
        "hidden_size": WIDTH,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
    }
    if kind == "gpt2":
        sizes |= {"n_embd": WIDTH, "n_layer": 3, "n_head": 4, "n_positions": 64}
        sizes = {name: size for name, size in sizes.items() if not name.startswith(("hidden", "num_"))}
    else:
        sizes |= {"intermediate_size": 48}
    if kind in {"llama", "gemma2", "qwen3", "falcon_h1"}:
        sizes |= {"num_key_value_heads": 2, "head_dim": 8}
    if kind == "falcon_h1":
        sizes |= {"mamba_d_ssm": 32, "mamba_n_heads": 4, "mamba_d_head": 8, "mamba_d_state": 8, "mamba_chunk_size": 8}
    model = transformers.AutoModelForCausalLM.from_config(transformers.AutoConfig.for_model(kind, **sizes))
    return model.eval()


def say(
    model: Any,
    prompt: Sequence[int],
    moves: Sequence[Move],
    reply: Sequence[int],
    *,
    is_inside: Callable[[Sequence[int]], bool] = lambda _: False,
) -> np.ndarray:
    """Give the logits of what comes after the prompt, and after each token of a reply, shape (tokens of the reply + 1, vocabulary).

    Args:
        model: a decoder.
        prompt: its tokens.
        moves: done if their conditions hold of the prompt.
        reply: tokens that follow.
        is_inside: told the reply up to a token; whether that token is inside of code.
    """
    import torch

    here = [move for move in moves if all(holds(model, prompt, condition) for condition in move.gate)]
    keeps = [True] * len(prompt) + [not is_inside(reply[: at + 1]) for at in range(len(reply))]
    found = []
    for n in range(len(prompt), len(prompt) + len(reply) + 1):
        tokens = [*prompt, *reply][:n]
        with _patched(model, here, np.array(keeps[:n])), torch.inference_mode():
            found.append(model(input_ids=torch.tensor([tokens]), use_cache=False).logits[0, -1].double().numpy())
    return np.array(found)


def holds(model: Any, prompt: Sequence[int], condition: Condition) -> bool:
    """Tell whether a condition holds of a prompt, by the states that transformers itself gives."""
    return min(place.position for place in condition.places) >= -len(prompt) and score(model, prompt, condition) > 0


def score(model: Any, prompt: Sequence[int], condition: Condition) -> float:
    """Give the sum that is to be above 0."""
    import torch

    with torch.inference_mode():
        states = model(input_ids=torch.tensor([list(prompt)]), use_cache=False, output_hidden_states=True).hidden_states
    total = condition.bias
    for at, (position, layer) in enumerate(condition.places):
        moved = states[layer][0, position].double().numpy() - condition.mean[at]
        total += condition.weights[at] @ (moved / np.linalg.norm(moved) if condition.is_unit else moved)
    return float(total)


@contextmanager
def _patched(model: Any, moves: Sequence[Move], keeps: np.ndarray) -> Iterator[None]:
    """Have the blocks work on other states: their own functions are replaced."""
    blocks = find_blocks(model)
    for layer, block in enumerate(blocks):
        block.forward = _wrap(block.forward, layer, moves, keeps)
    try:
        yield
    finally:
        for block in blocks:
            del block.forward


def _wrap(own: Callable[..., Any], layer: int, moves: Sequence[Move], keeps: np.ndarray) -> Callable[..., Any]:
    import torch

    def forward(hidden: Any, *args: Any, **kwargs: Any) -> Any:
        states = hidden[0].double().numpy().copy()
        for move in moves:
            for at, vector in enumerate(move.vectors):
                if move.layers[at] == layer:
                    for token in np.flatnonzero(keeps):
                        states[token] += move.gain * _change(move, at, vector, states[token])
        return own(torch.tensor(states[None], dtype=hidden.dtype), *args, **kwargs)

    return forward


def _change(move: Move, at: int, vector: np.ndarray, state: np.ndarray) -> np.ndarray:
    if move.operation == "add":
        return vector
    return -max(0.0, float(state @ vector) - float(move.origins[at])) * vector
