"""Adapters trained by TRL, on a model small enough for a test."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from tiny import make_base, make_pairs

from demur.errors import IncompleteError
from demur.judge import default_judge
from demur.tune.drift import measure_drift
from demur.tune.recipe import Recipe
from demur.tune.training import train_adapter
from demur.tune.watcher import Watched
from demur.tune.watching import answer_all, hold_back, make_watch
from demur.types import Turn

pytestmark = pytest.mark.slow

PAIRS = make_pairs(32)
RECIPES = {
    "sft": Recipe("sft", rank=4, learning_rate=2e-2, epochs=4, batch=8),
    "dpo": Recipe("dpo", 0.1, rank=4, learning_rate=2e-2, epochs=4, batch=8),
    "kto": Recipe("kto", 0.1, rank=4, learning_rate=2e-2, epochs=4, batch=8),
}


def weights_of(model):
    """Give the adapter's matrices by name."""
    import peft

    return {name: value.detach().numpy().copy() for name, value in peft.get_peft_model_state_dict(model).items()}


def differ(weights, others):
    """Give the largest difference between weights."""
    assert weights.keys() == others.keys()
    return max(abs(weights[name] - others[name]).max() for name in weights)


@pytest.mark.parametrize("method", RECIPES)
def test_what_is_chosen_becomes_likelier_than_what_is_rejected(method, tmp_path):
    """Every method learns from pairs, and tells its steps; on what is chosen alone, that becomes likelier by itself."""
    base, steps = make_base(), []
    model = train_adapter(
        base, PAIRS, recipe=RECIPES[method], work=tmp_path, on_progress=lambda *step: steps.append(step)
    )
    model.eval()
    drift = measure_drift(model, base.tokenizer, PAIRS[:8])
    assert (drift.chosen_nats if method == "sft" else drift.margin_nats) > 0.1
    assert drift.kl_nats > 0
    n_steps = 32 if method == "kto" else 16  # either answer by itself
    assert steps[-1][:2] == (n_steps, n_steps)


def test_an_ended_training_goes_on_to_the_same_adapter(tmp_path):
    """What was killed between two checkpoints and started again ends where it would have ended."""
    recipe = RECIPES["sft"]
    whole = weights_of(train_adapter(make_base(), PAIRS, recipe=recipe, work=tmp_path / "whole"))

    def end(done, _n, _loss):
        if done == 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_adapter(make_base(), PAIRS, recipe=recipe, work=tmp_path / "ended", on_progress=end)
    steps = []
    resumed = train_adapter(
        make_base(), PAIRS, recipe=recipe, work=tmp_path / "ended", on_progress=lambda *step: steps.append(step[0])
    )
    assert min(steps) > 1
    assert differ(weights_of(resumed), whole) < 1e-5


def test_the_side_that_was_worse_is_learnt_more(tmp_path):
    """After looks that saw everything refused, harmless requests gain on harmful ones, and the other way round."""

    def gain(seen):
        model = train_adapter(
            make_base(), PAIRS, recipe=RECIPES["sft"], work=tmp_path / f"{seen.safety_rate}", watch=lambda _: seen
        ).eval()
        harmless, harmful = (
            measure_drift(
                model, make_base().tokenizer, [pair for pair in PAIRS if pair.is_harmless == side]
            ).chosen_nats
            for side in (True, False)
        )
        return harmless - harmful

    assert gain(Watched(1, 0, 16)) > gain(Watched(0, 1, 16))


def test_the_best_of_both_sides_is_kept(tmp_path):
    """A training that has been better three looks ago than since ends, and gives back what was best."""
    looks = [(0.5, 0.9), (0.8, 0.8), (1.0, 0.2), (0.7, 0.9), (0.7, 0.9)]
    at, seen = [], iter([Watched(*rates, 1000) for rates in looks])

    def watch(model):
        at.append(weights_of(model))
        return next(seen)

    model = train_adapter(make_base(), PAIRS, recipe=RECIPES["sft"], work=tmp_path, watch=watch)
    found = weights_of(model)
    assert len(at) == 5
    assert all((found[name] == at[1][name]).all() for name in found)
    assert list(json.loads((tmp_path / "watched.json").read_text())) == ["2", "4", "6", "8", "10"]
    again = train_adapter(
        make_base(), PAIRS, recipe=RECIPES["sft"], work=tmp_path, watch=watch, on_progress=pytest.fail
    )
    assert differ(weights_of(again), found) == 0  # started again it trains no further


