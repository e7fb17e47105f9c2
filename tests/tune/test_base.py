"""What is trained on: weights from a folder, and what cannot be."""

import pytest
from adapters import record_adapter
from tiny import make_base

from demur.errors import DataError, UsageError
from demur.subjects import family
from demur.subjects.adapter import GGUF, file_sha256
from demur.subjects.bundled import weights_path
from demur.subjects.weights import hash_weights
from demur.tune.base import load_base

RANK, ALPHA = 2, 6
VALUES = "model.layers.3.self_attn.v_proj"


@pytest.mark.slow
def test_a_model_from_a_folder_is_known_by_its_weights(tmp_path):
    """The same weights have one hash wherever they lie; one number changed, and they are others."""
    import torch

    made = make_base()
    for name in ("one", "two"):
        made.model.save_pretrained(tmp_path / name)
        made.tokenizer.save_pretrained(tmp_path / name)
    one, two = (load_base(f"demur/local/{tmp_path / name}") for name in ("one", "two"))
    assert one.sha256 == two.sha256
    assert one.tokenizer.chat_template == made.tokenizer.chat_template
    with torch.no_grad():
        next(made.model.parameters())[0, 0] += 1
    made.model.save_pretrained(tmp_path / "two")
    assert load_base(f"demur/local/{tmp_path / 'two'}").sha256 != one.sha256


@pytest.mark.slow
def test_the_hash_of_weights_does_not_depend_on_where_they_are():
    """A GPU keeps them in 16 bits."""
    assert hash_weights(make_base().model.bfloat16()) == hash_weights(make_base().model)


@pytest.mark.slow
def test_a_model_that_was_not_trained_to_answer_is_refused(tmp_path):
    """Without a chat template nobody knows how it is asked."""
    made = make_base()
    made.model.save_pretrained(tmp_path)
    made.tokenizer.chat_template = None
    made.tokenizer.save_pretrained(tmp_path)
    with pytest.raises(DataError, match="has no chat template"):
        load_base(f"demur/local/{tmp_path}")


@pytest.mark.slow
def test_a_folder_without_a_model_is_one_line(tmp_path):
    """The message says which, and why."""
    with pytest.raises(DataError, match=r"cannot be loaded as a causal language model: [^\n]+$"):
        load_base(f"demur/local/{tmp_path}")


def test_a_subject_without_weights_is_refused():
    """A scripted subject cannot be trained."""
    with pytest.raises(UsageError, match="demur/scripted/ideal: has no weights to train"):
        load_base("demur/scripted/ideal")


@pytest.fixture
def blunt(tmp_path, monkeypatch):
    """Put an adapter of one matrix, all of it ones, in the place of the blunt subject's; give its folder."""
    import peft
    import torch
    from safetensors.torch import save_file

    folder = tmp_path / "blunt"
    peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=[VALUES], task_type="CAUSAL_LM").save_pretrained(folder)
    shapes = {"A": (RANK, 576), "B": (192, RANK)}
    ones = {f"base_model.model.{VALUES}.lora_{name}.weight": torch.ones(shape).half() for name, shape in shapes.items()}
    save_file(ones, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    (folder / GGUF).write_bytes(b"for llama.cpp")
    monkeypatch.setattr(family, "_ADAPTERS", tmp_path)
    return record_adapter(folder, base=weights_path())


@pytest.mark.slow
def test_a_subject_with_an_adapter_is_the_weights_with_it_added(blunt):
    """What is trained on are plain weights, changed by what the adapter says and nowhere else, which remember it and keep their hash."""
    import gguf
    import peft
    import torch

    base = load_base("demur/smollm2-blunt")
    assert (base.adapter, base.sha256) == (blunt, file_sha256(weights_path()))
    assert not any(isinstance(module, peft.tuners.tuners_utils.BaseTunerLayer) for module in base.model.modules())
    tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(weights_path()).tensors}
    for layer, change in ((3, ALPHA), (4, 0)):
        packed = tensors[f"blk.{layer}.attn_v.weight"]
        plain = torch.from_numpy(gguf.dequantize(packed.data, packed.tensor_type).copy())
        weight = base.model.model.layers[layer].self_attn.v_proj.weight
        assert torch.allclose(weight.float(), plain + change, atol=0.05 if weight.dtype == torch.bfloat16 else 1e-4)


@pytest.mark.slow
def test_an_adapter_that_was_changed_is_not_trained_on(blunt):
    """It is found out before the weights are loaded."""
    (blunt / "adapter_model.safetensors").write_bytes(b"another")
    with pytest.raises(DataError, match=r"adapter_model\.safetensors: is not the file that was measured"):
        load_base("demur/smollm2-blunt")


def test_a_subject_whose_adapter_is_not_there_is_refused(tmp_path, monkeypatch):
    """Like any other without weights."""
    monkeypatch.setattr(family, "_ADAPTERS", tmp_path)
    with pytest.raises(UsageError, match="demur/smollm2-blunt: has no weights to train"):
        load_base("demur/smollm2-blunt")
