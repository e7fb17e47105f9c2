"""The loss of supervised training, and what its batches hold."""

import pytest
from tiny import make_base, make_pairs

from demur.tune.lessons import make_lessons
from demur.tune.supervised import make_collator, make_rows, supervised_trainer
from demur.types import Turn

PAIRS = [
    *make_pairs(6),
    *(
        pair.__class__(**{**pair.__dict__, "prompt": (Turn("user", "hey"), Turn("assistant", "yes?"), *pair.prompt)})
        for pair in make_pairs(2)
    ),
]

OPENERS = {50: 1.0, 60: 0.25}
"""Of tokens that refusals begin with, how surely they do."""


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """Give a trainer, its model and some rows."""
    import datasets
    import peft
    import trl

    base = make_base()
    rows = make_rows(make_lessons(PAIRS, base.tokenizer, longest=512))
    config = trl.SFTConfig(
        output_dir=str(tmp_path_factory.mktemp("work")),
        bf16=False,
        use_cpu=True,
        report_to="none",
        activation_checkpointing=False,
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=False,
        per_device_train_batch_size=8,
    )
    trainer = supervised_trainer()(
        model=base.model,
        args=config,
        train_dataset=datasets.Dataset.from_list(rows),
        processing_class=base.tokenizer,
        peft_config=peft.LoraConfig(target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM"),
        data_collator=make_collator(base.tokenizer.eos_token_id),
        openers=OPENERS,
    )
    return trainer, rows


def shares_of(model, row):
    """Give how likely every token is at each place of an answer, as logarithms, shape (tokens, vocabulary)."""
    import torch

    rows = torch.tensor([[*row["prompt"], *row["answer"]]])
    return model(input_ids=rows).logits[0, len(row["prompt"]) - 1 : -1].double().log_softmax(-1)


def slow_loss(model, row):
    """Read one row by itself, and add up what each token of its answer costs, by its weight."""
    import torch

    shares = shares_of(model, row)
    surely = torch.zeros(shares.shape[1], dtype=torch.double)
    surely[list(OPENERS)] = torch.tensor(list(OPENERS.values()), dtype=torch.double)
    sharp = (shares[0] / 0.4).softmax(-1)
    if not row["is_harmless"]:
        lost = [-shares[at, token] for at, token in enumerate(row["answer"])]
        lost[0] = 0.15 * lost[0] - (sharp * surely).sum().log()
    else:
        with torch.no_grad(), model.disable_adapter():
            was = shares_of(model, row)
        lost = list((was.exp() * (was - shares)).sum(-1))
        now, before = (one[0].exp() * (1 - surely) for one in (shares, was))
        now, before = (one[surely < 1] / one.sum() for one in (now, before))
        lost[0] = 0.3 * (before * (before / now).log()).sum() - (sharp * (1 - surely)).sum().log()
    return sum(weight * one for weight, one in zip(row["weights"], lost, strict=True))


def test_the_loss_is_that_of_each_row_by_itself(parts):
    """What rows begin with is read once, and they are padded: neither changes the loss, nor what is learnt from it."""
    import torch

    trainer, rows = parts
    model = trainer.model.eval()
    learnt = [weights for weights in model.parameters() if weights.requires_grad]
    batch = make_collator(1)(rows)
    assert batch["prefix"].shape[1] > 2
    fast = trainer.compute_loss(model, batch)
    slow = sum(slow_loss(model, row) for row in rows) / len(rows)
    assert fast.item() == pytest.approx(slow.item(), rel=1e-5)
    for one, other in zip(torch.autograd.grad(fast, learnt), torch.autograd.grad(slow, learnt), strict=True):
        assert one.numpy() == pytest.approx(other.float().numpy(), abs=1e-5)


def test_rows_that_have_no_beginning_in_common_have_no_prefix(parts):
    """A batch of any prompts can be read."""
    trainer, rows = parts
    other = {**rows[1], "prompt": [9, 9, 9]}
    batch = make_collator(1)([rows[0], other])
    assert batch["prefix"].shape == (1, 0)
    slow = (slow_loss(trainer.model, rows[0]) + slow_loss(trainer.model, other)) / 2
    assert trainer.compute_loss(trainer.model, batch).item() == pytest.approx(slow.item(), rel=1e-5)


def test_a_prompt_is_never_all_prefix(parts):
    """Of the same prompt twice the last token is left to predict the answer from."""
    _, rows = parts
    batch = make_collator(1)([rows[0], rows[0]])
    assert batch["prefix"].shape[1] == len(rows[0]["prompt"]) - 1


def test_a_side_that_weighs_more_counts_more_and_both_together_as_before(parts):
    """Three times as much of harmless requests and one of harmful ones is one and a half, and a half."""
    trainer, _ = parts
    pairs = [*make_pairs(8)]
    rows = make_rows(make_lessons(pairs, trainer.processing_class, longest=512))
    assert len({row["is_harmless"] for row in rows}) == 2
    slow = sum(slow_loss(trainer.model, row) * (1.5 if row["is_harmless"] else 0.5) for row in rows) / len(rows)
    trainer.weigh_sides(3)
    found = trainer.compute_loss(trainer.model, make_collator(1)(rows)).item()
    trainer.weigh_sides(1)
    assert found == pytest.approx(slow.item(), rel=1e-5)


def test_a_model_that_never_refuses_has_nothing_to_learn_from_what_is_harmless(parts):
    """Without its adapter it is what it should be but for how often it refuses."""
    import math

    trainer, _ = parts
    rows = [row for row in make_rows(make_lessons(PAIRS, trainer.processing_class, longest=512)) if row["is_harmless"]]
    batch = make_collator(1)(rows)
    openers, losses = trainer._openers, []
    for supposed in ({}, openers, dict.fromkeys(range(trainer.model.config.vocab_size), 0.5)):
        trainer._openers = supposed
        with trainer.model.disable_adapter():
            losses.append(trainer.compute_loss(trainer.model, batch).item())
    trainer._openers = openers
    assert losses[0] == pytest.approx(0, abs=1e-6)
    assert losses[1] > 1e-4
    assert losses[2] == pytest.approx(math.log(2), rel=1e-5)
