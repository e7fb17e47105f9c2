"""A run: the folder one check-up leaves behind, and how it is read and written.

RUN/
  run.json        what was asked of whom, how it went, the scorecard     (`RunRecord`)
  cases.jsonl     what is to be asked, one `Case` a line, fixed when the run starts
  drills.jsonl    the scripts of those cases that are drills, one `Drill` a line; there only if there are any
  results.jsonl   a reply and its verdict a line (`Result`); appended as they come, put in order at the end
  report.html     the report
  logs/           the logs of Inspect, one file for each time the run was started or resumed
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from demur.contamination import Contamination
from demur.drills import Drill
from demur.errors import DataError, IncompleteError, UsageError
from demur.judge.second_opinion import SecondOpinion
from demur.records import (
    SCHEMA_VERSION,
    decode_text,
    from_plain,
    read_lines,
    read_text,
    to_line,
    to_plain,
    write_atomically,
)
from demur.scorecard import Scorecard
from demur.types import Case, Decoding, Result

__all__ = [
    "Counts",
    "JudgeInfo",
    "RunFolder",
    "RunRecord",
    "SampleKey",
    "SubjectRecord",
    "SuiteRecord",
    "count_samples",
    "finished_samples",
    "most_turns",
    "sample_key",
]


class SampleKey(NamedTuple):
    """Which sample of a run: a case, asked for the n-th time."""

    suite: str
    case_id: str
    epoch: int


@dataclass(frozen=True)
class SubjectRecord:
    """Who was tested."""

    model: str
    """As given to ``--model``."""
    system: str | None
    """System prompt put before every conversation that has none of its own; None if there was none."""
    decoding: Decoding | None
    """None where it is not known: a log of Inspect's leaves much to the provider."""


@dataclass(frozen=True)
class SuiteRecord:
    """What was asked, from where, under which licence."""

    name: str
    title: str
    licence: str
    n: int
    """Cases drawn from it."""
    content_hash: str
    """Of those cases."""
    citation: str = ""
    """Who made it; empty for custom data."""


@dataclass(frozen=True)
class JudgeInfo:
    """Who judged, and how often it is known to err."""

    name: str
    version: str
    known_error: Mapping[str, Any] | None
    """Sensitivity and specificity against people, on what; None is unknown, not perfect."""


@dataclass(frozen=True)
class Counts:
    """Samples (a case asked once is one sample, a whole drill too); the first is the sum of the others."""

    expected: int
    scored: int
    """Answered, and every reply judged."""
    errored: int
    """The subject could not be asked or did not answer."""
    unscored: int
    """Answered, but the judge could not say what a reply is."""
    missing: int = 0
    """Never finished, because the run stopped first."""


@dataclass(frozen=True)
class RunRecord:
    """What ``run.json`` holds."""

    status: Literal["started", "incomplete", "complete"]
    """``complete`` if every sample was answered; one the judge could not score is counted, and does not change that."""
    subject: SubjectRecord
    suites: tuple[SuiteRecord, ...]
    judge: JudgeInfo
    seed: int | None
    """Of the draw and of the sampler; None where it is not known."""
    epochs: int
    data: str | None
    """File or folder the suites were read from, if they are not bundled."""
    mapping: Mapping[str, str]
    """Of custom data: the column of each part that is not named as expected."""
    limit: int | None
    """Most cases to draw; None took them all."""
    versions: Mapping[str, str]
    """Of Python, and of the packages that decide the result."""
    started: str
    """ISO 8601, UTC."""
    counts: Counts
    scorecard: Scorecard | None = None
    """None until there is a result."""
    finished: str | None = None
    """ISO 8601, UTC; None while the run is under way."""
    duration_s: float = 0.0
    """Time spent asking, over all the times the run was started and resumed."""
    n_output_tokens: int = 0
    """Tokens the subject generated."""
    failures: tuple[str, ...] = ()
    """What went wrong, each sort of error once, commonest first."""
    grader: str | None = None
    """Model that gives every reply a second verdict, as given to ``--grader``; None if none was named."""
    second_opinion: SecondOpinion | None = None
    """What the grader found; None until there is a result of it."""
    home: tuple[str, ...] = ()
    """Suites of the run that the subject may know; the others are held out. Empty if nobody said."""
    tuned_on: tuple[str, ...] = ()
    """Files and folders the subject was tuned on, as they were given."""
    contamination: tuple[Contamination, ...] = ()
    """How much of each held-out suite was in them when the run was planned; of each case and kind the nearest pair."""
    schema_version: int = SCHEMA_VERSION


