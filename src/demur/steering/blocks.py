"""The decoder blocks of a model, and hooks on them: to read the residual stream, to add to it, to take a direction out of it.

Measured in memory alone: every hook is gone when its context ends, also by an exception, and no weight is changed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from demur.errors import UsageError

__all__ = ["adding", "editing", "find_blocks", "reading", "removing"]

_HIDDEN = "hidden_states"
_REPEATED = ("norm", "ln", "layernorm", "rotary", "dropout")
"""What the names of a block's children hold that write nothing of their own into the residual stream."""


def find_blocks(model: Any) -> Any:
    """Find the list of a model's decoder blocks: the first of as many modules as its text has layers.

    Args:
        model: a `transformers.PreTrainedModel`.

    Returns:
        A `torch.nn.ModuleList`; the state that goes into its block l is ``hidden_states[l]`` of transformers.

    Raises:
        UsageError: the model has no such list.
    """
    from torch import nn

    n_layers = model.config.get_text_config().num_hidden_layers
    for module in model.modules():
        if isinstance(module, nn.ModuleList) and len(module) == n_layers:
            return module
    raise UsageError(
        f"{type(model).__name__}: found no list of {n_layers} blocks; expected a decoder whose layers are one torch.nn.ModuleList"
    )


@contextmanager
def reading(blocks: Any, read: Callable[[int, Any], None]) -> Iterator[None]:
    """Have the residual stream told as it enters each block.

    Args:
        blocks: as `find_blocks` gives them.
        read: told the number of the block and the state, shape (rows, tokens, width); it must not change it.
    """

    def make(layer: int) -> Callable[..., None]:
        def hook(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            # A hook that gives something back would put it in the place of what goes in.
            read(layer, args[0] if args else kwargs[_HIDDEN])

        return hook

    with ExitStack() as handles:
        for layer, block in enumerate(blocks):
            handles.callback(block.register_forward_pre_hook(make(layer), with_kwargs=True).remove)
        yield


@contextmanager
def editing(blocks: Any, edits: Mapping[int, Callable[[Any], Any]]) -> Iterator[None]:
    """Put another state in the place of the residual stream as it enters blocks.

    Args:
        blocks: as `find_blocks` gives them.
        edits: by the number of the block; told the state, shape (rows, tokens, width), which it must not change, and gives another, or the same
            object where nothing is to be done.
    """
    with ExitStack() as handles:
        for layer, edit in edits.items():
            handles.callback(_edit_input(blocks[layer], edit))
        yield


@contextmanager
def adding(blocks: Any, layers: Sequence[int], vectors: Any) -> Iterator[None]:
    """Add a vector to the residual stream of each row, at all its tokens, as it enters a block.

    Args:
        blocks: as `find_blocks` gives them.
        layers: the block of each row.
        vectors: shape (rows, width).
    """
    import torch

    rows = {layer: torch.tensor([own == layer for own in layers]) for layer in set(layers)}

    def make(layer: int) -> Callable[[Any], Any]:
        def edit(hidden: Any) -> Any:
            own = vectors * rows[layer].to(vectors.device)[:, None]
            return hidden + own.to(hidden.device, hidden.dtype)[:, None]

        return edit

    with editing(blocks, {layer: make(layer) for layer in rows}):
        yield


@contextmanager
def removing(blocks: Any, directions: Any) -> Iterator[None]:
    """Take a direction out of everything that each row's residual stream is written from.

    The state is projected as it enters each block, and so is what attention and the feed-forward network write (directional ablation, Arditi et
    al. 2024, equation 4): with the block's input alone the feed-forward network would still read what attention has just written.

    Args:
        blocks: as `find_blocks` gives them.
        directions: shape (rows, width), of length 1.
    """

    def project(hidden: Any) -> Any:
        unit = directions.to(hidden.device, hidden.dtype)
        along = (hidden * unit[:, None]).sum(-1, keepdim=True)
        return hidden - along * unit[:, None]

    with ExitStack() as handles:
        for block in blocks:
            handles.callback(_edit_input(block, project))
            for writer in _find_writers(block):
                handles.callback(_edit_output(writer, project))
        yield


def _find_writers(block: Any) -> list[Any]:
    """Find what writes into the residual stream: the children of a block that have weights and do not normalise."""
    return [
        child
        for name, child in block.named_children()
        if any(True for _ in child.parameters()) and not any(part in name.lower() for part in _REPEATED)
    ]


def _edit_input(block: Any, edit: Callable[[Any], Any]) -> Callable[[], None]:
    def hook(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None) -> tuple[Any, Any] | None:
        if kwargs is None:
            # torch notes in two steps that a hook takes them: another thread is just putting this one on, or taking it off.
            return None
        hidden = args[0] if args else kwargs[_HIDDEN]
        edited = edit(hidden)
        if edited is hidden:
            return None
        return ((edited, *args[1:]), kwargs) if args else (args, {**kwargs, _HIDDEN: edited})

    remove: Callable[[], None] = block.register_forward_pre_hook(hook, with_kwargs=True).remove
    return remove


def _edit_output(writer: Any, edit: Callable[[Any], Any]) -> Callable[[], None]:
    def hook(_: Any, __: Any, output: Any) -> Any:
        # A module gives back the state, or a tuple that begins with it.
        return (edit(output[0]), *output[1:]) if isinstance(output, tuple) else edit(output)

    remove: Callable[[], None] = writer.register_forward_hook(hook).remove
    return remove
