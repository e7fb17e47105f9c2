"""Weights and tokenizer of a causal language model, as transformers loads them."""

import hashlib
import logging
import warnings
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from demur.errors import DataError, MissingExtraError
from demur.records import content_hash

__all__ = [
    "Weights",
    "choose_dtype",
    "find_device",
    "hash_template",
    "hash_weights",
    "load_weights",
    "merge_adapter",
    "unpack_weights",
]


_HUB_S = 10.0
"""Longest that the hub is waited for."""


class Weights(NamedTuple):
    """A model that can be talked to."""

    model: Any
    """A `transformers.PreTrainedModel` that predicts the next token, in main memory, its numbers as `choose_dtype` has them."""
    tokenizer: Any
    """With a chat template, and with a token to pad with."""


def load_weights(name: str) -> Weights:
    """Load a causal language model and its tokenizer.

    Args:
        name: a folder, or a name of the hub.

    Raises:
        MissingExtraError: torch or transformers is not installed.
        DataError: there is no model of that name, or it has no chat template.
    """
    try:
        import transformers
    except ImportError:
        raise MissingExtraError(f"{name}: needs torch and transformers: pip install 'demur[train]'") from None
    transformers.utils.logging.disable_progress_bar()
    is_here = _is_here(name)
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(name, local_files_only=is_here)
        model = transformers.AutoModelForCausalLM.from_pretrained(name, dtype=choose_dtype(), local_files_only=is_here)
    except (OSError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise DataError(
            f"{name}: cannot be loaded as a causal language model: {reason}; expected the folder of one, or its name on the hub"
        ) from None
    if not tokenizer.chat_template:
        raise DataError(f"{name}: its tokenizer has no chat template; expected a model that was trained to answer")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return Weights(model, tokenizer)


def unpack_weights(path: Path) -> Weights:
    """Load a model from a GGUF file, its weights unpacked to plain numbers.

    Raises:
        MissingExtraError: torch or transformers is not installed.
    """
    try:
        import transformers
    except ImportError:
        raise MissingExtraError(f"{path.name}: needs torch and transformers: pip install 'demur[train]'") from None
    transformers.utils.logging.disable_progress_bar()
    # It warns that weights were unpacked, which is what is wanted.
    logging.getLogger("transformers.modeling_gguf_pytorch_utils").setLevel(logging.ERROR)
    with redirect_stderr(StringIO()):  # bars of its own
        tokenizer = transformers.AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
        model = transformers.AutoModelForCausalLM.from_pretrained(
            path.parent, gguf_file=path.name, dtype=choose_dtype()
        )
    # The weights are plain numbers now, though transformers goes on calling them quantised, and those it does not train.
    del model.config.quantization_config
    model.is_quantized, model.hf_quantizer = False, None
    # A folder of this machine, which PEFT would write into the adapter, and look up on the hub.
    model.name_or_path = ""
    return Weights(model, tokenizer)


def _is_here(name: str) -> bool:
    """Tell whether a model is to be had without the hub, which transformers asks for most of a minute where there is no network.

    Raises:
        DataError: it is no folder, and the hub has no such model or does not answer, and did not give it before.
    """
    import huggingface_hub

    if Path(name).is_dir():
        return True
    try:
        huggingface_hub.HfApi().model_info(name, timeout=_HUB_S)
    except Exception as error:  # noqa: BLE001 -- its client has a dozen kinds, some of other libraries
        if _is_cached(name):
            return True
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise DataError(
            f"{name}: found no folder of that name, and the hub does not give such a model: {reason}; expected the folder of a "
            "causal language model, or its name on the hub"
        ) from None
    return False


def _is_cached(name: str) -> bool:
    import huggingface_hub

    try:
        return isinstance(huggingface_hub.try_to_load_from_cache(name, "config.json"), str)
    except ValueError:  # no name that the hub could have
        return False


def choose_dtype() -> Any:
    """Give the numbers that weights are kept in: of 16 bits where there is a GPU, else of 32."""
    import torch

    return torch.bfloat16 if torch.cuda.is_available() else torch.float32


def find_device() -> str:
    """Name where models run: a GPU if there is one."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def hash_weights(model: Any) -> str:
    """Hash the tensors of a model, by name: 64 hexadecimal digits of SHA-256, the same wherever the model lies.

    Numbers are rounded to 16 bits before (bfloat16), as a GPU keeps them: an adapter that was trained on one is for the same weights here.
    """
    import torch

    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        rounded = tensor.detach().cpu().bfloat16() if tensor.is_floating_point() else tensor.cpu()
        digest.update(rounded.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def hash_template(tokenizer: Any) -> str:
    """Hash the vocabulary of a tokenizer and its chat template: 16 hexadecimal digits, another if prompts may be written otherwise."""
    return content_hash([str(tokenizer.chat_template), tokenizer.get_vocab()])


def merge_adapter(model: Any, adapter: Path) -> Any:
    """Give a model with an adapter added to its weights; the model itself is used up.

    Args:
        model: a `transformers.PreTrainedModel`.
        adapter: folder of one that PEFT reads.
    """
    import peft

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers by old names
        return peft.PeftModel.from_pretrained(model, adapter).merge_and_unload()
