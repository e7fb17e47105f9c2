"""What is tested: the bundled model and the scripted subjects. Remote models are reached by the engine."""

import difflib
from pathlib import Path

from demur.errors import UsageError
from demur.subjects.adapter import check_adapter
from demur.subjects.faults import FAULTS
from demur.subjects.scripted import Scripted
from demur.subjects.subject import Asked, Subject, SubjectInfo

__all__ = ["Asked", "Subject", "SubjectInfo", "list_subjects", "open_subject", "with_adapter"]

_BUNDLED = SubjectInfo(
    name="demur/smollm2",
    title="SmolLM2-135M-Instruct, 4-bit, in this process (Apache-2.0)",
    fault="a real model of 135 million parameters; hardly refuses anything and is often wrong",
)


def list_subjects() -> tuple[SubjectInfo, ...]:
    """Describe the subjects that come with demur."""
    return (_BUNDLED, *Scripted.infos())


def open_subject(name: str) -> Subject:
    """Make the subject ready to answer.

    Args:
        name: ``demur/smollm2``, with an adapter ``demur/smollm2@FOLDER``; or ``demur/scripted/NAME``, also with a strength, as in
            ``NAME@0.4``; the leading ``demur/`` may be left out. ``demur/candidate@FOLDER`` is an adapter whose panel is being measured.

    Raises:
        UsageError: there is no such subject, or its adapter is not one that may be loaded.
        MissingExtraError: the bundled model is not installed.
    """
    short = name.removeprefix("demur/")
    model, at, folder = short.partition("@")
    if short == "smollm2" or (at and model in ("smollm2", "candidate")):
        return _open_bundled(f"demur/{short}", Path(folder) if at else None, is_candidate=model == "candidate")
    name = short.removeprefix("scripted/")
    if short.startswith("scripted/") and name.partition("@")[0] in FAULTS:
        return Scripted(name)
    near = difflib.get_close_matches(name.partition("@")[0], FAULTS, n=1)
    hint = f"did you mean demur/scripted/{near[0]}?" if near else "demur subjects lists them"
    raise UsageError(f"no subject named demur/{short}; {hint}")


def with_adapter(model: str, adapter: Path) -> str:
    """Name the subject that a model is with an adapter on it, as `open_subject` takes it.

    Raises:
        UsageError: no adapter goes on this model.
    """
    if model.removeprefix("demur/") != "smollm2":
        raise UsageError(
            f"{model}: found an adapter for it, {adapter}; expected demur/smollm2, the model that takes one"
        )
    return f"{model}@{adapter}"


def _open_bundled(name: str, adapter: Path | None, *, is_candidate: bool) -> Subject:
    from demur.subjects.bundled import SmolLM2, weights_path

    return SmolLM2(adapter and check_adapter(adapter, base=weights_path(), is_candidate=is_candidate), name=name)
