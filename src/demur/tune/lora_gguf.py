"""A LoRA adapter as llama.cpp reads it: GGUF in half precision, with the names and the order of rows that it expects."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.errors import UsageError

__all__ = ["Heads", "can_export", "export_gguf", "rotate_rows"]

_ARCHITECTURE = "llama"
_PREFIX = "base_model.model."


class Heads(NamedTuple):
    """Attention heads of a model; with fewer of keys, several queries share one."""

    n_queries: int
    n_keys: int


def can_export(config: Any) -> bool:
    """Tell whether adapters of a model can be written, by its `transformers.PretrainedConfig`."""
    return bool(config.model_type == _ARCHITECTURE)


def export_gguf(adapter: Path, out: Path, *, config: Any) -> None:
    """Write an adapter of PEFT's as GGUF.

    Args:
        adapter: folder with ``adapter_model.safetensors`` and ``adapter_config.json``.
        out: the file.
        config: `transformers.PretrainedConfig` of the model it belongs to.

    Raises:
        UsageError: the model is not of llama's architecture, or a matrix belongs to a layer that llama.cpp has no name for.
    """
    import gguf
    from safetensors.numpy import load_file

    if not can_export(config):
        raise UsageError(f"GGUF: found a model of type '{config.model_type}'; expected '{_ARCHITECTURE}'")
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
    settings = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    heads = Heads(config.num_attention_heads, config.num_key_value_heads)
    writer = gguf.GGUFWriter(out, _ARCHITECTURE)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, float(settings["lora_alpha"]))
    for key, tensor in load_file(adapter / "adapter_model.safetensors").items():
        module, _, matrix = key.removeprefix(_PREFIX).partition(".lora_")
        layer = names.get_name(module)
        if layer is None:
            raise UsageError(f"GGUF: found weights for {module}; llama.cpp has no name for it")
        which = matrix[0].lower()
        rows = rotate_rows(tensor, module, heads) if which == "b" else tensor
        writer.add_tensor(f"{layer}.weight.lora_{which}", np.ascontiguousarray(rows, np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def rotate_rows(matrix: NDArray[Any], module: str, heads: Heads) -> NDArray[Any]:
    """Put the output rows of queries and keys in the order in which llama.cpp rotates them: pairs beside each other.

    transformers rotates the halves of a head against each other (RoPE as in GPT-NeoX), llama.cpp's weights of this architecture neighbours.

    Args:
        matrix: shape (outputs, anything).
        module: its name in transformers; other modules stay as they are.
        heads: of the model.
    """
    n_heads = {"q_proj": heads.n_queries, "k_proj": heads.n_keys}.get(module.rpartition(".")[2])
    if n_heads is None:
        return matrix
    halves = matrix.reshape(n_heads, 2, -1, matrix.shape[1])
    return halves.swapaxes(1, 2).reshape(matrix.shape)
