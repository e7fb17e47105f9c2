"""What is trained on: the weights and the tokenizer of a subject, as transformers loads them."""

import hashlib
import logging
from contextlib import redirect_stderr
from io import StringIO
from typing import Any, NamedTuple

from demur.errors import DataError, MissingExtraError, UsageError
from demur.subjects.adapter import file_sha256

__all__ = ["BUNDLED", "Base", "load_base"]

BUNDLED = "demur/smollm2"


class Base(NamedTuple):
    """A model to put an adapter on."""

    model: Any
    """A `transformers.PreTrainedModel` that predicts the next token, its weights in 32 bits where there is no GPU."""
    tokenizer: Any
    sha256: str
    """Of its weights: of the file where they come in one, else of the tensors by name."""


def load_base(name: str) -> Base:
    """Load weights and tokenizer.

    Args:
        name: ``demur/smollm2``; or a folder or a name of the hub that transformers loads as a causal language model.

    Raises:
        MissingExtraError: torch, transformers or the bundled weights are not installed.
        UsageError: the name is that of a subject without weights. DataError: there is no model of that name, or it has no chat template.
    """
    try:
        import transformers
    except ImportError:
        raise MissingExtraError("training needs torch and trl: pip install 'demur[train]'") from None
    transformers.utils.logging.disable_progress_bar()
    if name == BUNDLED:
        return _load_bundled()
    if name.startswith("demur/"):
        raise UsageError(f"{name}: has no weights to train; expected {BUNDLED}, or a model that transformers loads")
    try:
        model = transformers.AutoModelForCausalLM.from_pretrained(name, dtype=_dtype())
        tokenizer = transformers.AutoTokenizer.from_pretrained(name)
    except (OSError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise DataError(f"{name}: cannot be loaded as a causal language model: {reason}") from None
    if not tokenizer.chat_template:
        raise DataError(f"{name}: its tokenizer has no chat template; expected a model that was trained to answer")
    return Base(model, tokenizer, _hash_of_tensors(model))


def _load_bundled() -> Base:
    import transformers

    from demur.subjects.bundled import weights_path

    path = weights_path()
    # It warns that weights were unpacked, which is what is wanted.
    logging.getLogger("transformers.modeling_gguf_pytorch_utils").setLevel(logging.ERROR)
    with redirect_stderr(StringIO()):  # bars of its own
        tokenizer = transformers.AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
        model = transformers.AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=_dtype())
    # The weights are plain numbers now, though transformers goes on calling them quantised, and those it does not train.
    del model.config.quantization_config
    model.is_quantized, model.hf_quantizer = False, None
    # A folder of this machine, which PEFT would write into the adapter, and look up on the hub.
    model.name_or_path = ""
    return Base(model, tokenizer, file_sha256(path))


def _dtype() -> Any:
    import torch

    return torch.bfloat16 if torch.cuda.is_available() else torch.float32


def _hash_of_tensors(model: Any) -> str:
    import torch

    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
