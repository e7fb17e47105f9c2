"""What is tested: the bundled model and the scripted subjects. Remote models are reached by the engine."""

import difflib

from demur.errors import UsageError
from demur.subjects.faults import FAULTS
from demur.subjects.scripted import Scripted
from demur.subjects.subject import Asked, Subject, SubjectInfo

__all__ = ["Asked", "Subject", "SubjectInfo", "list_subjects", "open_subject"]

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
        name: ``demur/smollm2`` or ``demur/scripted/NAME``, also with a strength, as in ``NAME@0.4``; the leading ``demur/`` may be left
            out.

    Raises:
        UsageError: there is no such subject.
        MissingExtraError: the bundled model is not installed.
    """
    short = name.removeprefix("demur/")
    if short == "smollm2":
        from demur.subjects.bundled import SmolLM2

        return SmolLM2()
    name = short.removeprefix("scripted/")
    if short.startswith("scripted/") and name.partition("@")[0] in FAULTS:
        return Scripted(name)
    near = difflib.get_close_matches(name.partition("@")[0], FAULTS, n=1)
    hint = f"did you mean demur/scripted/{near[0]}?" if near else "demur subjects lists them"
    raise UsageError(f"no subject named demur/{short}; {hint}")
