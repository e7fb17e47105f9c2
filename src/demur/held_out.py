"""A run opened, some of its suites held against others, and the gap written down."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from demur.contamination import distances_between
from demur.errors import DataError, UsageError
from demur.findings import open_run
from demur.output import write_file
from demur.records import SCHEMA_VERSION, to_plain
from demur.scorecard import Gap, measure_gap

__all__ = ["HeldOut", "measure_run_gap", "write_gap"]


@dataclass(frozen=True)
class HeldOut:
    """A gap, and what it is the gap of."""

    subject: str
    home: tuple[str, ...]
    """Suites that the subject may know."""
    away: tuple[str, ...]
    """Suites that it does not."""
    is_complete: bool
    """Whether every sample of the run has a reply."""
    gap: Gap


def measure_run_gap(path: str | Path, *, home: Sequence[str], away: Sequence[str]) -> HeldOut:
    """Measure how much better the subject of a run does on some of its suites than on others.

    Args:
        path: folder of the run, or a log of Inspect.
        home: names of the suites that the subject may know.
        away: names of the others.

    Raises:
        UsageError: no suite is named on a side, one is named twice, or is not in the run.
        DataError: the run cannot be read.
    """
    run = open_run(path)
    asked = {result.case.suite for result in run.results}
    named = [*home, *away]
    if not home or not away or len(set(named)) < len(named):
        raise UsageError(f"suites: found {', '.join(named) or 'none'}; expected one or more a side, each named once")
    if missing := [name for name in named if name not in asked]:
        raise DataError(
            f"{path}: no result on {missing[0]}; the run has {', '.join(sorted(asked)) or 'none'}: ask with --suite "
            f"{missing[0]}"
        )
    ours, theirs = ([one for one in run.results if one.case.suite in side] for side in (home, away))
    return HeldOut(
        subject=run.record.subject.model,
        home=tuple(home),
        away=tuple(away),
        is_complete=run.record.status == "complete",
        gap=measure_gap(ours, theirs, distance=distances_between(theirs, ours)),
    )


def write_gap(found: HeldOut, path: Path) -> None:
    """Write a gap as JSON.

    Raises:
        UsageError: there is a folder of that name, or the file is one that a run is made of.
        IncompleteError: it cannot be written there.
    """
    plain = {"schema_version": SCHEMA_VERSION, **to_plain(found)}
    write_file(path, json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
