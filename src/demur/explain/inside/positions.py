"""Where in a prompt a model is read: at the end of what was asked, and over the template's tokens that follow.

Harm is read where the instruction ends, refusal over the tokens after it, up to where the reply begins (Zhao et al. 2025, arXiv 2507.11878).
"""

from typing import Any

from demur.errors import UsageError
from demur.steering.positions import last_index
from demur.subjects.generation import write_prompt
from demur.types import Turn

__all__ = ["find_template_end", "window"]

_TEXTS = ("alpha bravo", "42 yankee zulu")
"""Two requests that share nothing at their end."""


def find_template_end(tokenizer: Any) -> tuple[int, ...]:
    """Find the tokens that the chat template puts after a request: those that the prompts of two different requests end with.

    Raises:
        UsageError: there is no chat template, or it puts nothing after a request.
    """
    if not tokenizer.chat_template:
        raise UsageError(
            "the tokenizer has no chat template; expected a model that was trained to answer, with its own tokenizer"
        )
    first, second = (
        tokenizer(write_prompt(tokenizer, [Turn("user", text)]), add_special_tokens=False)["input_ids"]
        for text in _TEXTS
    )
    n = 0
    while n < min(len(first), len(second)) and first[-1 - n] == second[-1 - n]:
        n += 1
    if n == 0:
        raise UsageError(
            "the chat template puts no token between a request and its reply; expected one that says where the reply begins"
        )
    return tuple(first[-n:])


def window(hidden: Any, mask: Any, n: int) -> Any:
    """Cut the states of the last tokens of each row out.

    Args:
        hidden: shape (rows, tokens, width).
        mask: shape (rows, tokens), 1 for a token and 0 for padding.
        n: how many tokens.

    Returns:
        Shape (rows, n, width), the last token last.

    Raises:
        UsageError: rows are padded on the right, or one has fewer tokens.
    """
    if not bool((last_index(mask) == mask.shape[1] - 1).all()):
        raise UsageError("rows are padded on the right; expected padding on the left, so that all of them end together")
    if bool((mask.sum(1) < n).any()):
        raise UsageError(f"a row has {int(mask.sum(1).min())} tokens; expected {n} at least")
    return hidden[:, -n:]
