"""What is tested: the bundled model and local ones, with and without adapters, and the scripted subjects. Remote models are reached by the engine."""

import difflib
from pathlib import Path

from demur.errors import DataError, UsageError
from demur.steering.bundle import STEERING
from demur.subjects.adapter import check_adapter, file_sha256, find_made_for, is_steering
from demur.subjects.family import BUNDLED, find_family
from demur.subjects.faults import FAULTS
from demur.subjects.local import open_local
from demur.subjects.scripted import Scripted
from demur.subjects.subject import Asked, Subject, SubjectInfo
from demur.subjects.whitebox import LOCAL

__all__ = ["Asked", "Subject", "SubjectInfo", "list_subjects", "open_subject", "with_adapter", "with_steering"]


def list_subjects() -> tuple[SubjectInfo, ...]:
    """Describe the subjects that come with demur."""
    return (*(member.info for member in find_family().values()), *Scripted.infos())


def open_subject(name: str) -> Subject:
    """Make the subject ready to answer.

    Args:
        name: one that `list_subjects` has; the leading ``demur/`` may be left out. ``demur/local/NAME`` is a model that transformers
            loads, from a folder or the hub, or one on the bundled weights. Either also with an adapter or a steering that was made for it, as in
            ``demur/smollm2@FOLDER``; ``demur/scripted/NAME`` also with a strength, as in ``NAME@0.4``. ``demur/candidate@FOLDER`` is an adapter or
            a steering whose panel is being measured.

    Raises:
        UsageError: there is no such subject.
        DataError: its adapter is not one that may be loaded, or a local model cannot be.
        MissingExtraError: what runs it is not installed.
    """
    short = name.removeprefix("demur/")
    model, at, folder = short.partition("@")
    if at and model == "candidate":
        return _open_candidate(f"demur/{short}", Path(folder))
    if (full := f"demur/{model}").startswith(LOCAL):
        return open_local(f"demur/{short}", full, Path(folder) if at else None, treated=full)
    if member := find_family().get(f"demur/{model}"):
        if at and is_steering(Path(folder), is_candidate=False):
            return open_local(f"demur/{short}", full, Path(folder), treated=full)
        adapter, treated = (Path(folder), member.info.name) if at else (member.adapter, BUNDLED)
        return _open_bundled(f"demur/{short}", adapter, treated=treated)
    name = short.removeprefix("scripted/")
    if short.startswith("scripted/") and name.partition("@")[0] in FAULTS:
        return Scripted(name)
    near = difflib.get_close_matches(name.partition("@")[0], FAULTS, n=1)
    hint = f"did you mean demur/scripted/{near[0]}?" if near else "demur subjects lists them"
    raise UsageError(f"no subject named demur/{short}; {hint}")


def with_adapter(model: str, adapter: Path) -> str:
    """Name the subject that a model is with an adapter or a steering on it, as `open_subject` takes it.

    Raises:
        UsageError: neither goes on this model.
    """
    family, full = find_family(), f"demur/{model.removeprefix('demur/')}"
    if full not in family and not full.startswith(LOCAL):
        raise UsageError(
            f"{model}: found {adapter} to put on it; expected {', '.join(family)} or {LOCAL}NAME, which take an adapter or a steering"
        )
    return f"{model}@{adapter}"


def with_steering(model: str, bundle: Path) -> str:
    """Name the subject that a model is when it is steered, as `open_subject` takes it.

    Args:
        model: its name.
        bundle: the file ``steering.safetensors``, or the folder that it is in.

    Raises:
        UsageError: the model cannot be steered. DataError: there is no such file.
    """
    folder = bundle.parent if bundle.name == STEERING else bundle
    if not (folder / STEERING).is_file():
        raise DataError(
            f"{bundle}: found no {STEERING} there; expected it, or the folder that demur tune steer left it in"
        )
    return with_adapter(model, folder)


def _open_candidate(name: str, folder: Path) -> Subject:
    made_for = find_made_for(folder)
    if made_for.startswith(LOCAL) or is_steering(folder, is_candidate=True):
        return open_local(name, made_for, folder)
    return _open_bundled(name, folder, treated=None)


def _open_bundled(name: str, adapter: Path | None, *, treated: str | None) -> Subject:
    from demur.subjects.bundled import SmolLM2, weights_path

    def hash_base() -> str:
        return file_sha256(weights_path())

    return SmolLM2(adapter and check_adapter(adapter, hash_base=hash_base, treated=treated), name=name)
