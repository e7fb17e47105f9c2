"""Daily roll-ups: how often what was answered in each hour, in a Parquet file a day, without a word of what was said.

They are for boards that look back over months, and for people who may see figures but no conversations: a work folder holds
texts and is its owner's alone. DuckDB adds up the shards that have exchanges of a day, and only where they are others than those
the day's file was made of.
"""

import glob
import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from demur.errors import DataError, IncompleteError, MissingExtraError, UsageError
from demur.records import write_atomically
from demur.types import Outcome
from demur.watch.folder import Manifest, ShardFolder
from demur.watch.tally import UNDATED, Tally

__all__ = ["Rollups", "check_rollups", "write_rollups"]

_FORMAT = "1"
"""Raised with every change of what a roll-up holds for the same shards."""
_MADE_OF, _N = "demur.made_of", "demur.n"
"""In a file's metadata: a hash of the shards it was made of, and how many exchanges it counts."""
_EACH = frozenset((*get_args(Outcome), "unjudged"))
"""Of which each exchange is one."""
_COUNT = """
    COPY (
        SELECT
            CAST(t AS DATE) AS day, CAST(hour(t) AS TINYINT) AS hour,
            category, language, tenant, model, expect, outcome, kind,
            CASE outcome WHEN 'refuse' THEN coalesce(layer, 'model') END AS refused_by,
            CASE WHEN outcome IS NOT NULL THEN leaked END AS leaked,
            {judge} AS judge, count(*) AS n
        FROM (
            SELECT *, make_timestamp(CAST(round_even("at" * 1e6, 0) AS BIGINT)) AS t
            FROM read_parquet([{shards}])
        )
        WHERE {is_day}
        GROUP BY ALL
        ORDER BY ALL
    ) TO {out} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{'demur.made_of': {made_of}, 'demur.n': {n}}})
"""
"""Times become microseconds as Python makes them, so that both give an exchange to the same day."""


@dataclass(frozen=True)
class Rollups:
    """What became of the days of a log."""

    n_made: int
    """Days that were written."""
    n_kept: int
    """Days whose file is made of the same shards already."""
    fuller: tuple[str, ...]
    """Days whose file counts more exchanges than were read now, and was left alone: some of the day's logs are not among these."""


@dataclass
class _Day:
    """What is known of a day before its shards are read."""

    n: int = 0
    shards: list[str] = field(default_factory=list)

    @property
    def made_of(self) -> str:
        """Hash the shards, in any order."""
        return hashlib.blake2b("\n".join((_FORMAT, *sorted(self.shards))).encode(), digest_size=16).hexdigest()


def check_rollups(out: Path) -> None:
    """Say before the work that roll-ups cannot be made after it.

    Raises:
        MissingExtraError: DuckDB is not installed. UsageError: there is a file of that name.
    """
    try:
        import duckdb  # noqa: F401
    except ImportError:
        raise MissingExtraError("--rollups needs DuckDB: pip install 'demur[scale]'") from None
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out}: is a file; expected a folder for a file a day")


def write_rollups(folder: ShardFolder, out: Path) -> Rollups:
    """Roll up the log that a folder holds, by the day in UTC; ``undated.parquet`` has what has no time.

    Each file appears whole. A day is written where its file is missing or made of other shards, unless that counts more
    exchanges.

    Raises:
        DataError: a shard, or a file where a day's would be, is none of demur's.
        IncompleteError: a file cannot be written.
    """
    manifest = folder.read_manifest()
    n_made, n_kept, fuller = 0, 0, []
    for name, day in sorted(_days(folder, manifest).items()):
        path = out / f"{name}.parquet"
        before = _read_metadata(path)
        if before.get(_MADE_OF) == day.made_of:
            n_kept += 1
        elif int(before.get(_N, 0)) > day.n:
            fuller.append(name)
        else:
            _write(path, _count(folder, manifest, name, day))
            n_made += 1
    return Rollups(n_made, n_kept, tuple(fuller))


def _days(folder: ShardFolder, manifest: Manifest) -> dict[str, _Day]:
    days: dict[str, _Day] = {}
    for name, sums in folder.iter_sums(manifest):
        for day, n in _by_day(sums.tally):
            found = days.setdefault(day, _Day())
            found.n += n
            if not found.shards or found.shards[-1] != name:
                found.shards.append(name)
    return days


def _by_day(tally: Tally) -> Iterator[tuple[str, int]]:
    return ((key.day, n) for key, n in tally.items() if key.by == "all" and key.what in _EACH)


def _count(folder: ShardFolder, manifest: Manifest, name: str, day: _Day) -> bytes:
    """Count the exchanges of a day, as a Parquet file."""
    import duckdb

    # A name is no pattern, whatever is in it.
    shards = [glob.escape(str(folder.path_of(shard))) for shard in day.shards]
    with tempfile.TemporaryDirectory(prefix="demur-rollup-") as beside:
        counted = Path(beside) / "day.parquet"
        query = _COUNT.format(
            judge=_quote(f"{manifest.judge} {manifest.judge_version}"),
            shards=", ".join(map(_quote, shards)),
            is_day="t IS NULL" if name == UNDATED else f"CAST(t AS DATE) = DATE {_quote(name)}",
            out=_quote(str(counted)),
            made_of=_quote(day.made_of),
            n=_quote(str(day.n)),
        )
        # What it can do is all it may do: DuckDB would load what it misses from the network.
        nothing_more: dict[str, Any] = dict.fromkeys(
            ("autoinstall_known_extensions", "autoload_known_extensions"), False
        )
        try:
            with duckdb.connect(":memory:", config=nothing_more) as database:
                database.execute(query)
        except duckdb.Error as error:
            reason = " ".join(str(error).split())
            raise IncompleteError(f"{name}: cannot be rolled up: {reason}") from None
        return counted.read_bytes()


def _read_metadata(path: Path) -> Mapping[str, str]:
    """Read what a day's file says about itself; empty if there is none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.exists():
        return {}
    try:
        said = {key.decode(): value.decode() for key, value in (pq.read_schema(path).metadata or {}).items()}
    except (OSError, pa.ArrowException, UnicodeError):
        said = {}
    if _MADE_OF not in said or not said.get(_N, "").isdecimal():
        raise DataError(f"{path}: found a file that is no roll-up; move it away, or choose another --rollups")
    return said


def _write(path: Path, content: bytes) -> None:
    try:
        write_atomically(path, content)
    except OSError as error:
        raise IncompleteError(
            f"{path}: cannot be written: {error.strerror or error}; choose another --rollups"
        ) from None


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
