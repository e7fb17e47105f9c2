"""The weights behind a subject's name, as transformers loads them: a folder's, the hub's, or the bundled ones with what makes a subject of them."""

from pathlib import Path
from typing import Any

from demur.subjects.adapter import GGUF, WEIGHTS, check_adapter, file_sha256
from demur.subjects.family import BUNDLED, Member, find_family
from demur.subjects.weights import Weights, hash_weights, load_weights, merge_adapter, unpack_weights

__all__ = ["LOCAL", "find_member", "hash_base", "hash_own_adapter", "load_adapted", "load_plain", "load_subject"]

LOCAL = "demur/local/"
"""What the names of local subjects begin with; a folder, or the name of a model of the hub, follows. ``demur/local/demur/smollm2`` is a subject on the
bundled weights, run by transformers."""


def find_member(name: str) -> Member | None:
    """Give the subject on the bundled weights that a name means, also after ``demur/local/``; None of another."""
    return find_family().get(name.removeprefix(LOCAL))


def load_plain(name: str) -> Weights:
    """Load the weights that adapters of a subject go on: without the adapter that it may have of its own.

    Args:
        name: a subject on the bundled weights, such as ``demur/smollm2-blunt``, or ``demur/local/NAME``.

    Raises:
        MissingExtraError: torch, transformers or the bundled weights are not installed.
        DataError: there is no model of that name, or it has no chat template.
    """
    from demur.subjects.bundled import weights_path

    return unpack_weights(weights_path()) if find_member(name) else load_weights(name.removeprefix(LOCAL))


def load_subject(name: str) -> Weights:
    """Load the weights of a subject, its own adapter merged into them.

    Args:
        name: as for `load_plain`.

    Raises:
        MissingExtraError: torch, transformers or the bundled weights are not installed.
        DataError: there is no model of that name, it has no chat template, or the adapter that comes with it is not the one that was measured.
    """
    member = find_member(name)
    if member is None or member.adapter is None:
        return load_plain(name)
    from demur.subjects.bundled import weights_path

    check_adapter(member.adapter, hash_base=lambda: file_sha256(weights_path()), treated=BUNDLED)
    model, tokenizer = load_plain(name)
    return Weights(merge_adapter(model, member.adapter), tokenizer)


def load_adapted(name: str, folder: Path, *, treated: str | None) -> Weights:
    """Load the weights of a subject with an adapter merged into them, in the place of the subject's own, which it contains.

    Args:
        name: as for `load_plain`.
        folder: of the adapter.
        treated: as for `check_adapter`.

    Raises:
        MissingExtraError: torch, transformers or the bundled weights are not installed.
        DataError: there is no model of that name, it has no chat template, or the adapter is not one that may be loaded.
    """
    plain, tokenizer = load_plain(name)
    check_adapter(folder, hash_base=lambda: hash_base(name, plain), treated=treated, file=WEIGHTS)
    return Weights(merge_adapter(plain, folder), tokenizer)


def hash_base(name: str, model: Any) -> str:
    """Hash the weights of a subject without an adapter: the file of those that are bundled, else the tensors of the model.

    Args:
        name: of the subject.
        model: as loaded; that of a folder or the hub, without an adapter.
    """
    if find_member(name) is None:
        return hash_weights(model)
    from demur.subjects.bundled import weights_path

    return file_sha256(weights_path())


def hash_own_adapter(name: str) -> str | None:
    """Hash the adapter that a subject has of its own: that file of it which every adapter of the family has; None of a subject without."""
    member = find_member(name)
    return None if member is None or member.adapter is None else file_sha256(member.adapter / GGUF)
