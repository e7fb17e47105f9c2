"""A folder of judged shards: each a Parquet file that is whole or not there, named by what it holds.

A shard's name is a hash of its exchanges and the judge, so a run that finds it there need not make it, whichever run left
it: one that was killed, or one over other files with the same exchanges in them. Its partial sums lie in the file's
metadata. The folder holds prompts and replies, and only its owner may look into it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from demur.errors import DataError, IncompleteError, UsageError
from demur.records import SCHEMA_VERSION, from_plain, read_text, to_plain, write_atomically
from demur.watch.shard import JudgedExchange
from demur.watch.tally import Tally, count_shard, read_tally, tally_rows
from demur.watch.templates import TemplateCounts, count_templates

__all__ = ["COLUMNS", "Manifest", "ShardFolder", "ShardSums", "SourceShards", "row_of"]

COLUMNS = (
    "id", "at", "model", "language", "tenant", "category", "user", "conversation", "expect", "decision", "disagrees", "prompt",
    "response", "outcome", "kind", "layer", "leaked", "confidence", "note",
)  # fmt: skip
"""Of a shard; ``prompt`` is the last thing the user said."""
_SUMS = b"demur.sums"
_ROWS_AT_ONCE = 256
"""That are made objects of Python: a row takes many times the memory that it takes in columns."""


@dataclass(frozen=True)
class ShardSums:
    """What a shard adds up to."""

    n: int
    tally: Tally
    templates: TemplateCounts
    has_who: bool
    """Whether it is known of any exchange whose it was."""
    first: float | None
    last: float | None
    """The earliest and the latest moment, in seconds since 1970 UTC."""


@dataclass(frozen=True)
class SourceShards:
    """The shards that one file of a log was cut into, in its order."""

    name: str
    n: int
    """Exchanges that were read."""
    n_repeated: int
    """Of these, exchanges that had been read before, in this file or another, and are in no shard again."""
    n_passed_over: int
    """Rows that hold no exchange."""
    shards: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """Which shards a log is, and who judged them."""

    judge: str
    judge_version: str
    sources: tuple[SourceShards, ...]


class ShardFolder:
    """Where judged shards lie."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._shards = path.absolute() / "shards"  # a worker elsewhere may stand in another folder

    def create(self) -> None:
        """Make the folder, for its owner alone.

        Raises:
            UsageError: there is a file of that name, or it cannot be made.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._shards.mkdir(exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"{self.path}: cannot be made a folder: {error.strerror or error}; choose another --work"
            ) from None

    def has(self, name: str) -> bool:
        """Tell whether a shard is there."""
        return self.path_of(name).exists()

    def write(self, name: str, judged: Sequence[JudgedExchange]) -> None:
        """Write a shard and its partial sums, whole or not at all.

        Raises:
            IncompleteError: it cannot be written.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.Table.from_pylist([row_of(one) for one in judged], schema=_schema())
        table = table.replace_schema_metadata({_SUMS: json.dumps(_sums(judged))})
        buffer = pa.BufferOutputStream()
        pq.write_table(table, buffer, compression="zstd")
        try:
            write_atomically(self.path_of(name), buffer.getvalue().to_pybytes())
        except OSError as error:
            raise IncompleteError(f"{self.path_of(name)}: cannot be written: {error.strerror or error}") from None

    def read_sums(self, name: str) -> ShardSums:
        """Read what a shard adds up to.

        Raises:
            DataError: it is no shard.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.path_of(name)
        try:
            plain = json.loads(pq.read_schema(path).metadata[_SUMS])
        except (OSError, pa.ArrowException, TypeError, KeyError, ValueError):
            raise DataError(f"{path}: not a shard that can be read; delete it, and it is made anew") from None
        return ShardSums(
            plain["n"],
            read_tally(plain["tally"]),
            TemplateCounts.from_plain(plain["templates"], name),
            plain["has_who"],
            plain["first"],
            plain["last"],
        )

    def read_rows(self, name: str, columns: Sequence[str] = COLUMNS) -> list[dict[str, Any]]:
        """Read the exchanges of a shard, in order, by the names of columns."""
        import pyarrow.parquet as pq

        rows: list[dict[str, Any]] = pq.read_table(self.path_of(name), columns=list(columns)).to_pylist()
        return rows

    def iter_rows_in_time(self, name: str, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
        """Give the exchanges of a shard in the order of time, each with which row it is; those without a time come first."""
        import pyarrow.parquet as pq

        table = pq.read_table(self.path_of(name), columns=list(columns))
        order = table["at"].fill_null(-inf).to_numpy().argsort(kind="stable")
        for start in range(0, len(order), _ROWS_AT_ONCE):
            some = order[start : start + _ROWS_AT_ONCE]
            yield from zip(some.tolist(), table.take(some).to_pylist(), strict=True)

    def write_manifest(self, manifest: Manifest) -> None:
        """Write which shards a log is.

        Raises:
            IncompleteError: it cannot be written.
        """
        plain = {"schema_version": SCHEMA_VERSION, **to_plain(manifest)}
        try:
            write_atomically(self.path / "manifest.json", json.dumps(plain, indent=1, ensure_ascii=True) + "\n")
        except OSError as error:
            raise IncompleteError(f"{self.path}: cannot be written: {error.strerror or error}") from None

    def read_manifest(self) -> Manifest:
        """Read which shards the log is that was watched last.

        Raises:
            DataError: there is none that can be read.
        """
        path = self.path / "manifest.json"
        try:
            plain = json.loads(read_text(path))
        except ValueError:
            raise DataError(f"{path}: not JSON; delete it, and watch the log again") from None
        return from_plain(Manifest, plain, str(path))

    def iter_sums(self, manifest: Manifest) -> Iterator[tuple[str, ShardSums]]:
        """Give each shard of a log with what it adds up to, in order."""
        for source in manifest.sources:
            for name in source.shards:
                yield name, self.read_sums(name)

    def path_of(self, name: str) -> Path:
        """Say where a shard lies, or will."""
        return self._shards / f"{name}.parquet"


def row_of(one: JudgedExchange) -> dict[str, Any]:
    """Give a judged exchange as a row of a shard, with `COLUMNS`."""
    exchange, verdict = one.exchange, one.verdict
    texts = {"prompt": exchange.prompt, "response": None if exchange.reply is None else exchange.reply.text}
    return {
        "id": exchange.id,
        "at": exchange.at,
        "model": exchange.model,
        "language": one.language,
        "tenant": exchange.tenant,
        "category": exchange.category,
        "user": exchange.user,
        "conversation": exchange.conversation,
        "expect": exchange.expect,
        "decision": exchange.decision,
        "disagrees": exchange.disagrees,
        **{name: None if text is None else _encodable(text) for name, text in texts.items()},
        "outcome": verdict.outcome,
        "kind": verdict.kind,
        "layer": verdict.layer,
        "leaked": one.is_leak,
        "confidence": verdict.confidence,
        "note": verdict.note,
    }


def _encodable(text: str) -> str:
    """Write half of a surrogate pair as its escape, since no file of text can hold it."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _sums(judged: Sequence[JudgedExchange]) -> dict[str, Any]:
    moments = [one.exchange.at for one in judged if one.exchange.at is not None]
    return {
        "n": len(judged),
        "tally": tally_rows(count_shard(judged)),
        "templates": count_templates(judged).to_plain(),
        "has_who": any(one.exchange.user or one.exchange.conversation for one in judged),
        "first": min(moments, default=None),
        "last": max(moments, default=None),
    }


def _schema() -> Any:
    import pyarrow as pa

    kinds = {"at": pa.float64(), "confidence": pa.float64(), "leaked": pa.bool_(), "disagrees": pa.bool_()}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])
