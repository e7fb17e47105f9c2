"""The folder of a run, read and written."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from demur.drills import Drill
from demur.errors import DataError, IncompleteError, UsageError
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
from demur.run.record import RunRecord
from demur.run.sample import SampleKey, sample_key
from demur.types import Case, Result

__all__ = ["RunFolder"]


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


def _is_whole(sample: Sequence[Result]) -> bool:
    return sample[-1].error is not None or len(sample) == sample[-1].n_turns
