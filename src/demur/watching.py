"""Logs in, rates and alarms out: what live traffic is answered, and what changed in it, whoever logged it, at any size.

The files are cut into shards of exchanges; a shard that lies judged in the work folder is taken as it is, and every other is
judged by one pure function, in a pool of processes. What is found is added up from the shards alone, and changes are searched for
in their rows, in the order of time.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from demur.auditing import name_store, read_store
from demur.cases import Row
from demur.database import is_location
from demur.errors import DataError, IncompleteError, UsageError
from demur.findings import judge_info
from demur.judge import Judge, default_judge
from demur.judge.known_error import find_known_error
from demur.judging import Counts, JudgedFile, JudgeProgress, summarise_counts
from demur.output import write_file
from demur.records import SCHEMA_VERSION, read_text, to_plain
from demur.run import JudgeInfo
from demur.source import Source
from demur.types import Outcome
from demur.watch import Attempts, DriftSettings, LogMapping, ShardFolder, SliceRates, TemplateShare
from demur.watch.attempts import COLUMNS, AttemptCounts
from demur.watch.cutting import ShardTask, SourceCut
from demur.watch.folder import Manifest, ShardSums
from demur.watch.found_alarm import FoundAlarm, FoundChange, tell_alarms, tell_changes
from demur.watch.in_time import ShardSpan, rows_in_time
from demur.watch.moment import iso_of
from demur.watch.observing import OBSERVED
from demur.watch.pool import Engine, process_pool
from demur.watch.rates import rate_slices
from demur.watch.reading import Numbered, read_exchanges
from demur.watch.search import ChangeSearch, Searched
from demur.watch.seen import SeenExchanges
from demur.watch.tally import BECAUSE, Tally
from demur.watch.templates import TemplateCounts, share_templates
from demur.watch.work import ShardWork

__all__ = ["WORK", "LogSource", "Watched", "check_out", "watch_files", "write_record"]

WORK = "watched"
"""The work folder, where none is named."""
_OUTCOMES: Mapping[str, Outcome | None] = {**{outcome: outcome for outcome in get_args(Outcome)}, "unjudged": None}


@dataclass(frozen=True)
class LogSource:
    """One file of a log, and what was in it."""

    name: str
    n: int
    """Exchanges."""
    n_repeated: int
    """Of these, exchanges that had been read before, here or in another file: they count once."""
    n_passed_over: int
    """Rows that hold no exchange, such as spans around something else than a model."""


@dataclass(frozen=True)
class Watched:
    """What was found in a log."""

    sources: tuple[LogSource, ...]
    work: str
    """The folder of the judged shards."""
    n: int
    """Exchanges, each counted once."""
    first: str | None
    last: str | None
    """The earliest and the latest moment, ISO 8601 in UTC; None where the log has no times."""
    unjudged: dict[str, int]
    """Exchanges without a verdict, by the reason."""
    judge: JudgeInfo
    rates: tuple[SliceRates, ...]
    """Shares of what was said: by themselves they say neither that too much was refused nor that too little was."""
    balance: JudgedFile | None
    """Both sides, over the exchanges whose truth is known; None where it is known of none."""
    n_refusals: int
    """Refusals that the model made itself: what templates are shares of."""
    templates: tuple[TemplateShare, ...]
    attempts: Attempts | None
    """None where it is not known of any exchange whose it was."""
    searched: Searched
    """What the alarms rest on."""
    alarms: tuple[FoundAlarm, ...]
    """What changed, in which slice, since when and by how much; in the order in which the evidence sufficed."""
    changes: tuple[FoundChange, ...]
    """What the alarms are of."""


def watch_files(
    sources: Sequence[str | Path],
    *,
    work: str | Path = WORK,
    mapping: LogMapping | None = None,
    n_workers: int | None = None,
    judge: Judge | None = None,
    engine: Engine | None = None,
    settings: DriftSettings | None = None,
    on_progress: Callable[[JudgeProgress], None] = lambda _: None,
) -> Watched:
    """Judge the exchanges of some logs, and tell how much was refused, by whom, in which words, and what changed.

    Args:
        sources: files of OpenAI-style JSON Lines, exports of Langfuse or OpenTelemetry, logs of Inspect, or tables (JSONL,
            JSON, CSV, TSV, Parquet); ``-`` is JSON Lines on standard input. What each row is shows by what it holds. Or the
            gateway's audit store, as `demur.guard.audit.open_store` names it.
        work: folder for the judged shards. The same call goes on with what an earlier one left there, and judges only
            what is missing.
        mapping: which column is which, of tables; the default names if None.
        n_workers: processes that judge; as many as there are cores if None.
        judge: the local judge if None; it must be fit to be pickled.
        engine: works the shards off in place of a pool of processes.
        settings: how many false alarms are promised at most; one in a million exchanges if None.
        on_progress: told how far it is, a shard at a time.

    Raises:
        DataError: a file cannot be read, a row of it is no exchange, or there is none at all. What stands before it is
            judged and kept.
        UsageError: the work folder cannot be there.
        IncompleteError: it was interrupted, a worker was killed, or a shard could not be written.
    """
    judge = judge or default_judge()
    folder, log = ShardFolder(Path(work)), _Log(sources, on_progress)
    folder.create()
    run = engine or process_pool(n_workers or os.cpu_count() or 1)
    try:
        with SeenExchanges() as seen:
            for n in run(ShardWork(folder, judge), log.missing(mapping or LogMapping(), folder, judge, seen)):
                log.note(n)
    except KeyboardInterrupt:
        raise IncompleteError(f"interrupted{log.describe_kept(folder)}") from None
    except IncompleteError as error:
        raise IncompleteError(f"{error}{log.describe_kept(folder)}") from None
    if log.fault is not None:
        raise DataError(f"{log.fault}{log.describe_kept(folder)}")
    manifest = Manifest(judge.name, judge.version, tuple(cut.sum_up() for cut in log.cuts))
    if not any(source.shards for source in manifest.sources):
        raise DataError(_describe_nothing(manifest))
    folder.write_manifest(manifest)
    try:
        return _sum_up(folder, manifest, judge, settings or DriftSettings())
    except KeyboardInterrupt:
        raise IncompleteError(f"interrupted{log.describe_kept(folder)}") from None


def check_out(out: Path) -> None:
    """Say before the work that a record cannot be there after it.

    Raises:
        UsageError: there is a folder of that name.
    """
    if out.is_dir():
        raise UsageError(f"{out}: is a folder; expected the name of a file")


def write_record(found: Watched, out: Path) -> None:
    """Write what was found as JSON.

    Raises:
        UsageError: there is a folder of that name. IncompleteError: it cannot be written.
    """
    plain = {"schema_version": SCHEMA_VERSION, **to_plain(found)}
    write_file(out, json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


class _Log:
    """The files of a log, as far as they have been read and judged."""

    def __init__(self, paths: Sequence[str | Path], on_progress: Callable[[JudgeProgress], None]) -> None:
        self.cuts: list[SourceCut] = []
        self._paths, self._on_progress = paths, on_progress
        self._sizes = [_size(path) for path in paths]
        self._source: Source | None = None
        self._n = self._n_before = 0
        self._shards: dict[str, int] = {}
        """Exchanges of each shard that was cut, by its name."""

    @property
    def fault(self) -> DataError | None:
        """Why it could not be read to its end; None if it was."""
        return self.cuts[-1].fault if self.cuts else None

    def missing(
        self, mapping: LogMapping, folder: ShardFolder, judge: Judge, seen: SeenExchanges
    ) -> Iterator[ShardTask]:
        """Read the files, and give the shards that are not there yet; ends at a fault."""
        for path in self._paths:
            self.cuts.append(self._cut(path, mapping))
            for task in self.cuts[-1].shards(seen, judge):
                self._shards[task.name] = len(task.exchanges)
                if folder.has(task.name):
                    self.note(len(task.exchanges), is_new=False)
                else:
                    yield task
            if self.fault is not None:
                return

    def note(self, n: int, *, is_new: bool = True) -> None:
        """Take in that so many exchanges are judged."""
        self._n += n
        self._n_before += 0 if is_new else n
        self._on_progress(JudgeProgress(self._n, self._n_before, self._share()))

    def describe_kept(self, folder: ShardFolder) -> str:
        """Say what is not lost, to follow the reason why it ended; empty if that is nothing."""
        # What lies there, and not what was noted: a worker may be done with a shard before anybody asks.
        n = sum(n for name, n in self._shards.items() if folder.has(name))
        if not n:
            return ""
        exchanges = "1 exchange is" if n == 1 else f"{n:,} exchanges are"
        return f"; {exchanges} judged and kept in {folder.path}: the same command goes on from there"

    def _cut(self, path: str | Path, mapping: LogMapping) -> SourceCut:
        self._source = None
        if not is_location(str(path)):
            return SourceCut(str(path), read_exchanges(self._rows(path), mapping))
        name = name_store(str(path))
        exchanges = enumerate(read_store(str(path)), 1)
        return SourceCut(name, (None if each is None else Numbered(number, each) for number, each in exchanges))

    def _rows(self, path: str | Path) -> Iterable[Row]:
        if _is_inspect_log(path):
            from demur.engine.logs import iter_replies

            return iter_replies(Path(path))
        document = _read_document(path)
        if document is not None:
            return [Row(str(path), 1, document)]
        self._source = Source(path)
        return self._source

    def _share(self) -> float | None:
        """Say how much of the files has been read, in [0, 1]; None where that is not known."""
        n_read = len(self.cuts) - 1
        total = sum(self._sizes)
        if not total or n_read < 0:
            return None
        within = (self._source.share if self._source else None) or 0.0
        return min(1.0, (sum(self._sizes[:n_read]) + within * self._sizes[n_read]) / total)


def _size(path: str | Path) -> int:
    return Path(path).stat().st_size if str(path) != "-" and Path(path).is_file() else 0


def _is_inspect_log(path: str | Path) -> bool:
    if Path(path).suffix.lower() == ".eval":
        return True
    document = _read_document(path)
    return document is not None and {"version", "eval", "status"} <= document.keys()


def _read_document(path: str | Path) -> dict[str, Any] | None:
    """Read a file that is one object of JSON over many lines; None if it is anything else."""
    if str(path) == "-" or Path(path).suffix.lower() != ".json":
        return None
    text = read_text(Path(path))
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None  # lines of JSON, or broken: whoever reads lines says where
    return found if isinstance(found, dict) else None


def _describe_nothing(manifest: Manifest) -> str:
    names = ", ".join(source.name for source in manifest.sources)
    n = sum(source.n_passed_over for source in manifest.sources)
    if n:
        rows = "1 row holds" if n == 1 else f"{n:,} rows hold"
        return f"{names}: holds no exchange; {rows} something else, such as spans whose messages were not recorded"
    return f"{names}: holds no exchange; expected rows that each have a prompt and a response"


def _sum_up(folder: ShardFolder, manifest: Manifest, judge: Judge, settings: DriftSettings) -> Watched:
    tally: Tally = Counter()
    templates, spans, moments = TemplateCounts(), list[ShardSpan](), list[float]()
    has_who = False
    for name, sums in folder.iter_sums(manifest):
        tally.update(sums.tally)
        templates.add(sums.templates)
        moments += [moment for moment in (sums.first, sums.last) if moment is not None]
        has_who = has_who or sums.has_who
        spans.append(ShardSpan(name, sums.first, _columns(sums)))
    attempts, search = _follow(folder, spans, settings)
    shares = share_templates(templates)
    alarms = tell_alarms(search.drift.alarms, shares, folder, last=max(moments, default=None))
    counts, unjudged = _count(tally)
    knows_truth = any(expect is not None for expect, _ in counts)
    return Watched(
        sources=tuple(LogSource(one.name, one.n, one.n_repeated, one.n_passed_over) for one in manifest.sources),
        work=str(folder.path),
        n=counts.total(),
        first=iso_of(min(moments)) if moments else None,
        last=iso_of(max(moments)) if moments else None,
        unjudged=dict(unjudged.most_common()),
        judge=judge_info(judge=judge),
        rates=tuple(rate_slices(tally)),
        balance=summarise_counts(counts, find_known_error(judge)) if knows_truth else None,
        n_refusals=sum(one.counts.total() for one in templates.groups) + templates.others.total(),
        templates=tuple(shares),
        attempts=attempts.sum_up() if has_who else None,
        searched=search.sum_up(),
        alarms=tuple(alarms),
        changes=tuple(tell_changes(alarms)),
    )


def _columns(sums: ShardSums) -> tuple[str, ...]:
    """Name what is read of a shard: the requests, which are most of it, only where somebody may ask again."""
    return tuple(dict.fromkeys((*OBSERVED, *(COLUMNS if sums.has_who else ()))))


def _follow(
    folder: ShardFolder, spans: Sequence[ShardSpan], settings: DriftSettings
) -> tuple[AttemptCounts, ChangeSearch]:
    """Go through all exchanges in the order of time, for what is asked again and for what changes."""
    attempts, search = AttemptCounts(), ChangeSearch(settings)
    for place, row in rows_in_time(folder, spans):
        row["capitulated"] = attempts.take(row) if "prompt" in row else None
        search.take(place, row)
    return attempts, search


def _count(tally: Tally) -> tuple[Counts, Counter[str]]:
    """Count exchanges by truth and outcome, and those without a verdict by the reason."""
    counts: Counts = Counter()
    unjudged: Counter[str] = Counter()
    for key, n in tally.items():
        if key.by != "all":
            continue
        if key.what.startswith(BECAUSE):
            unjudged[key.what.removeprefix(BECAUSE)] += n
        elif key.what in _OUTCOMES:
            counts[key.expect, _OUTCOMES[key.what]] += n
    return counts, unjudged
