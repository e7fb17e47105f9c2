"""Training of an adapter by TRL: supervised, DPO or KTO.

What is trained is low-rank matrices beside every linear layer (LoRA, Hu et al. 2022); the model itself is not changed. Checkpoints are
kept in the folder of the work, and a training that was ended goes on from the last whole one.

Started by `accelerate launch` several processes train one adapter, each on its share of every batch (data parallel). The main one
alone looks at it and writes.
"""

import logging
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from demur.errors import UsageError
from demur.tune.base import Base
from demur.tune.checkpoint import find_last, load_weights, mark_whole, writes_to
from demur.tune.dealing import deal
from demur.tune.lessons import find_openers, make_lessons
from demur.tune.pair import Pair
from demur.tune.processes import count_processes
from demur.tune.recipe import Method, Recipe
from demur.tune.reference import References, add_reference
from demur.tune.supervised import make_collator, make_rows, supervised_trainer
from demur.tune.watcher import Watcher, Watching

__all__ = ["train_adapter"]

_CHECKPOINTS = 8
"""A training keeps so many times what it has, so that little is lost when it ends early."""
_LONGEST = 512
"""Tokens of a prompt with its answer; what is longer loses its end."""
_SCALE = 2
_AT_ONCE: dict[Method, int] = {"sft": 8, "dpo": 4, "kto": 4}
"""Lessons or pairs that go through the model together where there is no GPU: sixteen take 10 GB for 135 million parameters."""
_WAIT_S = 24 * 60 * 60
"""Longest that processes wait for the main one, which may be measuring; where it dies the launcher ends them."""
_WATCHED = "watched.json"


def train_adapter(
    base: Base,
    pairs: Sequence[Pair],
    *,
    recipe: Recipe,
    work: Path,
    watch: Watching | None = None,
    references: References | None = None,
    on_progress: Callable[[int, int, float | None], None] = lambda *_: None,
) -> Any:
    """Train an adapter.

    Args:
        base: what it is put on; its model is left wrapped in the adapter.
        pairs: to train on, in an order that does not matter.
        recipe: how; its batch is that of all processes together.
        work: folder for checkpoints; those of the same training that are there are gone on from.
        watch: asked at every checkpoint; the training ends when it was better three looks ago than since, and keeps what was best.
        references: of earlier trainings, so that they are not computed again; what is computed is put in.
        on_progress: told the steps done, those there are, and the loss where it is known; in the main process.

    Returns:
        The `peft.PeftModel`, the same in every process.

    Raises:
        UsageError: the batch cannot be dealt out to the processes.
        IncompleteError: the disk is full or cannot be written to; started again it goes on from the last whole checkpoint.
    """
    import torch
    import transformers

    logging.getLogger("trl").setLevel(logging.ERROR)
    transformers.utils.logging.set_verbosity_error()
    torch.manual_seed(recipe.seed)
    watcher = None if watch is None else Watcher(watch, work / _WATCHED)
    with writes_to(work):
        trainer = _make_trainer(base, pairs, recipe, work)
        weigh_sides = trainer.weigh_sides if recipe.method == "sft" else lambda _: None
        trainer.add_callback(_callback(work, on_progress, watcher, weigh_sides))
        trainer.remove_callback(transformers.PrinterCallback)
        if watcher is None or not watcher.is_past_its_best:
            if recipe.strength is not None:
                known = {} if references is None else references
                add_reference(trainer, recipe.method, known, base=base)
            _run(trainer, find_last(work))
    if watcher is not None and watcher.best not in (None, trainer.state.global_step):
        load_weights(trainer.model, work, watcher.best)
    return trainer.model


def _run(trainer: Any, checkpoint: str | None) -> None:
    try:
        trainer.train(resume_from_checkpoint=checkpoint)
    except RuntimeError as error:
        if trainer.control.should_save:  # torch has no error of its own for a file that it cannot write
            raise OSError(f"torch could not save a checkpoint ({str(error).partition(chr(10))[0]})") from None
        raise


def _rows(base: Base, pairs: Sequence[Pair], recipe: Recipe) -> Any:
    """Put pairs as the trainer takes them: lessons in their order for all epochs, others mixed, since KTO goes through them as they stand."""
    import datasets

    datasets.disable_progress_bars()
    if recipe.method == "sft":
        lessons = make_lessons(pairs, base.tokenizer, longest=_LONGEST)
        dealt = deal(lessons, batch=recipe.batch, epochs=recipe.epochs, seed=recipe.seed)
        return datasets.Dataset.from_list(make_rows(dealt))
    rows = [{"prompt": _prompt(pair), "chosen": _said(pair.chosen), "rejected": _said(pair.rejected)} for pair in pairs]
    return datasets.Dataset.from_list(rows).shuffle(seed=recipe.seed)


