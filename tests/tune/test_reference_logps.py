"""Reference log-probabilities computed once, held against TRL's own."""

import pytest
from tiny import make_base, make_pairs

from demur.tune import reference
from demur.tune.recipe import Recipe
from demur.tune.reference import add_reference
from demur.tune.training import _make_trainer as make_trainer
from demur.tune.training import train_adapter

pytestmark = pytest.mark.slow

PAIRS = make_pairs(16)


def recipe_of(method, beta):
    """Give a recipe of four steps."""
    return Recipe(method, beta, rank=4, learning_rate=2e-2, epochs=1, batch=4 if method == "dpo" else 8)


def weights_of(model):
    """Give the adapter's matrices by name."""
    import peft

    return {name: value.detach().numpy().copy() for name, value in peft.get_peft_model_state_dict(model).items()}


def differ(weights, others):
    """Give the largest difference between weights."""
    return max(abs(weights[name] - others[name]).max() for name in weights)


@pytest.mark.parametrize("method", ["dpo", "kto"])
def test_they_are_those_of_trl(method, tmp_path):
    """Beside each lesson stand the same figures that TRL puts there."""
    base, recipe = make_base(), recipe_of(method, 0.1)
    trainer = make_trainer(base, PAIRS, recipe, tmp_path)
    trainer._precompute_model_hash = "of no account"
    theirs = trainer._precompute_ref_logps(trainer.train_dataset, "train", 4)
    add_reference(trainer, method, {}, base=base)
    added = [name for name in trainer.train_dataset.column_names if name.startswith("ref_")]
    assert set(added) == {name for name in theirs.column_names if name.startswith("ref_")}
    for name in added:
        assert trainer.train_dataset[name] == pytest.approx(list(theirs[name]), rel=1e-5)


@pytest.mark.parametrize("method", ["dpo", "kto"])
def test_they_are_computed_once_for_two_betas(method, monkeypatch, tmp_path):
    """A second beta computes nothing and comes to the same adapter as by itself; other pairs do not pass for these."""
    alone = weights_of(train_adapter(make_base(), PAIRS, recipe=recipe_of(method, 0.5), work=tmp_path / "alone"))
    computed, known = [], {}
    compute = reference._compute
    monkeypatch.setattr(reference, "_compute", lambda trainer: computed.append(trainer) or compute(trainer))
    for beta in (0.1, 0.5):
        model = train_adapter(
            make_base(), PAIRS, recipe=recipe_of(method, beta), work=tmp_path / f"{beta}", references=known
        )
    assert len(computed) == 1
    assert differ(weights_of(model), alone) < 1e-6
    train_adapter(make_base(), PAIRS[:8], recipe=recipe_of(method, 0.1), work=tmp_path / "fewer", references=known)
    assert len(computed) == 2


@pytest.mark.parametrize("method", ["dpo", "kto"])
def test_they_are_what_is_trained_against(method, monkeypatch, tmp_path):
    """The adapter is the one that TRL trains when it asks the model at each step, and false figures would make another."""
    recipe = recipe_of(method, 0.1)
    ours = weights_of(train_adapter(make_base(), PAIRS, recipe=recipe, work=tmp_path / "ours"))
    compute = reference._compute
    monkeypatch.setattr(reference, "_compute", lambda trainer: tuple([0.0] * len(one) for one in compute(trainer)))
    false = weights_of(train_adapter(make_base(), PAIRS, recipe=recipe, work=tmp_path / "false"))
    monkeypatch.setattr("demur.tune.training.add_reference", lambda *_, **__: None)
    theirs = weights_of(train_adapter(make_base(), PAIRS, recipe=recipe, work=tmp_path / "theirs"))
    assert differ(ours, theirs) < 1e-4
    assert differ(ours, false) > 1e-3