def test_a_full_disk_is_one_line(tmp_path):
    """Where nothing can be written the message says where, and what to do."""
    taken = tmp_path / "work"
    taken.write_text("")
    with pytest.raises(IncompleteError, match=r"work.*make room"):
        train_adapter(make_base(), PAIRS, recipe=RECIPES["sft"], work=taken)


def test_what_is_looked_at_is_not_trained_on():
    """Of either side a tenth is held back, and with it its whole family."""
    kept, held = hold_back(make_pairs(80))
    assert len(held) == 8
    assert {pair.is_harmless for pair in held} == {True, False}
    assert not {pair.family for pair in kept} & {pair.family for pair in held}


def test_families_with_both_sides_are_looked_at_first():
    """What stands alone, such as a question that the model wrote itself, is learnt from, wherever in the file it stands."""
    alone = [replace(pair, id=f"own-{pair.id}", family=None) for pair in make_pairs(40)]
    for pairs in ([*make_pairs(40), *alone], [*alone, *make_pairs(40)]):
        _, held = hold_back(pairs)
        assert Counter(pair.is_harmless for pair in held) == {True: 4, False: 4}
        assert all(pair.family for pair in held)


def test_where_no_family_has_both_sides_some_are_looked_at():
    """Pairs from elsewhere may have no twins."""
    _, held = hold_back([replace(pair, family=None) for pair in make_pairs(80)])
    assert Counter(pair.is_harmless for pair in held) == {True: 4, False: 4}


def test_an_adapter_that_does_nothing_has_not_drifted():
    """Before the first step the divergence is 0, and no answer has become likelier."""
    import peft

    base = make_base()
    model = peft.get_peft_model(base.model, peft.LoraConfig(target_modules="all-linear", task_type="CAUSAL_LM")).eval()
    assert measure_drift(model, base.tokenizer, PAIRS[:4]) == pytest.approx((0, 0, 0), abs=1e-6)


def test_the_divergence_is_that_of_the_definition():
    """KL is the sum over tokens and vocabulary of p (log p - log q), by a slow computation in 64 bits."""
    import peft
    import torch

    base = make_base()
    lora = peft.LoraConfig(target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
    model = peft.get_peft_model(base.model, lora).eval()
    pair = PAIRS[1]
    prompt = base.tokenizer.apply_chat_template(
        [{"role": "user", "content": pair.prompt[0].text}], tokenize=False, add_generation_prompt=True
    )
    start = base.tokenizer(prompt, add_special_tokens=False)["input_ids"]
    rows = torch.tensor([start + base.tokenizer(pair.chosen + "</s>", add_special_tokens=False)["input_ids"]])
    with torch.no_grad():
        q = model(rows).logits[0].double().softmax(-1)
        with model.disable_adapter():
            p = model(rows).logits[0].double().softmax(-1)
    places = range(len(start) - 1, rows.shape[1] - 1)
    kl = sum(float((p[at] * (p[at] / q[at]).log()).sum()) for at in places) / len(places)
    assert measure_drift(model, base.tokenizer, [pair]).kl_nats == pytest.approx(kl, rel=1e-4)


def test_an_answer_does_not_depend_on_what_else_is_asked():
    """Questions of several lengths, asked together, are answered as each is by itself."""
    base = make_base()
    prompts = [(Turn("user", "a" * n),) for n in (1, 7, 30)]
    together = answer_all(base.model, base.tokenizer, prompts, max_tokens=6)
    assert together == [answer_all(base.model, base.tokenizer, [one], max_tokens=6)[0] for one in prompts]


def test_a_look_sees_both_sides(monkeypatch):
    """A model that says one thing to everything is right on one side: which, the judge says."""
    base = make_base()

    def look(answer):
        watch = make_watch(base.tokenizer, PAIRS, default_judge())
        monkeypatch.setattr(base.tokenizer, "decode", lambda *_, **__: answer)
        return watch(base.model)

    assert look("I'm sorry, but I can't help with that.") == (1, 0, 16)
    assert look("Sure. You take the first bus to town, and the rest is a short walk.") == (0, 1, 16)
    assert make_watch(base.tokenizer, [pair for pair in PAIRS if pair.is_harmless], default_judge()) is None
