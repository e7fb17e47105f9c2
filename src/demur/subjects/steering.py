"""Steerings of a subject: a folder with ``steering.safetensors`` and ``treatment.json``, and what is checked before one is put on.

FOLDER/
  treatment.json         what was done, from what, and the panel: both sides before and after; ``candidate.json`` while that is measured
  steering.safetensors   the moves and their gates, for which model, and the panel once more: see `demur.steering.bundle`
"""

from pathlib import Path

from demur.errors import DataError
from demur.steering.bundle import STEERING, Bundle, read_bundle
from demur.steering.steered import check_moves
from demur.subjects.adapter import check_adapter, check_panel
from demur.subjects.weights import Weights, hash_template
from demur.subjects.whitebox import hash_base, hash_own_adapter

__all__ = ["load_steering"]


def load_steering(folder: Path, model: str, weights: Weights, *, treated: str | None) -> Bundle:
    """Read the steering of a subject.

    Args:
        folder: where it is.
        model: name of the subject.
        weights: its weights.
        treated: the name that it must have been made for; None of a candidate, which has no panel yet.

    Raises:
        DataError: the folder holds none, or one without a panel of both sides; it belongs to another subject, other weights or another chat
            template; or one of its files is another than the one that was measured.
    """
    sha256 = hash_base(model, weights.model)
    path = check_adapter(folder, hash_base=lambda: sha256, treated=treated, file=STEERING)
    bundle = read_bundle(path)
    if treated is not None:
        check_panel(bundle.panel, path)
    if (bundle.base_sha256, bundle.adapter_sha256) != (sha256, hash_own_adapter(model)):
        raise DataError(
            f"{path}: was made for {bundle.model} with other weights than are there now; make it again on these"
        )
    if bundle.template != hash_template(weights.tokenizer):
        raise DataError(
            f"{path}: was made for {bundle.model} with another vocabulary or chat template than is there now; make it again with this"
        )
    check_moves(bundle.moves, weights.model)
    return bundle
