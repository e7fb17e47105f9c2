"""A model steered while it runs: moves are done to the rows whose conditions hold, and to no other.

The first pass in the context reads the prompts; there each gate is decided, row by row, and its decision stands for the tokens that follow one at a
time. So replies are to be generated with a cache. Refused, since it would be wrong without a word: another number of rows in between (beams, rows that
are left out when they have ended), prompts read in pieces, several tokens guessed ahead, a cache that is switched off, embeddings in the place of
tokens. Beams that are counted in the mask cannot be seen, and must not be used: they move rows about.

A state is read as it enters its block, before anything is done there, and after what other moves have done to it at lower blocks.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from demur.errors import DataError, UsageError
from demur.steering.blocks import editing, find_blocks
from demur.steering.gate import Gate
from demur.steering.move import Move
from demur.steering.spans import Spans

__all__ = ["Steered", "check_moves", "steered"]


@contextmanager
def steered(model: Any, moves: Sequence[Move], mask: Any, *, tokenizer: Any = None) -> Iterator["Steered"]:
    """Steer a model in this context; other threads that run it meanwhile are not steered by it.

    Args:
        model: a `transformers.PreTrainedModel`.
        moves: done in this order where several are done at one block.
        mask: of the prompts that are passed through first, shape (rows, tokens), 1 for a token and 0 for padding, on either side.
        tokenizer: the model's, to follow replies with, so that nothing is done inside code and tool calls; None where it is done there too.

    Yields:
        What is done.

    Raises:
        UsageError: the model's blocks are not found; also from a pass through the model that cannot be steered.
        DataError: a move does not fit the model.
    """
    done = Steered(moves, mask, tokenizer)
    if not moves:
        yield done
        return
    check_moves(moves, model)
    edits = {layer: partial(done.edit, layer) for layer in sorted(_layers(moves))}
    words = model.get_input_embeddings().register_forward_pre_hook(lambda _, args: done.begin(args[0]))
    token = _here.set((*_here.get(), done))
    try:
        with editing(find_blocks(model), edits):
            yield done
    finally:
        _here.reset(token)
        words.remove()


def check_moves(moves: Sequence[Move], model: Any) -> None:
    """Raise DataError unless moves fit a model: its blocks, and the width of its states."""
    config = model.config.get_text_config()
    n_layers, width = config.num_hidden_layers, config.hidden_size
    for move in moves:
        deepest = max(_layers([move]), default=0)
        if deepest >= n_layers:
            raise DataError(
                f"move '{move.name}': found layer {deepest}; expected 0 to {n_layers - 1}, those of {type(model).__name__}"
            )
        widths = {move.vectors.shape[-1], *(condition.weights.shape[-1] for condition in move.gate)}
        if widths != {width}:
            raise DataError(
                f"move '{move.name}': found states of {max(widths - {width})} numbers; expected {width}, those of {type(model).__name__}"
            )


def _layers(moves: Sequence[Move]) -> set[int]:
    """Give the layers at which something is read or done."""
    read = {place.layer for move in moves for condition in move.gate for place in condition.places}
    return read.union(*(move.layers for move in moves))


class Steered:
    """What is done in one context."""

    def __init__(self, moves: Sequence[Move], mask: Any, tokenizer: Any) -> None:
        self._moves, self._mask, self._tokenizer = tuple(moves), mask, tokenizer
        self._at: dict[int, list[tuple[int, int]]] = {}
        """By layer, the moves that are done there, and which of their vectors it takes."""
        for number, move in enumerate(moves):
            for at, layer in enumerate(move.layers):
                self._at.setdefault(layer, []).append((number, at))
        self._shape: tuple[int, ...] | None = None
        """Rows and tokens of the pass that is under way, once there was one."""
        self._gates: list[Gate] = []
        self._fired: dict[int, list[bool]] = {}
        self._rows: dict[int, Any] = {}
        """The rows that each move is done to at present."""
        self._vectors: dict[tuple[int, int], Any] = {}
        self._spans: Spans | None = None
        self._is_step = False

    @property
    def fired(self) -> tuple[list[bool], ...]:
        """Of each move, of which rows its gate held; empty before the prompts were read."""
        return tuple(self._decide(number) for number in range(len(self._gates)))

    def begin(self, tokens: Any) -> None:
        """Be told the tokens of the next pass, shape (rows, tokens)."""
        if self not in _here.get():
            return
        n_rows, n_tokens = self._mask.shape
        shape, has_read = tuple(tokens.shape), self._shape is not None
        if shape == (n_rows, n_tokens) and not (has_read and n_tokens == 1):
            self._is_step = False
            self._gates = [Gate(move.gate, self._mask) for move in self._moves]
            self._fired, self._rows = {}, {}
            self._spans = None if self._tokenizer is None else Spans(self._tokenizer, n_rows)
        elif shape == (n_rows, 1) and has_read:
            self._is_step = True
            self._follow(tokens[:, 0])
        else:
            raise UsageError(
                f"found a pass of shape {list(shape)} through a model that is steered; expected the prompts, {[n_rows, n_tokens]}, then one token of "
                "each row at a time; generate with a cache, without beams, and read prompts in one piece"
            )
        self._shape = shape

    def edit(self, layer: int, hidden: Any) -> Any:
        """Do what is to be done at a block: give what is to enter it, or the same state where that is nothing."""
        if self not in _here.get():
            return hidden
        if tuple(hidden.shape[:2]) != self._shape:
            raise UsageError(
                f"found states of shape {list(hidden.shape[:2])}, and tokens of {list(self._shape or ())}; expected the model to be given tokens"
            )
        if not self._is_step:
            for gate in self._gates:
                gate.read(layer, hidden)
        for number, at in self._at.get(layer, ()):
            hidden = self._do(number, at, hidden)
        return hidden

    def _do(self, number: int, at: int, hidden: Any) -> Any:
        rows = self._rows_of(number, hidden.device)
        if rows is None:
            return hidden
        move, vector = self._moves[number], self._cast(number, at, hidden)
        if rows.shape[0] == hidden.shape[0]:
            return _move(hidden, move, at, vector)
        rows = rows.to(hidden.device)  # a model may lie on several
        return hidden.index_copy(0, rows, _move(hidden[rows], move, at, vector))

    def _rows_of(self, number: int, device: Any) -> Any:
        """Give the indices of the rows that a move is done to at present; None where it is done to none."""
        import torch

        if number not in self._rows:
            inside = self._spans.inside if self._spans else [False] * len(self._mask)
            told = enumerate(zip(self._decide(number), inside, strict=True))
            rows = [row for row, (holds, is_inside) in told if holds and not is_inside]
            self._rows[number] = torch.tensor(rows, device=device) if rows else None
        return self._rows[number]

    def _decide(self, number: int) -> list[bool]:
        if number not in self._fired:
            self._fired[number] = self._gates[number].holds()
        return self._fired[number]

    def _follow(self, tokens: Any) -> None:
        """Read the token of each row's reply that is being passed through."""
        if self._spans is None or not any(map(any, self.fired)):
            return
        before = self._spans.inside
        self._spans.read(tokens.tolist())
        if self._spans.inside != before:
            self._rows = {}

    def _cast(self, number: int, at: int, hidden: Any) -> Any:
        """Give a vector as the states are kept."""
        import torch

        if (number, at) not in self._vectors:
            self._vectors[number, at] = torch.as_tensor(
                self._moves[number].vectors[at], dtype=hidden.dtype, device=hidden.device
            )
        return self._vectors[number, at]


_here: ContextVar[tuple[Steered, ...]] = ContextVar("steered", default=())
"""What steers models in this thread."""


def _move(hidden: Any, move: Move, at: int, vector: Any) -> Any:
    """Do a move to every state, shape (rows, tokens, width), at one of its layers."""
    if move.operation == "add":
        return hidden + move.gain * vector
    along = (hidden @ vector - float(move.origins[at])).clamp(min=0)
    return hidden - (move.gain * along)[..., None] * vector
