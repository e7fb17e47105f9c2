"""Training of an adapter by TRL: supervised, DPO or KTO.

What is trained is low-rank matrices beside every linear layer (LoRA, Hu et al. 2022); the model itself is not changed. Checkpoints are
kept in the folder of the work, and a training that was ended goes on from the last one.
"""

import json
import logging
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from demur.errors import IncompleteError
from demur.output import write_file
from demur.records import read_text
from demur.tune.base import Base
from demur.tune.pair import Pair
from demur.tune.recipe import Method, Recipe

__all__ = ["Watched", "Watching", "train_adapter"]

_CHECKPOINTS = 8
"""A training keeps so many times what it has, so that little is lost when it ends early."""
_LONGEST = 512
"""Tokens of a prompt with its answer; what is longer loses its end."""
_SCALE = 2
_AT_ONCE = 4
"""Pairs that go through the model together where there is no GPU: sixteen of them take 9 GB for 135 million parameters."""
_WATCHED = "watched.json"
_PATIENCE = 3
"""Checkpoints in a row below the best that end a training: each look is at a few dozen answers, and a single one says little."""


class Watched(NamedTuple):
    """How both sides stand in the middle of a training, on pairs that are not trained on."""

    safety_rate: float
    utility_rate: float

    @property
    def lesser(self) -> float:
        """The worse of the two: nothing is gained by trading one for the other."""
        return min(self)


Watching = Callable[[Any], Watched]
"""Asks the model as it is."""


def train_adapter(
    base: Base,
    pairs: Sequence[Pair],
    *,
    recipe: Recipe,
    work: Path,
    watch: Watching | None = None,
    on_progress: Callable[[int, int, float | None], None] = lambda *_: None,
) -> Any:
    """Train an adapter.

    Args:
        base: what it is put on; its model is left wrapped in the adapter.
        pairs: to train on, in an order that does not matter.
        recipe: how.
        work: folder for checkpoints; those of the same training that are there are gone on from.
        watch: asked at every checkpoint; the training ends when it was better three looks ago than since, and keeps what was best.
        on_progress: told the steps done, those there are, and the loss where it is known.

    Returns:
        The `peft.PeftModel`.

    Raises:
        IncompleteError: the disk is full or cannot be written to.
    """
    import torch
    import transformers

    logging.getLogger("trl").setLevel(logging.ERROR)
    transformers.utils.logging.set_verbosity_error()
    torch.manual_seed(recipe.seed)
    watcher = None if watch is None else _Watcher(watch, work / _WATCHED)
    try:
        trainer = _make_trainer(base, _rows(pairs, recipe), recipe, work)
        trainer.add_callback(_callback(on_progress, watcher))
        trainer.remove_callback(transformers.PrinterCallback)
        trainer.train(resume_from_checkpoint=_last_checkpoint(work))
    except OSError as error:
        raise IncompleteError(
            f"{work}: cannot be written: {error.strerror or error}; make room, then start it again"
        ) from None
    if watcher is not None and watcher.best not in (None, trainer.state.global_step):
        _put_back(trainer.model, work / f"checkpoint-{watcher.best}")
    return trainer.model


def _rows(pairs: Sequence[Pair], recipe: Recipe) -> Any:
    """Put pairs as TRL takes them, mixed: KTO goes through them as they stand."""
    import datasets

    datasets.disable_progress_bars()
    rows = [_FORMS[recipe.method](pair) for pair in pairs]
    return datasets.Dataset.from_list(rows).shuffle(seed=recipe.seed)


def _prompt(pair: Pair) -> list[dict[str, str]]:
    return [{"role": turn.role, "content": turn.text} for turn in pair.prompt]


def _said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


_FORMS: dict[Method, Callable[[Pair], dict[str, Any]]] = {
    "sft": lambda pair: {"prompt": _prompt(pair), "completion": _said(pair.chosen)},
    "dpo": lambda pair: {"prompt": _prompt(pair), "chosen": _said(pair.chosen), "rejected": _said(pair.rejected)},
    "kto": lambda pair: {"prompt": _prompt(pair), "chosen": _said(pair.chosen), "rejected": _said(pair.rejected)},
}


def _make_trainer(base: Base, rows: Any, recipe: Recipe, work: Path) -> Any:
    import peft
    import torch
    import trl

    has_gpu = torch.cuda.is_available()
    at_once = recipe.batch if has_gpu else _find_divisor(recipe.batch)
    n_lessons = 2 * len(rows) if recipe.method == "kto" else len(rows)  # either answer is one by itself
    n_steps = -(-n_lessons // recipe.batch) * recipe.epochs
    common: dict[str, Any] = {
        "output_dir": str(work),
        "per_device_train_batch_size": at_once,
        "gradient_accumulation_steps": recipe.batch // at_once,
        "num_train_epochs": recipe.epochs,
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
    }
    if recipe.strength is not None:
        # Once before a training, and not at each step.
        common |= {"beta": recipe.strength, "precompute_ref_log_probs": True}
    kind = recipe.method.upper()
    config, trainer = getattr(trl, f"{kind}Config"), getattr(trl, f"{kind}Trainer")
    lora = peft.LoraConfig(
        r=recipe.rank, lora_alpha=_SCALE * recipe.rank, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers by old names
        return trainer(
            model=base.model,
            args=config(**common),
            train_dataset=rows,
            processing_class=base.tokenizer,
            peft_config=lora,
        )


def _find_divisor(batch: int) -> int:
    """Give the most pairs at a time of which a batch is a multiple; at least 2, which KTO needs, or all of it."""
    return next((n for n in range(_AT_ONCE, 1, -1) if batch % n == 0), batch)


def _last_checkpoint(work: Path) -> str | None:
    from transformers.trainer_utils import get_last_checkpoint

    found: str | None = get_last_checkpoint(str(work)) if work.is_dir() else None
    return found


def _callback(progress: Callable[[int, int, float | None], None], watcher: "_Watcher | None") -> Any:
    import transformers

    class Callback(transformers.TrainerCallback):  # type: ignore[misc]  # of a library without types
        """Tells how far it is, and ends what no longer gets better."""

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:  # noqa: ARG002 -- the signature it is called with
            progress(state.global_step, state.max_steps, (logs or {}).get("loss"))

        def on_save(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:  # noqa: ARG002 -- likewise
            if watcher is not None and watcher.is_past_its_best(model, state.global_step):
                control.should_training_stop = True

    return Callback()


class _Watcher:
    """Looks at the model at each checkpoint, and remembers which was best, also for a training that goes on later.

    Args:
        watch: asks the model.
        path: file for what was seen.
    """

    def __init__(self, watch: Watching, path: Path) -> None:
        self._watch, self._path = watch, path
        seen = json.loads(read_text(path)) if path.is_file() else {}
        self._seen = {int(step): Watched(*rates) for step, rates in seen.items()}

    def is_past_its_best(self, model: Any, step: int) -> bool:
        """Look at a model, and tell whether it was better a good while ago, and not since."""
        self._seen = {at: rates for at, rates in self._seen.items() if at < step} | {step: self._watch(model)}
        write_file(self._path, json.dumps(self._seen))
        return self.best is not None and sum(at > self.best for at in self._seen) >= _PATIENCE

    @property
    def best(self) -> int | None:
        """The step of the best; the last of several alike."""
        return max(self._seen, key=lambda step: (self._seen[step].lesser, step), default=None)


def _put_back(model: Any, checkpoint: Path) -> None:
    """Give a model the adapter of a checkpoint."""
    import peft
    from safetensors.torch import load_file

    peft.set_peft_model_state_dict(model, load_file(checkpoint / "adapter_model.safetensors"))
