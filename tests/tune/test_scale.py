"""How strongly an adapter is put on."""

import pytest
from tiny import make_base

from demur.tune.scale import choose_scale
from demur.tune.watcher import Watched

RATES = {1.0: (0.9, 0.5), 0.9: (0.8, 0.7), 0.8: (0.7, 0.8), 0.7: (0.6, 0.9), 0.6: (0.5, 0.9)}
"""Of an adapter that refuses too much: what is refused and what is answered at each scale."""


@pytest.fixture
def model():
    """Give a model with an adapter by chance."""
    import peft

    config = peft.LoraConfig(target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
    return peft.get_peft_model(make_base().model, config)


def said(model):
    """Give what a model says of some tokens, without its adapter and with it."""
    import torch

    rows = torch.tensor([[5, 6, 7]])
    with torch.no_grad():
        with model.disable_adapter():
            plain = model(input_ids=rows).logits
        return plain, model(input_ids=rows).logits


def watching(rates):
    """Make looks that see these rates, from the mildest scale on."""
    left = iter(sorted(rates))
    return lambda _: Watched(*rates[next(left)], 48)


def test_the_scale_is_that_at_which_the_lesser_side_is_greatest_and_the_milder_of_two(model):
    """At .9 and at .8 it is .7."""
    assert choose_scale(model, watching(RATES)) == 0.8


def test_the_adapter_is_left_at_that_scale(model):
    """What it adds to each matrix is so many times what it was; at 0 it would be the model without it."""
    matrices = {name: one for name, one in model.named_parameters() if "lora_" in name}
    before = {name: one.detach().clone() for name, one in matrices.items()}
    plain, whole = said(model)
    choose_scale(model, watching(RATES))
    for name, one in matrices.items():
        assert one.detach().numpy() == pytest.approx((0.8 if "lora_B" in name else 1.0) * before[name].numpy())
    assert 0 < (said(model)[1] - plain).abs().max() < (whole - plain).abs().max()


def test_one_that_is_best_as_it_was_trained_is_left_so(model):
    """To the bit."""
    before = {name: one.detach().clone() for name, one in model.named_parameters()}
    assert choose_scale(model, watching({scale: (scale, 1.0) for scale in RATES})) == 1
    assert all(one.equal(before[name]) for name, one in model.named_parameters())
