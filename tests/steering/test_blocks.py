"""The hooks: what they read, what they change, and that they are gone afterwards."""

import numpy as np
import pytest

from demur.errors import UsageError
from demur.steering.blocks import adding, find_blocks, reading, removing

KINDS = ("llama", "gpt2", "gpt_neox", "falcon_h1")


@pytest.fixture(scope="module", params=KINDS)
def model(request):
    """A decoder with weights by chance, of some architecture; the last one's blocks give tuples back."""
    import torch
    import transformers

    torch.manual_seed(0)
    sizes = {"vocab_size": 50, "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4}
    if request.param == "gpt2":
        sizes = {"vocab_size": 50, "n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 32}
    elif request.param == "falcon_h1":
        sizes |= {
            "num_key_value_heads": 2,
            "intermediate_size": 48,
            "mamba_d_ssm": 32,
            "mamba_n_heads": 4,
            "mamba_d_head": 8,
            "mamba_d_state": 8,
            "mamba_chunk_size": 8,
            "head_dim": 8,
        }
    else:
        sizes |= {"intermediate_size": 48}
    config = transformers.AutoConfig.for_model(request.param, **sizes)
    return transformers.AutoModelForCausalLM.from_config(config).eval()


@pytest.fixture
def rows():
    """Three prompts of six tokens."""
    import torch

    return torch.arange(18).reshape(3, 6) + 5


def logits(model, rows):
    """What the model says of every next token."""
    import torch

    with torch.inference_mode():
        return model(input_ids=rows, use_cache=False).logits


def test_what_is_read_is_what_enters_each_block(model, rows):
    """The state read at block l is ``hidden_states[l]`` of transformers, and reading changes no bit of what is said."""
    import torch

    blocks, found, before = find_blocks(model), {}, logits(model, rows)
    with reading(blocks, lambda layer, hidden: found.setdefault(layer, hidden.clone())):
        during = logits(model, rows)
    with torch.inference_mode():
        states = model(input_ids=rows, use_cache=False, output_hidden_states=True).hidden_states
    assert torch.equal(before, during)
    assert sorted(found) == [0, 1, 2]
    assert all(torch.allclose(found[layer], states[layer], atol=1e-6) for layer in found)


def test_every_row_gets_its_own_vector_at_its_own_block(model, rows):
    """Rows with different vectors at different blocks say what each of them says alone."""
    import torch

    blocks, vectors = find_blocks(model), torch.randn(3, 32)
    with adding(blocks, [0, 2, 1], vectors):
        together = logits(model, rows)
    for row, layer in enumerate([0, 2, 1]):
        with adding(blocks, [layer], vectors[row : row + 1]):
            alone = logits(model, rows[row : row + 1])
        assert torch.allclose(together[row], alone[0], atol=1e-4)
    assert not torch.allclose(together, logits(model, rows), atol=1e-2)


def test_a_direction_taken_out_is_in_no_state(model, rows):
    """No state that a block works on has anything left along the direction of its row, and other rows keep it."""
    import torch

    blocks = find_blocks(model)
    units = torch.nn.functional.normalize(torch.randn(3, 32), dim=1)
    left = []
    with (
        removing(blocks, units),
        reading(blocks, lambda _, hidden: left.append(torch.einsum("rtw,sw->rst", hidden, units).abs().amax(-1))),
    ):
        logits(model, rows)
    for along in left:  # rows against directions
        assert float(along.diagonal().max()) < 1e-4
        assert float((along + torch.eye(3)).min()) > 1e-4


def test_hooks_are_gone_also_after_an_exception(model, rows):
    """After an exception in the middle of a pass the model says bit for bit what it said before."""
    import torch

    def fail(*_):
        raise RuntimeError("read")

    def hooks():
        # transformers keeps some of its own.
        return [len(module._forward_hooks) + len(module._forward_pre_hooks) for module in model.modules()]

    blocks, before, others = find_blocks(model), logits(model, rows), hooks()
    vectors = torch.ones(3, 32)
    with (
        pytest.raises(RuntimeError, match="read"),
        adding(blocks, [0, 1, 2], vectors),
        removing(blocks, vectors / 32**0.5),
        reading(blocks, fail),
    ):
        logits(model, rows)
    assert torch.equal(before, logits(model, rows))
    assert hooks() == others


def test_a_model_without_blocks_is_told_so():
    """A model whose layers are no list of modules ends with one line."""
    import torch

    class Strange(torch.nn.Module):
        config = type("C", (), {"get_text_config": lambda _: type("T", (), {"num_hidden_layers": 4})})()

    with pytest.raises(UsageError, match="no list of 4 blocks"):
        find_blocks(Strange())


def test_vectors_take_the_precision_of_the_states():
    """A vector in 64 bits leaves a state in 32 as precise as it was."""
    import torch

    layer = torch.nn.ModuleList([torch.nn.Identity()])
    with adding(layer, [0], torch.tensor(np.ones((1, 2)))):
        assert layer[0](torch.zeros(1, 1, 2)).dtype == torch.float32
