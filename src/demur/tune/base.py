"""What is trained on: the weights and the tokenizer of a subject, as transformers loads them."""

from pathlib import Path
from typing import Any, NamedTuple

from demur.errors import UsageError
from demur.subjects.family import find_family
from demur.subjects.whitebox import LOCAL, find_member, hash_base, load_subject

__all__ = ["Base", "check_trainable", "load_base"]


class Base(NamedTuple):
    """A model to put an adapter on."""

    model: Any
    """A `transformers.PreTrainedModel` that predicts the next token, its weights in 32 bits where there is no GPU."""
    tokenizer: Any
    sha256: str
    """Of its weights, without an adapter: of the file where they come in one, else of the tensors by name."""
    adapter: Path | None = None
    """Folder of the adapter that is merged into the model."""


def check_trainable(name: str) -> None:
    """Raise UsageError unless a subject has weights to put an adapter on."""
    family = find_family()
    if name not in family and not name.startswith(LOCAL):
        raise UsageError(f"{name}: has no weights to train; expected {', '.join(family)} or {LOCAL}NAME")


def load_base(name: str) -> Base:
    """Load weights and tokenizer.

    Args:
        name: a subject on the bundled weights, such as ``demur/smollm2``, or a local one, such as ``demur/local/FOLDER``; ``demur/local/demur/smollm2`` is the
            former.

    Raises:
        MissingExtraError: torch, transformers or the bundled weights are not installed.
        UsageError: it is a subject without weights. DataError: there is no model of that name, it has no chat template, or the
            adapter that comes with it is not the one that was measured.
    """
    check_trainable(name)
    model, tokenizer = load_subject(name)
    member = find_member(name)
    return Base(model, tokenizer, hash_base(name, model), member.adapter if member else None)
