"""Runs opened, compared with the first of them, and written down."""

import json
from collections.abc import Sequence
from pathlib import Path

from demur.compare import Comparison, compare
from demur.errors import DataError, UsageError
from demur.findings import Run, open_run
from demur.output import write_file
from demur.records import SCHEMA_VERSION, to_plain

__all__ = ["compare_runs", "compare_two", "write_comparisons"]

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
    first, *others = (open_run(path) for path in paths)
    return [compare_two(first, other) for other in others]


def compare_two(before: Run, after: Run) -> Comparison:
    """Compare two runs.

    Raises:
        DataError: they have no case in common.
    """
    comparison = compare((before.record, before.results), (after.record, after.results))
    if not comparison.n_pairs:
        raise DataError(
            f"{after.path}: has no single question in common with {before.path}; expected runs of the same cases: "
            "ask both the same --suite, with the same --seed and --limit"
        )
    return comparison


def write_comparisons(comparisons: Sequence[Comparison], path: Path) -> None:
    """Write comparisons as JSON.

    Raises:
        UsageError: there is a folder of that name, or the file is one that a run is made of.
        IncompleteError: it cannot be written there.
    """
    plain = {"schema_version": SCHEMA_VERSION, "comparisons": [to_plain(one) for one in comparisons]}
    write_file(path, json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
