"""The file of a steering: what is written is read, and anything wrong with it is one line."""

import json
from dataclasses import replace

import numpy as np
import pytest
from bundles import make_bundle
from safetensors import safe_open
from safetensors.numpy import save_file

from demur.errors import DataError, IncompleteError
from demur.steering.bundle import STEERING, read_bundle, write_bundle
from demur.types import Estimate


@pytest.fixture
def path(tmp_path):
    """Give a bundle on disk."""
    write_bundle(tmp_path / STEERING, make_bundle())
    return tmp_path / STEERING


def take_apart(path):
    """Give its tensors and its header."""
    with safe_open(path, "numpy") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, json.loads(file.metadata()["demur"])  # noqa: SIM118


def put_together(path, tensors, header):
    """Write them again."""
    save_file(tensors, path, metadata={"demur": json.dumps(header)})


def plain(bundle):
    """Give all that a bundle says, its numbers in 32 bits."""
    moves = [
        [one.name, one.operation, one.layers, one.gain, to_numbers(one.vectors, one.origins),
         [[gate.name, gate.places, gate.bias, gate.is_unit, to_numbers(gate.mean, gate.weights)] for gate in one.gate]]
        for one in bundle.moves
    ]  # fmt: skip
    return {**vars(bundle), "moves": moves}


def to_numbers(*tensors):
    """Round to 32 bits."""
    return [tensor.astype(np.float32).tolist() for tensor in tensors]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"panel": {"changes": {"safety_rate": {"p": 1.0}}, "judge": "local"}, "adapter_sha256": None},
        {"false_fires": Estimate(0.01, 0.0, 0.03, 200, 1, "wilson"), "acts_in_code": True},
    ],
)
def test_what_is_written_is_read(tmp_path, more):
    """Every field, places as places, numbers in 32 bits; a second time the same bytes."""
    bundle = replace(make_bundle(), **more)
    write_bundle(tmp_path / STEERING, bundle)
    found = read_bundle(tmp_path / STEERING)
    assert plain(found) == plain(bundle)
    assert found.moves[0].gate[0].places[0].layer == bundle.moves[0].gate[0].places[0].layer
    write_bundle(tmp_path / "again", found)
    assert (tmp_path / "again").read_bytes() == (tmp_path / STEERING).read_bytes()


def test_the_header_says_what_is_done_where(path):
    """For whoever reads the file without demur."""
    _, header = take_apart(path)
    assert header["format_version"] == 1
    assert {move["site"] for move in header["moves"]} == {"input of the block, residual stream"}
    assert [(move["operation"], move["layers"]) for move in header["moves"]] == [("remove", [1, 2]), ("add", [2])]


def without(name):
    """Make a change that leaves a tensor out."""
    return lambda tensors, _: tensors.pop(name)


def with_tensor(name, change):
    """Make a change of a tensor."""
    return lambda tensors, _: tensors.__setitem__(name, change(tensors[name]))


