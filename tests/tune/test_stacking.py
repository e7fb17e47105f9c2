"""Two adapters as one: the model under it is the model under both."""

import pytest
from tiny import make_base

from demur.tune.stacking import Adapter, stack_adapters

pytestmark = pytest.mark.slow


def lora(model, *, seed, rank, alpha, modules):
    """Put an adapter by chance on a model; give the model under it, and the adapter."""
    import peft
    import torch

    torch.manual_seed(seed)
    config = peft.LoraConfig(
        r=rank, lora_alpha=alpha, target_modules=modules, init_lora_weights=False, task_type="CAUSAL_LM"
    )
    under = peft.get_peft_model(model, config)
    return under, Adapter(under.peft_config["default"], peft.get_peft_model_state_dict(under))


def logits(model):
    """Ask a model."""
    import torch

    with torch.inference_mode():
        return model(input_ids=torch.arange(3, 40)[None]).logits


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("all-linear", "all-linear"),
        (["q_proj", "up_proj"], ["q_proj", "down_proj"]),
        (["o_proj"], ["k_proj", "v_proj"]),
    ],
)
def test_a_model_under_the_stack_is_the_model_under_both(first, second):
    """Merged one after the other, or stacked and put on the plain model, they give the same logits: with other ranks, scales and modules."""
    import peft
    import torch

    under, one = lora(make_base().model, seed=1, rank=2, alpha=6, modules=first)
    before = logits(under)
    both, other = lora(under.merge_and_unload(), seed=2, rank=3, alpha=3, modules=second)
    stacked = stack_adapters(one, other)
    plain = make_base().model
    loaded = peft.get_peft_model(plain, stacked.config)
    missing = peft.set_peft_model_state_dict(loaded, stacked.tensors)
    assert not missing.unexpected_keys
    assert peft.get_peft_model_state_dict(loaded).keys() == stacked.tensors.keys()
    assert torch.allclose(logits(loaded), logits(both), atol=1e-4)
    assert not torch.allclose(logits(loaded), before, atol=1e-2)


def test_a_stack_has_one_rank_and_the_scale_one():
    """Every matrix has the ranks of both together, so that whoever reads it needs no rank for each module."""
    _, one = lora(make_base().model, seed=1, rank=2, alpha=6, modules=["q_proj"])
    _, other = lora(make_base().model, seed=2, rank=3, alpha=3, modules=["q_proj", "v_proj"])
    stacked = stack_adapters(one, other)
    assert (stacked.config.r, stacked.config.lora_alpha) == (5, 5)
    assert {min(tensor.shape) for tensor in stacked.tensors.values()} == {5}
    assert stacked.config.target_modules == {"q_proj", "v_proj"}
    assert (one.config.r, other.config.r) == (2, 3)
