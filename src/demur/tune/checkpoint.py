"""Checkpoints of a training in the folder of its work: which is whole, what is taken from one, what is said where one cannot be written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from demur.errors import IncompleteError
from demur.subjects.adapter import WEIGHTS

__all__ = ["find_last", "load_weights", "mark_whole", "writes_to"]

_WHOLE = "whole"
"""An empty file in a checkpoint, made when all of it is there: what a full disk or a killed process left has none."""


def mark_whole(work: Path, step: int) -> None:
    """Mark a checkpoint as one to go on from."""
    (_folder(work, step) / _WHOLE).touch()


def find_last(work: Path) -> str | None:
    """Give the folder of the last whole checkpoint, if there is one."""
    steps = [int(mark.parent.name.rpartition("-")[2]) for mark in work.glob(f"checkpoint-*/{_WHOLE}")]
    return str(_folder(work, max(steps))) if steps else None


def load_weights(model: Any, work: Path, step: int) -> None:
    """Give a `peft.PeftModel` the adapter of a checkpoint."""
    import peft
    from safetensors.torch import load_file

    peft.set_peft_model_state_dict(model, load_file(_folder(work, step) / WEIGHTS))


@contextmanager
def writes_to(folder: Path) -> Iterator[None]:
    """Say in one line that a file of a folder cannot be written.

    Raises:
        IncompleteError: in place of an OSError, or of what safetensors raises.
    """
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or error
        raise IncompleteError(f"{folder}: cannot be written: {reason}; make room, then start it again") from None


def _folder(work: Path, step: int) -> Path:
    return work / f"checkpoint-{step}"