def with_header(*keys, value):
    """Make a change of the header."""

    def change(_, header):
        for key in keys[:-1]:
            header = header[key]
        header[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (with_header("format_version", value=2), r"found format_version 2; this demur reads 1"),
        (with_header("format_version", value=None), "found format_version None"),
        (without("move.0.vectors"), r"has no tensor move\.0\.vectors"),
        (without("move.1.origins"), r"has no tensor move\.1\.origins"),
        (without("move.0.gate.0.weights"), r"has no tensor move\.0\.gate\.0\.weights"),
        (with_tensor("move.0.vectors", lambda one: one[:1].copy()), r"shape \[1, 8\]; expected float32 of \[2, 8\]"),
        (with_tensor("move.1.vectors", lambda one: one[:, :4].copy()), r"shape \[1, 4\]; expected float32 of \[1, 8\]"),
        (with_tensor("move.0.origins", lambda one: one[:, None].copy()), r"shape \[2, 1\]; expected float32 of \[2\]"),
        (with_tensor("move.0.gate.0.mean", lambda one: one.astype(np.float64)), "is float64"),
        (with_tensor("move.0.vectors", lambda one: 2 * one), r"move\.0\.vectors: expected vectors of length 1"),
        (
            with_tensor("move.1.vectors", lambda one: one * np.float32(np.nan)),
            r"move\.1\.vectors: expected finite numbers",
        ),
        (with_tensor("move.0.gate.0.mean", lambda one: one + np.float32(np.inf)), "mean: expected finite numbers"),
        (with_header("moves", 0, "gain", value=float("nan")), "its header is not JSON: found NaN"),
        (with_header("moves", 0, "gain", value=10**400), r"moves?\.0\.gain"),
        (with_header("moves", 0, "gain", value="much"), r"moves\.0\.gain: Input should be a valid number"),
        (
            with_header("moves", 0, "operation", value="project"),
            r"moves\.0\.operation: Input should be 'remove' or 'add'",
        ),
        (with_header("moves", 0, "site", value="output"), r"moves\.0\.site: Input should be 'input of the block"),
        (with_header("moves", 0, "layers", value=[]), r"move\.0\.layers: expected one layer or more"),
        (with_header("moves", 0, "layers", value=[-1, 2]), r"move\.0\.layers: expected one layer or more"),
        (with_header("moves", 0, "layers", value=[0, 2]), "expected every condition to be read no later than"),
        (with_header("moves", 0, "gate", 0, "places", value=[[0, 1]]), r"gate\.0\.places: expected one place or more"),
        (with_header("moves", 1, "name", value="away"), "found moves away, away; expected one or more, each name once"),
        (with_header("moves", value=[]), "found moves none"),
        (lambda tensors, _: tensors.update(more=np.zeros(1, np.float32)), "holds tensor more, which its header"),
        (lambda _, header: header.pop("template"), "template: Field required"),
        (lambda _, header: header.pop("acts_in_code"), "acts_in_code: Field required"),
    ],
)
def test_what_is_wrong_is_one_line(path, change, why):
    """It names the file, and what in it."""
    tensors, header = take_apart(path)
    change(tensors, header)
    put_together(path, tensors, header)
    with pytest.raises(DataError, match=rf"{STEERING}: .*{why}") as caught:
        read_bundle(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"not tensors", b"\x10\x00\x00\x00\x00\x00\x00\x00{", None])
def test_another_file_is_one_line(tmp_path, content):
    """Empty, of another kind, cut off, or not there."""
    if content is not None:
        (tmp_path / STEERING).write_bytes(content)
    with pytest.raises(DataError, match=rf"{STEERING}: (is no safetensors file|cannot be read)") as caught:
        read_bundle(tmp_path / STEERING)
    assert "\n" not in str(caught.value)


def test_a_file_that_was_cut_off_is_one_line(path):
    """As after a full disk."""
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(DataError, match="is no safetensors file"):
        read_bundle(path)


def test_tensors_without_a_header_are_one_line(tmp_path):
    """As an adapter's."""
    save_file({"a": np.zeros(1)}, tmp_path / STEERING)
    with pytest.raises(DataError, match="has no header of demur's"):
        read_bundle(tmp_path / STEERING)


@pytest.mark.parametrize("header", ["{", "[]", '"text"'])
def test_a_header_that_is_none_is_one_line(tmp_path, header):
    """Not JSON, or something else."""
    save_file({"a": np.zeros(1)}, tmp_path / STEERING, metadata={"demur": header})
    with pytest.raises(DataError, match=r"its header is not JSON|found format_version None"):
        read_bundle(tmp_path / STEERING)


def test_what_no_reader_would_take_is_not_written(tmp_path):
    """And nothing is left behind; likewise where there is no room."""
    bundle = make_bundle()
    for change in ({"vectors": bundle.moves[0].vectors * np.nan}, {"gain": np.nan}):
        broken = replace(bundle, moves=(replace(bundle.moves[0], **change),))
        with pytest.raises(DataError, match="expected finite numbers"):
            write_bundle(tmp_path / STEERING, broken)
    (tmp_path / "file").write_text("")
    with pytest.raises(IncompleteError, match="cannot be written"):
        write_bundle(tmp_path / "file" / STEERING, bundle)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
