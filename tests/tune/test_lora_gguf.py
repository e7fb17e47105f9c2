"""An adapter as llama.cpp reads it."""

from types import SimpleNamespace

import numpy as np
import pytest

from demur.errors import UsageError
from demur.tune.lora_gguf import Heads, export_gguf, rotate_rows


def test_rows_go_where_llama_cpp_looks_for_them():
    """Of each head the first half of the rows and the second are shuffled into each other, row by row."""
    n_heads, half = 3, 2
    rows = np.arange(n_heads * 2 * half)[:, None]
    expected = [
        head * 2 * half + part * half + place for head in range(n_heads) for place in range(half) for part in range(2)
    ]
    assert rotate_rows(rows, "model.layers.0.self_attn.q_proj", Heads(n_heads, 1)).ravel().tolist() == expected


def test_only_queries_and_keys_are_rotated():
    """Values, outputs and the feed-forward layers stay as they are."""
    rows = np.arange(8.0).reshape(4, 2)
    for module in ("self_attn.v_proj", "self_attn.o_proj", "mlp.up_proj", "mlp.down_proj"):
        assert rotate_rows(rows, module, Heads(2, 2)) is rows


def test_keys_have_heads_of_their_own():
    """Where several queries share a key, the keys are shuffled by their number."""
    rows = np.arange(8.0)[:, None]
    assert rotate_rows(rows, "k_proj", Heads(8, 1)).ravel().tolist() == [0, 4, 1, 5, 2, 6, 3, 7]


def test_another_architecture_is_refused(tmp_path):
    """What would load and answer nonsense is not written."""
    with pytest.raises(UsageError, match="gemma"):
        export_gguf(tmp_path, tmp_path / "adapter.gguf", config=SimpleNamespace(model_type="gemma"))


@pytest.mark.slow
def test_what_is_written_is_the_adapter(tmp_path):
    """Every matrix is there under llama.cpp's name, in half precision, with alpha; the rotation undone gives back what PEFT had."""
    import gguf
    import peft
    from safetensors.numpy import load_file
    from tiny import make_base

    base = make_base()
    lora = peft.LoraConfig(
        r=2, lora_alpha=4, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM"
    )
    peft.get_peft_model(base.model, lora).save_pretrained(tmp_path)
    export_gguf(tmp_path, tmp_path / "adapter.gguf", config=base.model.config)
    found = gguf.GGUFReader(tmp_path / "adapter.gguf")
    tensors = {tensor.name: tensor.data for tensor in found.tensors}
    saved = load_file(tmp_path / "adapter_model.safetensors")
    had = {name: tensor.astype(np.float16) for name, tensor in saved.items()}
    assert len(tensors) == len(had) == 2 * 2 * 7
    assert found.fields["adapter.lora.alpha"].contents() == 4
    assert found.fields["general.architecture"].contents() == "llama"
    layer = "base_model.model.model.layers.1."
    assert np.array_equal(tensors["blk.1.ffn_up.weight.lora_b"], had[f"{layer}mlp.up_proj.lora_B.weight"])
    assert np.array_equal(tensors["blk.1.attn_q.weight.lora_a"], had[f"{layer}self_attn.q_proj.lora_A.weight"])
    rotated = tensors["blk.1.attn_q.weight.lora_b"].reshape(4, 4, 2, 2).swapaxes(1, 2).reshape(32, 2)
    assert np.array_equal(rotated, had[f"{layer}self_attn.q_proj.lora_B.weight"])
