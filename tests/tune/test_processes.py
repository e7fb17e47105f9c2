"""Several processes that train one adapter, started as a user starts them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny import make_base, make_pairs
from train_together import RECIPES, train

from demur.errors import UsageError
from demur.tune.recipe import Recipe
from demur.tune.training import train_adapter

HERE = Path(__file__).parent
CONFIG = HERE.parents[1] / "docs" / "accelerate.yaml"
TOLERANCE = 1e-3
"""Of weights up to .2. Two processes differ from one by less than .0001 (KTO; by nothing else), batches of 4 or 16 for 8 by .07 and more."""


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """Give the folder in which two processes trained by every recipe."""
    folder = tmp_path_factory.mktemp("together")
    command = ["-m", "accelerate.commands.launch", "--config_file", str(CONFIG), HERE / "train_together.py", folder]
    path = os.pathsep.join(map(str, (HERE, HERE.parent)))
    ended = subprocess.run(
        [sys.executable, *command], env={**os.environ, "PYTHONPATH": path}, capture_output=True, check=False
    )
    assert ended.returncode == 0, ended.stderr.decode()[-4000:]
    return folder


def differ(one, other):
    """Give the largest difference between weights in files."""
    from safetensors.torch import load_file

    weights, others = load_file(one), load_file(other)
    assert weights.keys() == others.keys()
    return max(float((weights[name] - others[name]).abs().max()) for name in weights)


@pytest.mark.slow
@pytest.mark.parametrize("method", RECIPES)
def test_two_processes_train_the_adapter_of_one(method, together, tmp_path):
    """A batch is that of all processes together, and both end with the same weights."""
    train(method, tmp_path)
    files = [together / f"{method}-{rank}.safetensors" for rank in (0, 1)]
    assert differ(tmp_path / f"{method}-0.safetensors", files[0]) < TOLERANCE
    assert differ(*files) == 0
    assert (together / method / "checkpoint-1" / "rng_state_1.pth").exists()


@pytest.mark.slow
def test_one_look_ends_the_training_of_both(together):
    """The main process looks; where it was better three looks ago than since both end there and then, and both keep what was best."""
    work, files = together / "watched", [together / f"watched-{rank}.safetensors" for rank in (0, 1)]
    assert {path.name for path in work.glob("checkpoint-*")} == {f"checkpoint-{step}" for step in range(1, 6)}
    best, later = (work / f"checkpoint-{step}" / "adapter_model.safetensors" for step in (2, 3))
    assert [differ(best, file) for file in files] == [0, 0]
    assert differ(later, files[0]) > TOLERANCE


@pytest.mark.parametrize(("recipe", "n"), [(Recipe(), 3), (Recipe("kto", batch=4), 4)])
def test_a_batch_that_cannot_be_dealt_out_is_refused(recipe, n, monkeypatch, tmp_path):
    """What each process would take is a whole number, and for KTO two at least."""
    monkeypatch.setenv("LOCAL_RANK", "0")
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", str(n))
    with pytest.raises(UsageError, match=rf"found {recipe.batch} over {n} processes; .*--num_processes"):
        train_adapter(make_base(), make_pairs(16), recipe=recipe, work=tmp_path)
