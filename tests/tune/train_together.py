"""What each process of a training does in `test_processes.py`: trains the tiny model and saves the adapter under its rank.

Arguments: the folder.
"""

import sys
from pathlib import Path

from accelerate import PartialState
from safetensors.torch import save_file
from tiny import make_base, make_pairs

from demur.tune.processes import is_main_process
from demur.tune.recipe import Recipe
from demur.tune.training import train_adapter
from demur.tune.watcher import Watched

RECIPES = {
    "sft": Recipe("sft", rank=4, learning_rate=2e-2, epochs=2, batch=8),
    "dpo": Recipe("dpo", 0.1, rank=4, learning_rate=2e-2, epochs=2, batch=8),
    "kto": Recipe("kto", 0.1, rank=4, learning_rate=2e-2, epochs=1, batch=8),
}


def train(name: str, folder: Path, *, recipe: Recipe | None = None, watch=None):
    """Train by a recipe, and save the weights of this process."""
    import peft

    model = train_adapter(make_base(), make_pairs(32), recipe=recipe or RECIPES[name], work=folder / name, watch=watch)
    weights = {key: value.detach().contiguous() for key, value in peft.get_peft_model_state_dict(model).items()}
    save_file(weights, folder / f"{name}-{PartialState().process_index}.safetensors")


def look(model):
    """Stand for a look that finds the second of the checkpoints the best; the main process alone may take it."""
    assert is_main_process()
    return next(SEEN)


SEEN = iter([Watched(*rates, 1000) for rates in [(0.5, 0.9), (0.8, 0.8), (1.0, 0.2), (0.7, 0.9), (0.7, 0.9)]])

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for method in RECIPES:
        train(method, folder)
    train("watched", folder, recipe=RECIPES["sft"], watch=look)
