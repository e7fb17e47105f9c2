"""Every judge by its name: the local one, the model-graded one, and the verdicts that one of them has already given."""

from pathlib import Path

from demur.errors import UsageError
from demur.judge import Judge, default_judge
from demur.judge.recorded import read_recorded

__all__ = ["open_judge"]


def open_judge(name: str, *, grader: str | None = None) -> Judge:
    """Open a judge.

    Args:
        name: ``local``, ``graded``, or a file that ``demur judge`` wrote: then its verdicts are repeated.
        grader: the model behind ``graded``, as Inspect knows it.

    Raises:
        UsageError: there is neither a judge nor a file of that name, or the judge cannot be opened.
    """
    if name == "graded":
        if grader is None:
            raise UsageError("judge: graded asks a model, and none is named; add --grader MODEL")
        from demur.engine.grader import graded_judge

        return graded_judge(grader)
    if grader is not None:
        raise UsageError(f"grader: {grader} is given, and the judge {name} asks no model; add --judge graded")
    if name == "local":
        return default_judge()
    if not Path(name).is_file():
        raise UsageError(
            f"judge: found no judge and no file {name!r}; expected local, graded, or a file that demur judge wrote"
        )
    return read_recorded(Path(name))