def _prompt(pair: Pair) -> list[dict[str, str]]:
    return [{"role": turn.role, "content": turn.text} for turn in pair.prompt]


def _said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def _make_trainer(base: Base, pairs: Sequence[Pair], recipe: Recipe, work: Path) -> Any:
    import peft
    import torch
    import trl

    has_gpu = torch.cuda.is_available()
    share = _share(recipe)
    at_once = share if has_gpu else _find_divisor(share, _AT_ONCE[recipe.method])
    rows = _rows(base, pairs, recipe)
    epochs = 1 if recipe.method == "sft" else recipe.epochs
    n_lessons = 2 * len(rows) if recipe.method == "kto" else len(rows)  # either answer is one by itself
    n_steps = -(-n_lessons // recipe.batch) * epochs
    common: dict[str, Any] = {
        "output_dir": str(work),
        "per_device_train_batch_size": at_once,
        "gradient_accumulation_steps": share // at_once,
        "num_train_epochs": epochs,
        "learning_rate": recipe.rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": max(1, n_steps // 20),
        "max_length": _LONGEST,
        "seed": recipe.seed,
        "bf16": has_gpu,
        "use_cpu": not has_gpu,
        "activation_checkpointing": False,  # the models are small, and it costs a third of the time
        "logging_steps": 1,
        "save_steps": max(1, -(-n_steps // _CHECKPOINTS)),
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": has_gpu,
        "ddp_timeout": _WAIT_S,
    }
    if recipe.strength is not None:
        common["beta"] = recipe.strength
    kind = recipe.method.upper()
    config, trainer = getattr(trl, f"{kind}Config"), getattr(trl, f"{kind}Trainer")
    special: dict[str, Any] = {}
    if recipe.method == "sft":
        trainer = supervised_trainer()
        special = {
            "data_collator": make_collator(base.tokenizer.eos_token_id),
            "openers": find_openers(pairs, base.tokenizer),
        }
        common |= {
            "dataset_kwargs": {"skip_prepare_dataset": True},
            "remove_unused_columns": False,
            "train_sampling_strategy": "sequential",
        }
    lora = peft.LoraConfig(
        r=recipe.rank, lora_alpha=_SCALE * recipe.rank, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    settings = config(**common)
    settings._n_gpu = min(settings.n_gpu, 1)  # noqa: SLF001 -- or one process would put a whole batch on each GPU that it sees
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers by old names
        return trainer(
            model=base.model,
            args=settings,
            train_dataset=rows,
            processing_class=base.tokenizer,
            peft_config=lora,
            **special,
        )


def _share(recipe: Recipe) -> int:
    """Give the pairs of a batch that each process takes.

    Raises:
        UsageError: they cannot be dealt out.
    """
    n, least = count_processes(), 2 if recipe.method == "kto" else 1  # KTO sets each answer against another prompt
    if recipe.batch % n or recipe.batch < least * n:
        raise UsageError(
            f"batch: found {recipe.batch} over {n} processes; expected as many for each, {least} at least: "
            f"choose another --num_processes"
        )
    return recipe.batch // n


def _find_divisor(batch: int, most: int) -> int:
    """Give the most pairs at a time of which a batch is a multiple; at least 2, which KTO needs, or all of it."""
    return next((n for n in range(most, 1, -1) if batch % n == 0), batch)


def _callback(
    work: Path,
    progress: Callable[[int, int, float | None], None],
    watcher: Watcher | None,
    weigh_sides: Callable[[float], None],
) -> Any:
    import accelerate
    import transformers

    class Callback(transformers.TrainerCallback):  # type: ignore[misc]  # of a library without types
        """Tells how far it is, has the worse side weigh more, and ends what no longer gets better."""

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002 -- the signature it is called with
            self._weigh(state.global_step)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:  # noqa: ARG002 -- likewise
            if state.is_world_process_zero:
                progress(state.global_step, state.max_steps, (logs or {}).get("loss"))

        def on_save(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:  # noqa: ARG002 -- likewise
            if watcher is not None:
                watcher.look(model, state.global_step)
                control.should_training_stop |= watcher.is_past_its_best
                self._weigh(state.global_step)
            accelerate.PartialState().wait_for_everyone()  # each process saves something of its own
            if state.is_world_process_zero:
                mark_whole(work, state.global_step)

        def _weigh(self, step: int) -> None:
            if watcher is not None:
                weigh_sides(watcher.lean_at(step))

    return Callback()
