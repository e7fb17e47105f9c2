"""Reference log-probabilities: how likely each answer is to the model as it was, against which DPO and KTO hold what it has become.

They do not depend on beta, and are computed once for all trainings on the same lessons. TRL's own computation keeps them by a hash that
comes out another in each training, and in a folder that other processes do not see.
"""

import hashlib
import json
from collections.abc import MutableMapping
from typing import Any

from demur.tune.base import Base
from demur.tune.recipe import Method

__all__ = ["References", "add_reference"]

References = MutableMapping[str, tuple[list[float], list[float]]]
"""What was computed, in nats, an answer each; by a hash of the model and the lessons."""

_COLUMNS: dict[Method, tuple[str, str]] = {
    "dpo": ("ref_chosen_logps", "ref_rejected_logps"),
    "kto": ("ref_logps", "ref_KL_logps"),
}
"""By the names under which TRL reads them; for KTO also of each prompt with another's answer."""


def add_reference(trainer: Any, method: Method, known: References, *, base: Base) -> None:
    """Put reference log-probabilities beside the lessons of a trainer, from what is known or computed now.

    Args:
        trainer: a `trl.DPOTrainer` or `trl.KTOTrainer` that was made without `precompute_ref_log_probs`.
        method: which of them.
        known: of earlier trainings; what is computed is put in.
        base: what is trained.
    """
    lessons = trainer.train_dataset
    key = hashlib.sha256(f"{base.sha256} {base.adapter} {json.dumps(lessons.to_dict())}".encode()).hexdigest()
    if key not in known:
        known[key] = _compute(trainer)
    for name, column in zip(_COLUMNS[method], known[key], strict=True):
        lessons = lessons.add_column(name, column)
    trainer.train_dataset, trainer.precompute_ref_logps = lessons, True


def _compute(trainer: Any) -> tuple[list[float], list[float]]:
    """Ask the model without its adapter; each of several processes computes its share, and gets all."""
    from torch.utils.data import DataLoader

    batches = DataLoader(
        trainer.train_dataset,
        batch_size=trainer.args.per_device_train_batch_size,
        collate_fn=trainer.data_collator,
    )
    first: list[float] = []
    second: list[float] = []
    for batch in trainer.accelerator.prepare(batches):
        shares = trainer.compute_ref_log_probs(trainer.model, batch)
        for found, share in zip((first, second), trainer.accelerator.gather_for_metrics(shares), strict=True):
            found.extend(share.tolist())
    return first, second