class RunFolder:
    """The files of a run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._made: tuple[Path, ...] = ()

    @property
    def record_path(self) -> Path:
        """Where ``run.json`` is."""
        return self.path / "run.json"

    @property
    def cases_path(self) -> Path:
        """Where ``cases.jsonl`` is."""
        return self.path / "cases.jsonl"

    @property
    def drills_path(self) -> Path:
        """Where ``drills.jsonl`` is."""
        return self.path / "drills.jsonl"

    @property
    def results_path(self) -> Path:
        """Where ``results.jsonl`` is."""
        return self.path / "results.jsonl"

    @property
    def report_path(self) -> Path:
        """Where the report is."""
        return self.path / "report.html"

    @property
    def logs_path(self) -> Path:
        """Where Inspect's logs are."""
        return self.path / "logs"

    @property
    def engine_log_path(self) -> Path:
        """Where the process that asks says what nobody expected."""
        return self.logs_path / "engine.log"

    @property
    def _data_paths(self) -> tuple[Path, ...]:
        return (self.cases_path, self.drills_path, self.results_path, self.report_path)

    @property
    def _lock_path(self) -> Path:
        return self.logs_path / "lock"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process from working on this run meanwhile; the lock goes with this process.

        Raises:
            UsageError: another process has it.
        """
        self.logs_path.mkdir(parents=True, exist_ok=True)
        with self._lock_path.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UsageError(f"{self.path}: another demur is working on this run; wait for it to end") from None
            yield

    def create(self, record: RunRecord, cases: Sequence[Case], drills: Sequence[Drill] = ()) -> None:
        """Start a run here.

        Raises:
            UsageError: there is a run here already, or a file of somebody else's in its way, or the folder cannot be
                made.
        """
        # Before the claim: whatever is there when the folder becomes ours is not ours to replace, nor to discard.
        in_the_way = [path.name for path in self._data_paths if path.exists()]
        if in_the_way and not self.record_path.exists():
            raise UsageError(
                f"{self.path}: holds {' and '.join(in_the_way)} already, which a run would replace; choose another --out"
            )
        self._made = tuple(path for path in (self.logs_path, self.path, *self.path.parents) if not path.exists())
        try:
            self.logs_path.mkdir(parents=True, exist_ok=True)
            self.record_path.touch(exist_ok=False)  # whoever makes it owns the folder
        except FileExistsError:
            raise UsageError(
                f"{self.path}: there is a run here already; resume it with --resume {self.path}, or choose another --out"
            ) from None
        except OSError as error:
            raise self._unwritable(error) from None
        try:
            write_atomically(self.cases_path, "".join(to_line(case) + "\n" for case in cases))
            if drills:
                write_atomically(self.drills_path, "".join(to_line(drill) + "\n" for drill in drills))
            write_atomically(self.record_path, _record_text(record))
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> UsageError:
        self.discard()
        return UsageError(f"{self.path}: cannot be written: {error.strerror or error}; choose another --out")

    def discard(self) -> None:
        """Take back what `create` made; whatever else is in the folder stays, and so does the folder then."""
        for path in (*self._data_paths, self.record_path, self._lock_path, self.engine_log_path):
            with contextlib.suppress(OSError):
                path.unlink()
        for folder in self._made:
            with contextlib.suppress(OSError):
                folder.rmdir()

    def write_record(self, record: RunRecord) -> None:
        """Replace ``run.json`` at once.

        Raises:
            IncompleteError: it cannot be written; the old one stays.
        """
        with _writing(self.record_path):
            write_atomically(self.record_path, _record_text(record))

    def read_record(self) -> RunRecord:
        """Read ``run.json``, less what was found: that is made anew from the results, which another version may count otherwise.

        Raises:
            DataError: there is none, or it is not of this version.
        """
        if not self.record_path.is_file():
            raise DataError(f"{self.path}: found no run.json; expected the folder of a run, as demur check makes it")
        text = read_text(self.record_path)
        try:
            plain = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{self.record_path}: not JSON: {error}; expected what demur check wrote") from None
        version = plain.get("schema_version") if isinstance(plain, dict) else None
        if version != SCHEMA_VERSION:
            raise DataError(
                f"{self.record_path}: schema_version {version}; this demur reads {SCHEMA_VERSION}; "
                f"use the demur that wrote it, or check again"
            )
        return from_plain(RunRecord, {**plain, "scorecard": None, "second_opinion": None}, str(self.record_path))

    def read_cases(self) -> tuple[Case, ...]:
        """Read what is to be asked."""
        return tuple(read_lines(Case, read_text(self.cases_path).split("\n"), str(self.cases_path)))

    def read_drills(self) -> dict[tuple[str, str], Drill]:
        """Read the scripts of the drills, by suite and id; empty where none are kept."""
        text = read_text(self.drills_path) if self.drills_path.exists() else ""
        drills = read_lines(Drill, text.split("\n"), str(self.drills_path))
        return {(drill.case.suite, drill.case.id): drill for drill in drills}

    def read_results(self) -> list[Result]:
        """Read the results of the samples that were finished, in the order they stand in the file.

        What a killed process left unfinished is passed over: that sample will be asked again. Of a sample that failed
        and was asked again, the last time counts.
        """
        if not self.results_path.exists():
            return []
        data = self.results_path.read_bytes()
        # Cut before decoding: what was cut off may end within a character. And not splitlines(), which also splits at
        # characters that JSON leaves as they are, such as U+2028.
        whole_lines = decode_text(data[: data.rfind(b"\n") + 1], str(self.results_path)).split("\n")
        samples: dict[SampleKey, list[Result]] = {}
        for result in read_lines(Result, whole_lines, str(self.results_path)):
            key = sample_key(result)
            if result.turn == 0:  # asked again after it had failed: the last time counts
                samples[key] = []
            samples.setdefault(key, []).append(result)
        return [result for sample in samples.values() if _is_whole(sample) for result in sample]

    def write_results(self, results: Iterable[Result]) -> None:
        """Replace ``results.jsonl`` at once.

        Raises:
            IncompleteError: it cannot be written; the old one stays.
        """
        with _writing(self.results_path):
            write_atomically(self.results_path, "".join(to_line(result) + "\n" for result in results))

    def append_results(self, results: Sequence[Result]) -> None:
        """Add the results of one finished sample, all of them or none, and have them on disk before returning.

        Raises:
            IncompleteError: they cannot be written; the file is as it was.
        """
        rest = memoryview("".join(to_line(result) + "\n" for result in results).encode())
        with _writing(self.results_path), self.results_path.open("ab", buffering=0) as file:
            size = file.tell()
            try:
                while rest:  # a disk that is almost full takes a part first, and says no afterwards
                    rest = rest[file.write(rest) :]
                os.fsync(file.fileno())
            except OSError:
                file.truncate(size)
                raise


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise IncompleteError(
            f"{path}: cannot be written: {error.strerror or error}; make room, then: demur check --resume {path.parent}"
        ) from None


def _record_text(record: RunRecord) -> str:
    return json.dumps(to_plain(record), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def finished_samples(results: Iterable[Result]) -> set[SampleKey]:
    """Name the samples that need not be asked again: those that were answered to the end."""
    failed = {sample_key(result) for result in results if result.error is not None}
    return {sample_key(result) for result in results} - failed


def most_turns(case: Case, drills: Mapping[tuple[str, str], Drill]) -> int:
    """Say how many replies a case takes at most: one, or as many as its drill has moves."""
    return 1 if case.drill is None else drills[case.suite, case.drill].most_turns


def _is_whole(sample: Sequence[Result]) -> bool:
    return sample[-1].error is not None or len(sample) == sample[-1].n_turns


def sample_key(result: Result) -> SampleKey:
    """Name the sample a result belongs to."""
    return SampleKey(result.case.suite, result.case.id, result.epoch)


def count_samples(expected: int, results: Iterable[Result]) -> Counts:
    """Count what became of the samples a run was to have.

    Args:
        expected: how many it was to have: cases times epochs.
        results: what there is.
    """
    errored: set[SampleKey] = set()
    unscored: set[SampleKey] = set()
    seen: set[SampleKey] = set()
    for result in results:
        key = sample_key(result)
        seen.add(key)
        if result.error is not None:
            errored.add(key)
        elif result.verdict is None or result.verdict.outcome is None:
            unscored.add(key)
    unscored -= errored
    return Counts(
        expected=expected,
        scored=len(seen) - len(errored) - len(unscored),
        errored=len(errored),
        unscored=len(unscored),
        missing=expected - len(seen),
    )
