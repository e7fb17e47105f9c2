"""Adapters of a subject: a folder with its weights and ``treatment.json``, and what is checked before it is loaded.

FOLDER/
  treatment.json              what was done, from what, and the panel: both sides before and after
  adapter.gguf                for llama.cpp, of models that it can run
  adapter_model.safetensors   for PEFT, with adapter_config.json

An adapter changes how a model refuses, so none is loaded whose effect was not measured. While its panel is being measured
``candidate.json`` stands in the place of ``treatment.json``: the same, without the panel.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from demur.errors import DataError
from demur.records import read_text
from demur.steering.bundle import STEERING

__all__ = [
    "CANDIDATE",
    "GGUF",
    "MEASURED",
    "WEIGHTS",
    "check_adapter",
    "check_panel",
    "file_sha256",
    "find_made_for",
    "is_steering",
]

MEASURED, CANDIDATE = "treatment.json", "candidate.json"
GGUF, WEIGHTS = "adapter.gguf", "adapter_model.safetensors"
"""For llama.cpp, and for PEFT."""
_BOTH_SIDES = ("safety_rate", "utility_rate")


def check_adapter(folder: Path, *, hash_base: Callable[[], str], treated: str | None, file: str = GGUF) -> Path:
    """Check an adapter, and give a file of its weights.

    Args:
        folder: of the adapter.
        hash_base: gives the SHA-256 of the weights it is to be put on; asked last, since it may have to read all of them.
        treated: name of the subject that it must have been made for; None of a candidate, which has no panel yet.
        file: which file is to be loaded.

    Raises:
        DataError: the folder is no adapter, has no panel with both sides, belongs to other weights or to another subject, or one of its
            files is another than the one that was measured.
    """
    record = _find_record(folder, is_candidate=treated is None)
    said = _read(record)
    if treated is not None:
        check_panel(said.get("panel"), record)
    files, made_for = said.get("files"), said.get("model")
    if not isinstance(files, Mapping) or file not in files:
        raise DataError(f"{record}: names no {file}; expected the file and its hash under 'files'")
    if treated not in (None, made_for):
        raise DataError(f"{folder}: was made for {made_for}; ask for it as {made_for}@{folder}")
    for name, expected in files.items():
        path = folder / Path(str(name)).name
        if not path.is_file() or file_sha256(path) != expected:
            raise DataError(f"{path}: is not the file that was measured; put it back, or train the adapter again")
    if said.get("base_sha256") != hash_base():
        raise DataError(
            f"{folder}: was made for {made_for} with other weights than are there now; train it again on these"
        )
    return folder / file


def find_made_for(folder: Path) -> str:
    """Say which subject a candidate was made for.

    Raises:
        DataError: the folder holds none.
    """
    return str(_read(_find_record(folder, is_candidate=True)).get("model"))


def is_steering(folder: Path, *, is_candidate: bool) -> bool:
    """Tell whether a folder holds a steering, and not an adapter.

    Raises:
        DataError: it holds no treatment.
    """
    files = _read(_find_record(folder, is_candidate=is_candidate)).get("files")
    return isinstance(files, Mapping) and STEERING in files


def _find_record(folder: Path, *, is_candidate: bool) -> Path:
    record = folder / (CANDIDATE if is_candidate else MEASURED)
    if not record.is_file():
        raise DataError(
            f"{folder}: has no {record.name}; expected an adapter with its panel, as demur tune train leaves it"
        )
    return record


def _read(record: Path) -> Mapping[str, Any]:
    try:
        said = json.loads(read_text(record))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{record}: not JSON: {error}; expected what demur tune train wrote") from None
    if not isinstance(said, dict):
        raise DataError(f"{record}: found {type(said).__name__}; expected what demur tune train wrote")
    return said


def check_panel(panel: object, where: Path) -> None:
    """Raise DataError unless a panel, as plain values, has both sides."""
    changes = panel.get("changes") if isinstance(panel, Mapping) else None
    measured: Collection[Any] = changes if isinstance(changes, Mapping) else ()
    missing = [name for name in _BOTH_SIDES if name not in measured]
    if missing:
        raise DataError(
            f"{where}: its panel has no {missing[0]}; a treatment is loaded only with both sides measured: demur tune"
        )


def file_sha256(path: Path) -> str:
    """Hash a file: 64 hexadecimal digits of SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
