"""What is trained on: the weights and the tokenizer of a subject, as transformers loads them."""

import hashlib
import logging
import warnings
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from demur.errors import DataError, MissingExtraError, UsageError
from demur.subjects.adapter import check_adapter, file_sha256
from demur.subjects.family import BUNDLED, find_family

__all__ = ["Base", "load_base", "merge_adapter"]


class Base(NamedTuple):
    """A model to put an adapter on."""

    model: Any
    """A `transformers.PreTrainedModel` that predicts the next token, its weights in 32 bits where there is no GPU."""
    tokenizer: Any
    sha256: str
    """Of its weights, without an adapter: of the file where they come in one, else of the tensors by name."""
    adapter: Path | None = None
    """Folder of the adapter that is merged into the model."""


def load_base(name: str) -> Base:
    """Load weights and tokenizer.

    Args:
        name: a subject on the bundled weights, such as ``demur/smollm2``; or a folder or a name of the hub that transformers loads as a causal language model.

    Raises:
        MissingExtraError: torch, transformers or the bundled weights are not installed.
        UsageError: the name is that of a subject without weights. DataError: there is no model of that name, it has no chat template, or the
            adapter that comes with it is not the one that was measured.
    """
    try:
        import transformers
    except ImportError:
        raise MissingExtraError("training needs torch and trl: pip install 'demur[train]'") from None
    transformers.utils.logging.disable_progress_bar()
    if member := find_family().get(name):
        return _load_bundled(member.adapter)
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


def _load_bundled(adapter: Path | None) -> Base:
    import transformers

    from demur.subjects.bundled import weights_path

    path = weights_path()
    if adapter is not None:
        check_adapter(adapter, base=path, treated=BUNDLED)
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
    merged = model if adapter is None else merge_adapter(model, adapter)
    return Base(merged, tokenizer, file_sha256(path), adapter)


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
