"""How strongly an adapter is put on: what is chosen of it last.

How often a model refuses follows the strength of its adapter more surely than anything in the training does: weaker, it
refuses less on both sides, and is closer to what it was (Wortsman et al. 2022, who go from one model to the other likewise).
"""

from collections.abc import Sequence
from typing import Any

from demur.tune.processes import is_main_process
from demur.tune.watcher import Watching

__all__ = ["SCALES", "choose_scale"]

SCALES = (1.0, 0.9, 0.8, 0.7, 0.6)
"""Of what was trained; below, little is left of it."""


def choose_scale(model: Any, watch: Watching, scales: Sequence[float] = SCALES) -> float:
    """Scale an adapter so that the lesser of both sides is greatest; of scales that are as good the least.

    Of several processes the main one looks.

    Args:
        model: a `peft.PeftModel`; its adapter is left scaled.
        watch: looks at both sides.
        scales: those to choose among, above 0.

    Returns:
        The scale.
    """
    import torch
    from accelerate.utils import broadcast_object_list

    trained = [(weights, weights.detach().clone()) for name, weights in model.named_parameters() if ".lora_B." in name]

    def put_on(scale: float) -> None:
        with torch.no_grad():
            for weights, whole in trained:
                weights.copy_(scale * whole)

    chosen = [1.0]
    if is_main_process():
        lesser = {}
        for scale in sorted(scales):
            put_on(scale)
            lesser[scale] = watch(model).lesser
        chosen = [max(lesser, key=lambda scale: lesser[scale])]  # of those alike the first
    broadcast_object_list(chosen)
    put_on(chosen[0])
    return chosen[0]
