"""Runs opened, compared with the first of them, and written down."""

import json
from collections.abc import Sequence
from pathlib import Path

from demur.compare import Comparison, compare
from demur.errors import DataError, IncompleteError, UsageError
from demur.findings import keep_run_files, open_run
from demur.records import SCHEMA_VERSION, to_plain, write_atomically

__all__ = ["compare_runs", "write_comparisons"]

_FEWEST = 2


def compare_runs(paths: Sequence[str | Path]) -> list[Comparison]:
    """Compare the first run with each of the others.

    Args:
        paths: two or more folders of runs, or logs of Inspect.

    Raises:
        UsageError: there are fewer than two.
        DataError: one cannot be read, or has no case in common with the first.
    """
    if len(paths) < _FEWEST:
        raise UsageError(f"found {len(paths)} run; expected two or more: demur compare BEFORE AFTER")
    runs = [open_run(path) for path in paths]
    first, found = runs[0], []
    for path, run in zip(paths[1:], runs[1:], strict=True):
        comparison = compare((first.record, first.results), (run.record, run.results))
        if not comparison.n_pairs:
            raise DataError(
                f"{path}: has no single question in common with {paths[0]}; expected runs of the same cases: "
                "ask both the same --suite, with the same --seed and --limit"
            )
        found.append(comparison)
    return found


def write_comparisons(comparisons: Sequence[Comparison], path: Path) -> None:
    """Write comparisons as JSON.

    Raises:
        UsageError: there is a folder of that name, or the file is one that a run keeps.
        IncompleteError: it cannot be written there.
    """
    if path.is_dir():
        raise UsageError(f"{path}: is a folder; expected the name of a file")
    keep_run_files(path)
    plain = {"schema_version": SCHEMA_VERSION, "comparisons": [to_plain(one) for one in comparisons]}
    try:
        write_atomically(path, json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    except OSError as error:
        raise IncompleteError(f"{path}: cannot be written: {error.strerror or error}; choose another -o") from None
