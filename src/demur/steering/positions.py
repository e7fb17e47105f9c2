"""Where the states of a prompt are: counted from the end of each row, whichever side is padded."""

from typing import Any

__all__ = ["last_index", "states_at"]


def last_index(mask: Any) -> Any:
    """Give the index of the last token of each row, wherever the padding is.

    Args:
        mask: shape (rows, tokens), 1 for a token and 0 for padding.

    Returns:
        Shape (rows,).
    """
    return mask.shape[1] - 1 - mask.flip(1).argmax(1)


def states_at(hidden: Any, mask: Any, position: int) -> tuple[Any, Any]:
    """Give the state of each row at a position.

    Args:
        hidden: shape (rows, tokens, width).
        mask: shape (rows, tokens), 1 for a token and 0 for padding.
        position: from the end of the row; -1 is its last token.

    Returns:
        The states, shape (rows, width), and whether the row has such a token, shape (rows,); where it has not, the state means nothing.
    """
    import torch

    index = (last_index(mask) + 1 + position).clamp(min=0)
    return hidden[torch.arange(len(mask), device=hidden.device), index.to(hidden.device)], mask.sum(1) >= -position
