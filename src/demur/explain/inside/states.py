"""States of the residual stream at the end of many prompts, kept on disk by what they were read from.

FOLDER/KEY/
  rows.npy        16-bit numbers, shape (prompts, positions, layers, width), each row divided by its largest
  scale.npy       what each row is multiplied by, 32 bits
  first.npy       the likeliest first tokens of the reply
  log_probs.npy   the logarithms of their probabilities

KEY is of the weights, the template, the vocabulary and every prompt's tokens. The folder appears whole or not at all.
"""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from demur.errors import UsageError
from demur.explain.inside.network import Network, batches
from demur.explain.inside.positions import window
from demur.records import content_hash
from demur.steering.blocks import reading

__all__ = ["States", "read_states"]

_N_FIRST = 128
"""Likeliest first tokens that are kept of each prompt."""
_CHUNK = 64
"""Prompts whose states are in memory at a time."""
_VERSION = 1

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class States:
    """What was read of some prompts.

    A position p is counted over the tokens that are read: 0 is the last token of the request, the last is the one after which the reply
    begins. Layer l is the state that goes into block l, before its normalisation.
    """

    network: str
    """Key of the network they were read from."""
    rows: NDArray[np.float16]
    """Shape (prompts, positions, layers, width), on disk."""
    scale: NDArray[np.float32]
    """Shape (prompts, positions, layers)."""
    first: NDArray[np.int64]
    """The likeliest first tokens of each reply, the likeliest first; shape (prompts, tokens)."""
    log_probs: NDArray[np.float32]
    """Of these, in nats."""

    @property
    def n_positions(self) -> int:
        """Tokens that were read of each prompt."""
        return int(self.rows.shape[1])

    @property
    def n_layers(self) -> int:
        """Blocks of the model."""
        return int(self.rows.shape[2])

    def at(self, position: int, layer: int) -> Floats:
        """Give the states of all prompts at one place, shape (prompts, width)."""
        rows = np.asarray(self.rows[:, position, layer], dtype=np.float64)
        return rows * self.scale[:, position, layer, None]

    def weigh(self, weights: Floats) -> Floats:
        """Sum the states with weights, in 64 bits and a few prompts at a time.

        Args:
            weights: shape (sums, prompts).

        Returns:
            Shape (sums, positions, layers, width).
        """
        total = np.zeros((len(weights), *self.rows.shape[1:]))
        for start in range(0, len(self.rows), _CHUNK):
            part = slice(start, start + _CHUNK)
            scaled = weights[:, part, None, None] * self.scale[part]
            total += np.einsum("snpl,nplw->splw", scaled, self.rows[part].astype(np.float64), optimize=True)
        return total

    def project(self, directions: Floats) -> Floats:
        """Give each state's component along the direction of its place.

        Args:
            directions: shape (directions, positions, layers, width).

        Returns:
            Shape (directions, prompts, positions, layers).
        """
        along = np.empty((len(directions), *self.rows.shape[:3]))
        for start in range(0, len(self.rows), _CHUNK):
            part = slice(start, start + _CHUNK)
            rows = self.rows[part].astype(np.float64)
            along[:, part] = np.einsum("nplw,splw->snpl", rows, directions, optimize=True) * self.scale[part]
        return along


def read_states(
    network: Network,
    prompts: Sequence[Sequence[int]],
    folder: Path,
    *,
    on_progress: Callable[[int, int], None] = lambda _, __: None,
) -> States:
    """Read the states of prompts, or find them where they were kept.

    Args:
        network: what is read.
        prompts: the tokens of each, as `Network.encode` gives them.
        folder: where states are kept; it need not be there.
        on_progress: told after each batch how many prompts were read, and of how many.

    Raises:
        UsageError: there are no prompts.
    """
    if not prompts:
        raise UsageError("found no prompt to read; expected harmful and harmless questions")
    kept = folder / content_hash(
        [_VERSION, network.key, len(network.template_end), [list(prompt) for prompt in prompts]]
    )
    if not kept.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=folder, prefix=".reading."))
        try:
            _write(network, prompts, unfinished, on_progress)
            unfinished.replace(kept)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    else:
        on_progress(len(prompts), len(prompts))
    loaded = {name: np.load(kept / f"{name}.npy", mmap_mode="r") for name in ("rows", "scale", "first", "log_probs")}
    return States(network.key, **loaded)


def _write(
    network: Network, prompts: Sequence[Sequence[int]], folder: Path, on_progress: Callable[[int, int], None]
) -> None:
    n, width = len(prompts), 1 + len(network.template_end)
    shape = (n, width, network.n_layers)
    n_first = min(_N_FIRST, network.model.get_input_embeddings().num_embeddings)

    def create(name: str, dtype: Any, *shape: int) -> Any:
        return np.lib.format.open_memmap(folder / f"{name}.npy", mode="w+", dtype=dtype, shape=shape)

    rows, scale = create("rows", np.float16, *shape, network.width), create("scale", np.float32, *shape)
    first, log_probs = create("first", np.int64, n, n_first), create("log_probs", np.float32, n, n_first)
    done = 0
    for batch in batches(map(len, prompts)):
        states, said = _read_batch(network, [prompts[index] for index in batch], width)
        # Some models have states beyond what 16 bits can hold.
        largest = np.maximum(np.abs(states).max(-1), np.finfo(np.float32).tiny)
        rows[batch], scale[batch] = states / largest[..., None], largest
        likeliest = said.topk(n_first)
        first[batch], log_probs[batch] = likeliest.indices.cpu().numpy(), likeliest.values.cpu().numpy()
        done += len(batch)
        on_progress(done, n)
    for array in (rows, scale, first, log_probs):
        array.flush()


def _read_batch(network: Network, prompts: Sequence[Sequence[int]], width: int) -> tuple[NDArray[np.float32], Any]:
    """Give states, shape (prompts, positions, layers, width), and what comes next."""
    mask = network.mask(prompts)
    found: list[NDArray[np.float32]] = []
    with reading(network.blocks, lambda _, hidden: found.append(window(hidden, mask, width).float().cpu().numpy())):
        said = network.last_log_probs(prompts)
    return np.stack(found, axis=2), said
