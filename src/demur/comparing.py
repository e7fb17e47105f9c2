"""Runs opened, compared with the first of them, and written down."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from demur.compare import Comparison, compare
from demur.errors import DataError, UsageError
from demur.findings import Run, open_run
from demur.output import write_file
from demur.records import SCHEMA_VERSION, to_plain
from demur.report import render_comparison

__all__ = ["check_format", "compare_opened", "compare_runs", "compare_two", "open_runs", "write_comparisons"]

_FEWEST = 2


def compare_runs(paths: Sequence[str | Path]) -> list[Comparison]:
    """Compare the first run with each of the others.

    Args:
        paths: two or more folders of runs, or logs of Inspect.

    Raises:
        UsageError: there are fewer than two.
        DataError: one cannot be read, or has no case in common with the first.
    """
    return compare_opened(open_runs(paths))


def open_runs(paths: Sequence[str | Path]) -> list[Run]:
    """Open the runs that are to be compared.

    Raises:
        UsageError: there are fewer than two.
        DataError: one cannot be read.
    """
    if len(paths) < _FEWEST:
        raise UsageError(f"found {len(paths)} run; expected two or more: demur compare BEFORE AFTER")
    return [open_run(path) for path in paths]


def compare_opened(runs: Sequence[Run]) -> list[Comparison]:
    """Compare the first of some runs with each of the others.

    Raises:
        DataError: one has no case in common with the first.
    """
    first, *others = runs
    return [compare_two(first, other) for other in others]


def compare_two(before: Run, after: Run) -> Comparison:
    """Compare two runs.

    Raises:
        DataError: they have no case in common.
    """
    comparison = compare(
        (before.record, before.results), (after.record, after.results), paths=(str(before.path), str(after.path))
    )
    if not comparison.n_pairs and not comparison.n_drill_pairs:
        raise DataError(
            f"{after.path}: has no case in common with {before.path}; expected runs of the same cases: "
            "ask both the same --suite, with the same --seed and --limit"
        )
    return comparison


def check_format(path: Path) -> None:
    """Raise UsageError unless there is a format for a file of that name."""
    if path.suffix not in _FORMATS:
        raise UsageError(
            f"{path}: unknown format; expected a file whose name ends in .html (the page) or .json (the record)"
        )


def write_comparisons(runs: Sequence[Run], comparisons: Sequence[Comparison], path: Path) -> None:
    """Write comparisons as a page or as JSON, by the file's suffix.

    Args:
        runs: all of them, the one that the others are compared with first.
        comparisons: of the first with each of the others, in their order.
        path: the file.

    Raises:
        UsageError: the suffix is of no format, there is a folder of that name, or the file is one that a run is made of.
        IncompleteError: it cannot be written there.
    """
    check_format(path)
    write_file(path, _FORMATS[path.suffix](runs, comparisons))


def _page(runs: Sequence[Run], comparisons: Sequence[Comparison]) -> str:
    return render_comparison([(str(run.path), run.record) for run in runs], comparisons)


def _json(_: Sequence[Run], comparisons: Sequence[Comparison]) -> str:
    plain = {"schema_version": SCHEMA_VERSION, "comparisons": [to_plain(one) for one in comparisons]}
    return json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


_FORMATS: Mapping[str, Callable[[Sequence[Run], Sequence[Comparison]], str]] = {".html": _page, ".json": _json}
