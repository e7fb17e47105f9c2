"""An adapter to and from its folder, for PEFT and for llama.cpp; in half precision, so that it is measured as it is shipped."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from demur.subjects.adapter import GGUF, WEIGHTS
from demur.tune.base import Base
from demur.tune.checkpoint import writes_to
from demur.tune.lora_gguf import can_export, export_gguf
from demur.tune.stacking import Adapter, stack_adapters

__all__ = ["read_adapter", "save_adapter"]

_CONFIG = "adapter_config.json"


def save_adapter(model: Any, folder: Path, *, base: Base) -> tuple[str, ...]:
    """Write what was trained as an adapter for the plain weights: for PEFT, and for llama.cpp if it can run the model; give the files' names.

    Args:
        model: the `peft.PeftModel`.
        folder: that there may not be yet.
        base: what the model was made from; an adapter that is merged into it becomes a part of what is written.

    Raises:
        IncompleteError: the disk is full or cannot be written to.
    """
    import peft
    from safetensors.torch import save

    trained = Adapter(model.peft_config["default"], peft.get_peft_model_state_dict(model))
    whole = trained if base.adapter is None else stack_adapters(read_adapter(base.adapter), trained)
    tensors = {name: tensor.half().cpu().contiguous() for name, tensor in whole.tensors.items()}
    with writes_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        # By the library's own writer a full disk would be no OSError.
        (folder / WEIGHTS).write_bytes(save(tensors, metadata={"format": "pt"}))
        replace(whole.config, inference_mode=True).save_pretrained(folder)
        if not can_export(base.model.config):
            return WEIGHTS, _CONFIG
        export_gguf(folder, folder / GGUF, config=base.model.config)
    return WEIGHTS, _CONFIG, GGUF


def read_adapter(folder: Path) -> Adapter:
    """Read an adapter as PEFT left it."""
    import peft
    from safetensors.torch import load_file

    return Adapter(peft.LoraConfig.from_pretrained(folder), load_file(folder / WEIGHTS))
