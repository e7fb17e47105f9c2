"""Checkpoints on a disk that becomes full: a file of more than so many bytes cannot be written, by whatever library."""

import resource
from pathlib import Path

import pytest
from tiny import make_base, make_pairs

from demur.errors import IncompleteError
from demur.tune.checkpoint import find_last
from demur.tune.recipe import Recipe
from demur.tune.training import train_adapter

pytestmark = pytest.mark.slow

PAIRS = make_pairs(32)
RECIPE = Recipe("sft", rank=4, learning_rate=2e-2, epochs=2, batch=8)
"""Eight steps, and a checkpoint at each."""
WRITERS = {"README.md": 5_000, "adapter_model.safetensors": 12_000, "optimizer.pt": 40_000}
"""The file that does not fit: by Python, by safetensors and by torch."""


def limit_files(size):
    """Let this process write no file of more bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def weights_of(model):
    """Give the adapter's matrices by name."""
    import peft

    return {name: value.detach().numpy().copy() for name, value in peft.get_peft_model_state_dict(model).items()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Give what comes of a training that nothing disturbs."""
    return weights_of(train_adapter(make_base(), PAIRS, recipe=RECIPE, work=tmp_path_factory.mktemp("whole")))


@pytest.mark.parametrize("file", WRITERS)
def test_a_disk_that_becomes_full_costs_no_more_than_a_checkpoint(file, whole, tmp_path):
    """It is one line; started again the training goes on from the last whole checkpoint, past the half-written one, to the same adapter."""

    def fill(done, _n, _loss):
        if done == 3:
            limit_files(WRITERS[file])

    try:
        with pytest.raises(IncompleteError, match=r"cannot be written: .*; make room, then start it again$") as caught:
            train_adapter(make_base(), PAIRS, recipe=RECIPE, work=tmp_path, on_progress=fill)
    finally:
        limit_files(resource.RLIM_INFINITY)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "checkpoint-3" / "trainer_state.json").exists()
    assert Path(find_last(tmp_path)).name == "checkpoint-2"
    steps = []
    model = train_adapter(
        make_base(), PAIRS, recipe=RECIPE, work=tmp_path, on_progress=lambda *step: steps.append(step[0])
    )
    assert min(steps) == 3
    found = weights_of(model)
    assert max(abs(found[name] - whole[name]).max() for name in whole) < 1e-5


def test_a_checkpoint_that_looks_whole_and_is_not_is_not_gone_on_from(tmp_path):
    """Of several processes one may be killed while it writes its part, when the main one has written everything."""
    train_adapter(make_base(), PAIRS, recipe=RECIPE, work=tmp_path)
    assert Path(find_last(tmp_path)).name == "checkpoint-8"
    (tmp_path / "checkpoint-8" / "whole").unlink()
    (tmp_path / "checkpoint-8" / "rng_state.pth").write_bytes(b"")
    steps = []
    train_adapter(make_base(), PAIRS, recipe=RECIPE, work=tmp_path, on_progress=lambda *step: steps.append(step[0]))
    assert min(steps) == 8
    assert Path(find_last(tmp_path)).name == "checkpoint-8"
