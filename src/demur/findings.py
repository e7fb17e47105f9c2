"""What a run found: its record made from its results alone, opened again later, and reported."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from demur.contamination import distances_between
from demur.drills import Drill
from demur.errors import DataError, DemurError, UsageError
from demur.judge import Judge, default_judge
from demur.judge.known_error import KnownError, describe_error, find_known_error
from demur.judge.second_opinion import hear_second_opinion
from demur.judge.validation import read_validation
from demur.output import write_file
from demur.plan import record_suite
from demur.records import from_plain, to_plain
from demur.report import render_report
from demur.run import JudgeInfo, RunFolder, RunRecord, SubjectRecord, count_samples
from demur.scorecard import score
from demur.types import Case, Result

__all__ = ["Run", "judge_info", "open_run", "summarise", "write_report"]

_LOG_SUFFIXES = (".eval", ".json")


@dataclass(frozen=True)
class Run:
    """A finished or interrupted check-up."""

    path: Path
    """Its folder, or the log it was read from."""
    record: RunRecord
    results: tuple[Result, ...]
    problem: DemurError | None = None
    """What ended it early, if something did."""


def summarise(record: RunRecord, results: Sequence[Result]) -> RunRecord:
    """Put into a record what the results say: what became of each sample, the scorecard, and the second opinion."""
    counts = count_samples(record.counts.expected, results)
    known = record.judge.known_error
    error = None if known is None else from_plain(KnownError, known, "judge.known_error")
    messages = Counter(result.error for result in results if result.error is not None)
    return replace(
        record,
        status="incomplete" if counts.errored or counts.missing else "complete",
        counts=counts,
        scorecard=score(results, error=error, home=record.home, distance=_distances(record, results))
        if results
        else None,
        n_output_tokens=sum(result.reply.n_output_tokens or 0 for result in results if result.reply),
        failures=tuple(message for message, _ in messages.most_common()),
        second_opinion=hear_second_opinion(results),
    )


def _distances(record: RunRecord, results: Sequence[Result]) -> Mapping[tuple[str, str], float] | None:
    if not record.home:
        return None
    at_home = [result.case.suite in record.home for result in results]
    if len(set(at_home)) < len(("home", "away")):
        return None
    return distances_between(
        [result for result, is_home in zip(results, at_home, strict=True) if not is_home],
        [result for result, is_home in zip(results, at_home, strict=True) if is_home],
    )


def open_run(path: str | Path) -> Run:
    """Read a run from its folder, from the ``run.json`` in it, or from an Inspect log of ``demur/check``.

    What it found is made from its results anew, so that a run that was killed, or is still under way, shows what it has.

    Raises:
        DataError: there is none of these.
    """
    path = Path(path)
    if path.suffix in _LOG_SUFFIXES and path.name != "run.json":
        return _run_of_log(path)
    folder = RunFolder(path.parent if path.name == "run.json" else path)
    results = tuple(folder.read_results())
    return Run(folder.path, summarise(folder.read_record(), results), results)


def judge_info(validation: str | Path | None = None, *, judge: Judge | None = None) -> JudgeInfo:
    """Name a judge, and how often it is known to err: by a validation of one's own, or by the one it ships with.

    Args:
        validation: what ``demur judge validate`` wrote; None takes what ships with the judge, if anything does.
        judge: the local judge if None.

    Raises:
        DataError: the validation cannot be read, or is of another judge.
    """
    judge = judge or default_judge()
    error = find_known_error(judge) if validation is None else read_validation(Path(validation), judge).known_error
    known = None if error is None else describe_error(error)
    return JudgeInfo(name=judge.name, version=judge.version, known_error=known)


def write_report(run: Run, path: str | Path | None = None) -> Path:
    """Write the report of a run, by default into its folder or beside its log, and say where.

    Raises:
        UsageError: there is a folder of that name, or a file that a run is made of.
        IncompleteError: it cannot be written there.
    """
    beside = run.path.with_suffix(".html") if run.path.suffix in _LOG_SUFFIXES else RunFolder(run.path).report_path
    target = Path(path) if path is not None else beside
    if target.is_dir():
        raise UsageError(f"{target}: is a folder; expected the name of a file: demur report {run.path} -o FILE")
    text = render_report(to_plain(run.record), run.results, _scripts(run.path))
    write_file(target, text, advice=f"choose another: demur report {run.path} -o FILE")
    return target


def _scripts(path: Path) -> Mapping[tuple[str, str], Drill]:
    return {} if path.suffix in _LOG_SUFFIXES else RunFolder(path).read_drills()


def _run_of_log(path: Path) -> Run:
    from demur.engine.logs import read_log

    if not path.is_file():
        raise DataError(f"{path}: no such log; expected the folder of a run, or an Inspect log of demur/check")
    log = read_log(path)
    by_suite: dict[str, list[Case]] = defaultdict(list)
    for case in log.cases:
        by_suite[case.suite].append(case)
    record = RunRecord(
        status="incomplete",
        subject=SubjectRecord(model=log.model, system=None, decoding=None),
        suites=tuple(record_suite(name, cases) for name, cases in by_suite.items()),
        judge=_judge_of(log.results),
        seed=None,
        epochs=log.epochs,
        data=None,
        mapping={},
        limit=None,
        versions=log.versions,
        started=log.started,
        finished=log.finished,
        duration_s=log.duration_s,
        counts=count_samples(log.n_expected, ()),
    )
    return Run(path, summarise(record, log.results), log.results)


def _judge_of(results: Sequence[Result]) -> JudgeInfo:
    """Name the judge the verdicts name; its error is known only if it is the one that is here."""
    judged = next((result.verdict for result in results if result.verdict), None)
    here = judge_info()
    if judged is None or (judged.judge, judged.judge_version) == (here.name, here.version):
        return here
    return JudgeInfo(name=judged.judge, version=judged.judge_version, known_error=None)
