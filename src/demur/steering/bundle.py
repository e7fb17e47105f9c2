"""The file of a steering: moves and conditions as tensors, and in its header what they are, for which model, and what came of them.

``steering.safetensors`` holds ``move.I.vectors``, ``move.I.origins``, ``move.I.gate.J.mean`` and ``move.I.gate.J.weights`` in 32 bits, and under the key
``demur`` of its metadata one JSON object. There is nothing in it that is run.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from demur.errors import DataError, IncompleteError
from demur.records import from_plain, to_plain, write_atomically
from demur.steering.move import Condition, Move, Place
from demur.types import Estimate

__all__ = ["STEERING", "Bundle", "read_bundle", "write_bundle"]

STEERING = "steering.safetensors"
"""The name of the file in a folder."""
_VERSION = 1
_KEY = "demur"
_UNIT = 1e-3
"""How far from 1 the length of a direction may be."""
_FINITE = "finite numbers"
_Site = Literal["input of the block, residual stream"]
_SITE: _Site = "input of the block, residual stream"


@dataclass(frozen=True)
class Bundle:
    """What is done to which model, and what came of it."""

    model: str
    """The subject as it was before."""
    base_sha256: str
    """Of its weights without an adapter: of the file where they come in one, else of the tensors by name."""
    adapter_sha256: str | None
    """Of the adapter that the subject has of its own; None of one without."""
    template: str
    """Key of the tokenizer and its chat template, as `demur.subjects.weights.hash_template` makes it."""
    moves: tuple[Move, ...]
    """In the order in which they are done; each has a name of its own."""
    acts_in_code: bool
    """Whether they are also done inside code and tool calls."""
    false_fires: Estimate | None
    """Plain tasks on which a gate holds; None where that was not measured."""
    panel: Mapping[str, Any] | None
    """Both sides before and after, as plain values; None of a candidate."""


@dataclass(frozen=True)
class _Condition:
    """What the header says of a condition."""

    name: str
    places: tuple[Place, ...]
    bias: float
    is_unit: bool


@dataclass(frozen=True)
class _Move:
    """What the header says of a move."""

    name: str
    operation: Literal["remove", "add"]
    site: _Site
    layers: tuple[int, ...]
    gain: float
    gate: tuple[_Condition, ...]


@dataclass(frozen=True)
class _Header:
    """The JSON object, beside its ``format_version``: what `Bundle` holds, with moves as they are described."""

    model: str
    base_sha256: str
    adapter_sha256: str | None
    template: str
    moves: tuple[_Move, ...]
    acts_in_code: bool
    false_fires: Estimate | None
    panel: Mapping[str, Any] | None


def write_bundle(path: Path, bundle: Bundle) -> None:
    """Write a bundle, whole or not at all.

    Raises:
        DataError: it holds what no reader would take. IncompleteError: it cannot be written.
    """
    from safetensors.numpy import save

    tensors = {name: np.ascontiguousarray(tensor, np.float32) for name, tensor in _name_tensors(bundle.moves)}
    header = _Header(**{**vars(bundle), "moves": tuple(map(_describe, bundle.moves))})
    _rebuild(header, tensors, path)
    said = json.dumps({"format_version": _VERSION, **to_plain(header)}, ensure_ascii=False, allow_nan=False)
    try:
        write_atomically(path, save(tensors, metadata={_KEY: said}))
    except OSError as error:
        raise IncompleteError(f"{path}: cannot be written: {error.strerror or error}; choose another place") from None


def read_bundle(path: Path) -> Bundle:
    """Read a bundle.

    Raises:
        DataError: there is no such file, it is of another version, or anything in it is missing, of the wrong shape or no number.
    """
    tensors, said = _open(path)
    try:
        plain = json.loads(said, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: its header is not JSON: {error}; expected a bundle that demur wrote") from None
    version = plain.get("format_version") if isinstance(plain, dict) else None
    if version != _VERSION:
        raise DataError(f"{path}: found format_version {version!r}; this demur reads {_VERSION}")
    header = from_plain(_Header, plain, str(path))
    return Bundle(**{**vars(header), "moves": _rebuild(header, tensors, path)})


def _refuse(constant: str) -> None:
    """Take no NaN and no infinity, which Python reads and JSON does not have."""
    raise ValueError(f"found {constant}")


def _open(path: Path) -> tuple[dict[str, NDArray[Any]], str]:
    """Give the tensors by name, and the header's text."""
    import safetensors

    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            said = (file.metadata() or {}).get(_KEY)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 -- it is no mapping
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (safetensors.SafetensorError, TypeError) as error:
        raise DataError(f"{path}: is no safetensors file: {error}; expected a bundle that demur wrote") from None
    if said is None:
        raise DataError(f"{path}: has no header of demur's; expected a bundle that demur wrote")
    return tensors, said


