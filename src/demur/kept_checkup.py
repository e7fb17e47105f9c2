"""A check-up that something larger rests on, kept in a folder: asked once, and taken up wherever that was interrupted."""

from collections.abc import Callable, Sequence
from pathlib import Path

from demur.checkup import CheckProgress, check, check_cases, default_decoding, resume
from demur.engine.settings import EngineSettings
from demur.errors import DataError, IncompleteError
from demur.findings import Run, judge_info, open_run
from demur.plan import plan_cases
from demur.run import RunFolder, SubjectRecord
from demur.types import Case, Decoding

__all__ = ["take_up"]


def take_up(
    path: str | Path,
    model: str,
    asked: Sequence[str | Case],
    *,
    decoding: Decoding | None,
    wanted: str,
    limit: int | None = None,
    settings: EngineSettings | None = None,
    on_progress: Callable[[CheckProgress], None] = lambda _: None,
) -> Run:
    """Have a check-up that is kept in a folder: begun if there is none, gone on with if it was interrupted, opened if it is done.

    Args:
        path: folder of the run.
        model: as for `check`.
        asked: names of suites, as for `check`, or cases that are given, as for `check_cases`; each is asked once.
        decoding: how to generate; its seed is that of the draw as well. None chooses by model.
        wanted: what the check-up is for and what may make it another one, in words that follow "another check-up than".
        limit: most cases to draw from suites.
        settings: how many questions at a time, how patiently.
        on_progress: told after every sample, and once of a run that is done.

    Returns:
        The run, in which every question has an answer.

    Raises:
        UsageError: the model cannot be asked, or the cases make no run.
        DataError: the folder holds a check-up of another subject, of other cases or by another judge.
        IncompleteError: a question was not answered; what was is kept, and the same call goes on.
    """
    folder, decoding = RunFolder(Path(path)), decoding or default_decoding(model, 1)
    suites = [one for one in asked if isinstance(one, str)]
    cases = [one for one in asked if isinstance(one, Case)]
    if folder.record_path.exists() and not folder.record_path.stat().st_size:
        folder.discard()  # whoever made it was killed before it held anything
    if folder.record_path.exists():
        expected = plan_cases(suites, limit=limit, seed=decoding.seed).cases if suites else tuple(cases)
        _check_kept(folder, model, expected, decoding, wanted)
        run = _go_on(folder.path, settings, on_progress)
    elif suites:
        run = check(
            model, suites, epochs=1, limit=limit, seed=decoding.seed, decoding=decoding, out=path, settings=settings,
            on_progress=on_progress,
        )  # fmt: skip
    else:
        run = check_cases(model, cases, out=path, decoding=decoding, settings=settings, on_progress=on_progress)
    _check_whole(run)
    return run


def _check_kept(folder: RunFolder, model: str, cases: Sequence[Case], decoding: Decoding, wanted: str) -> None:
    record, judge = folder.read_record(), judge_info()
    found = (record.subject, record.epochs, record.judge.name, record.judge.version)
    expected = (SubjectRecord(model, None, decoding), 1, judge.name, judge.version)
    if found != expected or folder.read_cases() != tuple(cases):
        raise DataError(f"{folder.path}: holds another check-up than {wanted}; choose another -o")


def _go_on(path: Path, settings: EngineSettings | None, on_progress: Callable[[CheckProgress], None]) -> Run:
    run = open_run(path)
    if run.record.status != "complete":
        return resume(path, settings=settings, on_progress=on_progress)
    n = len(run.results)
    on_progress(CheckProgress(n_turns=n, n_done=n, n_before=n, n_errors=0, n_output_tokens=0))
    return run


def _check_whole(run: Run) -> None:
    """Raise IncompleteError unless every question has an answer."""
    if run.problem is None and run.record.status == "complete":
        return
    counts, reason = run.record.counts, next(iter(run.record.failures), "they were not asked")
    n_lost = counts.errored + counts.missing
    what = run.problem or f"{run.path}: {n_lost} of {counts.expected} questions got no answer: {reason}"
    raise IncompleteError(f"{what}; what was answered is kept; give the same command again")
