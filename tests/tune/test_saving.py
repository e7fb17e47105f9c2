"""An adapter in its folder: whole, small, and for the plain weights."""

import json
import resource
import signal

import pytest
from tiny import make_base

from demur.errors import IncompleteError
from demur.subjects.adapter import GGUF, WEIGHTS
from demur.subjects.weights import merge_adapter
from demur.tune.saving import read_adapter, save_adapter

pytestmark = pytest.mark.slow


def train(base, *, seed, rank=2):
    """Give the model of a base under an adapter by chance."""
    import peft
    import torch

    torch.manual_seed(seed)
    config = peft.LoraConfig(
        r=rank, lora_alpha=2 * rank, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM"
    )
    return peft.get_peft_model(base.model, config)


def logits(model):
    """Ask a model."""
    import torch

    with torch.inference_mode():
        return model(input_ids=torch.arange(3, 40)[None]).logits


def merged(folder):
    """Give the tiny model with an adapter merged in."""
    base = make_base()
    return base._replace(model=merge_adapter(base.model, folder), adapter=folder)


def test_what_llama_cpp_cannot_run_is_saved_for_peft_alone(tmp_path):
    """The names of what was written are given, and no other file is there."""
    base = make_base()
    base.model.config.model_type = "gpt_neox"
    names = save_adapter(train(base, seed=1), tmp_path / "out", base=base)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {*names} == {WEIGHTS, "adapter_config.json"}


def test_an_adapter_is_saved_in_half_precision_in_both_formats(tmp_path):
    """Two bytes a number, the same numbers in both, and nothing of the machine or of PEFT's own card beside them."""
    import gguf
    import numpy as np

    base = make_base()
    save_adapter(train(base, seed=1), tmp_path / "out", base=base)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "adapter_model.safetensors",
        "adapter_config.json",
        GGUF,
    }
    settings = json.loads((tmp_path / "out" / "adapter_config.json").read_text())
    assert (settings["inference_mode"], settings["base_model_name_or_path"]) == (True, None)
    tensors = {name: tensor.numpy() for name, tensor in read_adapter(tmp_path / "out").tensors.items()}
    written = {tensor.name: tensor.data for tensor in gguf.GGUFReader(tmp_path / "out" / GGUF).tensors}
    assert len(tensors) == len(written) == 2 * 2 * 7
    assert {array.dtype for array in (*tensors.values(), *written.values())} == {np.dtype(np.float16)}
    name = "base_model.model.model.layers.1.mlp.up_proj.lora_B.weight"
    assert np.array_equal(tensors[name], written["blk.1.ffn_up.weight.lora_b"])


def test_what_is_read_is_the_model_that_was_saved(tmp_path):
    """As far as half precision goes."""
    import torch

    base = make_base()
    trained = train(base, seed=1)
    save_adapter(trained, tmp_path, base=base)
    expected = logits(trained)
    assert torch.allclose(logits(merged(tmp_path).model), expected, atol=1e-2)
    assert not torch.allclose(logits(make_base().model), expected, atol=1e-1)


def test_an_adapter_of_a_treated_model_is_one_for_the_plain_weights(tmp_path):
    """Trained on a model with an adapter merged in, it is saved with that one inside, unchanged, and makes of the plain model what was trained."""
    import torch

    base = make_base()
    save_adapter(train(base, seed=1), tmp_path / "first", base=base)
    base = merged(tmp_path / "first")
    trained = train(base, seed=2, rank=4)
    save_adapter(trained, tmp_path / "second", base=base)
    assert torch.allclose(logits(merged(tmp_path / "second").model), logits(trained), atol=1e-2)
    assert not torch.allclose(logits(merged(tmp_path / "first").model), logits(trained), atol=1e-1)
    one, both = (read_adapter(tmp_path / name).tensors for name in ("first", "second"))
    for name, tensor in one.items():
        is_b = "lora_B" in name
        assert torch.equal(both[name][:, :2] if is_b else both[name][:2], 2 * tensor if is_b else tensor)


@pytest.fixture
def little_room():
    """Let no file grow over four kilobytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_where_there_is_no_room_it_is_said(tmp_path, little_room):
    """In one line, with the folder and what to do."""
    base = make_base()
    with pytest.raises(IncompleteError, match=f"{tmp_path}: cannot be written: .*; make room, then start it again"):
        save_adapter(train(base, seed=1), tmp_path, base=base)