def _describe(move: Move) -> _Move:
    gate = tuple(_Condition(one.name, one.places, float(one.bias), one.is_unit) for one in move.gate)
    return _Move(move.name, move.operation, _SITE, move.layers, float(move.gain), gate)


def _name_tensors(moves: tuple[Move, ...]) -> Iterator[tuple[str, NDArray[np.float64]]]:
    for number, move in enumerate(moves):
        yield f"move.{number}.vectors", move.vectors
        yield f"move.{number}.origins", move.origins
        for at, condition in enumerate(move.gate):
            yield f"move.{number}.gate.{at}.mean", condition.mean
            yield f"move.{number}.gate.{at}.weights", condition.weights


def _rebuild(header: _Header, tensors: Mapping[str, NDArray[Any]], path: Path) -> tuple[Move, ...]:
    """Put moves together from the header and the tensors.

    Raises:
        DataError: they do not fit.
    """
    names = [move.name for move in header.moves]
    if not names or len(set(names)) < len(names):
        raise DataError(f"{path}: found moves {', '.join(names) or 'none'}; expected one or more, each name once")
    parts = _Parts(tensors, path)
    moves = tuple(_rebuild_move(said, parts, f"move.{number}") for number, said in enumerate(header.moves))
    if left := tensors.keys() - parts.taken:
        raise DataError(f"{path}: holds tensor {min(left)}, which its header does not speak of")
    return moves


def _rebuild_move(said: _Move, parts: "_Parts", name: str) -> Move:
    is_layered = said.layers and min(said.layers) >= 0 and len(set(said.layers)) == len(said.layers)
    parts.check(is_layered, f"{name}.layers", "one layer or more, from 0 on, each once")
    parts.check(np.isfinite(said.gain), f"{name}.gain", _FINITE)
    vectors = parts.take(f"{name}.vectors", len(said.layers), is_wide=True)
    is_unit = np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=_UNIT)
    parts.check(said.operation == "add" or is_unit, f"{name}.vectors", "vectors of length 1 to take out")
    gate = tuple(_rebuild_condition(one, parts, f"{name}.gate.{at}") for at, one in enumerate(said.gate))
    origins = parts.take(f"{name}.origins", len(said.layers))
    try:
        return Move(said.name, said.operation, said.layers, vectors, origins, said.gain, gate)
    except DataError as error:
        raise DataError(f"{parts.path}: {error}") from None


def _rebuild_condition(said: _Condition, parts: "_Parts", name: str) -> Condition:
    is_placed = said.places and all(place.position < 0 <= place.layer for place in said.places)
    parts.check(is_placed, f"{name}.places", "one place or more, each a position below 0 and a layer from 0 on")
    parts.check(np.isfinite(said.bias), f"{name}.bias", _FINITE)
    return Condition(
        name=said.name,
        places=said.places,
        mean=parts.take(f"{name}.mean", len(said.places), is_wide=True),
        weights=parts.take(f"{name}.weights", len(said.places), is_wide=True),
        bias=said.bias,
        is_unit=said.is_unit,
    )


class _Parts:
    """The tensors of a file, each taken once, and all states of one width."""

    def __init__(self, tensors: Mapping[str, NDArray[Any]], path: Path) -> None:
        self.taken: set[str] = set()
        self._tensors, self.path = tensors, path
        self._width: int | None = None

    def take(self, name: str, n: int, *, is_wide: bool = False) -> NDArray[np.float64]:
        tensor = self._tensors.get(name)
        if tensor is None:
            raise DataError(f"{self.path}: has no tensor {name}; the file is not whole, or not demur's")
        if is_wide and self._width is None and tensor.ndim:
            self._width = tensor.shape[-1]
        expected = (n, self._width) if is_wide else (n,)
        if tensor.shape != expected or tensor.dtype != np.float32:
            raise DataError(
                f"{self.path}: {name} is {tensor.dtype} of shape {list(tensor.shape)}; expected float32 of {list(expected)}"
            )
        self.check(np.isfinite(tensor).all(), name, _FINITE)
        self.taken.add(name)
        return tensor.astype(np.float64)

    def check(self, is_sound: Any, name: str, expected: str) -> None:
        if not is_sound:
            raise DataError(f"{self.path}: {name}: expected {expected}; the file is not whole, or not demur's")
