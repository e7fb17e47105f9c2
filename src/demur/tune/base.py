"""What is trained on: the weights and the tokenizer of a subject, as transformers loads them."""

import logging
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from demur.errors import MissingExtraError, UsageError
from demur.subjects.adapter import check_adapter, file_sha256
from demur.subjects.family import BUNDLED, find_family
from demur.subjects.local import LOCAL
from demur.subjects.weights import choose_dtype, hash_weights, load_weights, merge_adapter

__all__ = ["Base", "check_trainable", "load_base"]


class Base(NamedTuple):
    """A model to put an adapter on."""

    model: Any
    """A `transformers.PreTrainedModel` that predicts the next token, its weights in 32 bits where there is no GPU."""
    tokenizer: Any
    sha256: str
    """Of its weights, without an adapter: of the file where they come in one, else of the tensors by name."""
    adapter: Path | None = None
    """Folder of the adapter that is merged into the model."""


def check_trainable(name: str) -> None:
    """Raise UsageError unless a subject has weights to put an adapter on."""
    family = find_family()
    if name not in family and not name.startswith(LOCAL):
        raise UsageError(f"{name}: has no weights to train; expected {', '.join(family)} or {LOCAL}NAME")


def load_base(name: str) -> Base:
    """Load weights and tokenizer.

    Args:
        name: a subject on the bundled weights, such as ``demur/smollm2``, or a local one, such as ``demur/local/FOLDER``.

    Raises:
        MissingExtraError: torch, transformers or the bundled weights are not installed.
        UsageError: it is a subject without weights. DataError: there is no model of that name, it has no chat template, or the
            adapter that comes with it is not the one that was measured.
    """
    try:
        import transformers
    except ImportError:
        raise MissingExtraError("training needs torch and trl: pip install 'demur[train]'") from None
    transformers.utils.logging.disable_progress_bar()
    if member := find_family().get(name):
        return _load_bundled(member.adapter)
    check_trainable(name)
    model, tokenizer = load_weights(name.removeprefix(LOCAL))
    return Base(model, tokenizer, hash_weights(model))


def _load_bundled(adapter: Path | None) -> Base:
    import transformers

    from demur.subjects.bundled import weights_path

    path = weights_path()
    if adapter is not None:
        check_adapter(adapter, hash_base=lambda: file_sha256(path), treated=BUNDLED)
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
    merged = model if adapter is None else merge_adapter(model, adapter)
    return Base(merged, tokenizer, file_sha256(path), adapter)
