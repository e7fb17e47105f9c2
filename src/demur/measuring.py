"""The guard measured on suites: what `demur guard test` does."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from demur.cases import WRAPPED, ColumnMapping
from demur.errors import DataError, UsageError
from demur.guard import Guard
from demur.guard.measuring import Measurement, measure
from demur.output import write_file
from demur.plan import is_of_drills, plan_cases
from demur.records import SCHEMA_VERSION, to_plain
from demur.types import Case

__all__ = ["DEFAULT_SUITES", "load_cases", "measure_suites", "write_record"]

DEFAULT_SUITES = ("library", WRAPPED)
"""What the guard is measured on when no suite is named."""


def measure_suites(
    guard: Guard,
    suites: Sequence[str] = DEFAULT_SUITES,
    *,
    data: Path | None = None,
    mapping: ColumnMapping | None = None,
    on_progress: Callable[[int, float | None], None] = lambda *_: None,
) -> Measurement:
    """Measure how much of what is harmful and of what is harmless a guard blocks, and what its decisions cost.

    Args:
        guard: decides.
        suites: names, as `demur.plan.plan_cases` takes them, but for drills.
        data: file or folder of the suites that are not bundled.
        mapping: which column is which, of custom data.
        on_progress: told the cases done, and the share of them.

    Raises:
        UsageError, DataError: the suites cannot be asked.
    """
    return measure(guard, load_cases(suites, data=data, mapping=mapping), on_progress=on_progress)


def load_cases(
    suites: Sequence[str], *, data: Path | None = None, mapping: ColumnMapping | None = None
) -> tuple[Case, ...]:
    """Load the cases of some suites for the guard.

    Raises:
        UsageError: a suite is unknown, named twice, or one of drills. DataError: data cannot be read, or hold nothing that is
            harmful or harmless.
    """
    drills = next((name for name in suites if is_of_drills(name)), None)
    if drills is not None:
        raise UsageError(f"{drills}: a drill goes on from a model's replies, and the guard gives none; use demur check")
    cases = plan_cases(suites, data=data, mapping=mapping).cases
    if not any(case.is_harmful or case.is_harmless for case in cases):
        raise DataError(f"{', '.join(suites)}: holds nothing harmful and nothing harmless; expected either, or both")
    return cases


def write_record(found: object, path: Path) -> None:
    """Write what was found as JSON, with the schema's version.

    Raises:
        UsageError: there is a folder of that name, or the file is one that a run is made of.
        IncompleteError: it cannot be written there.
    """
    plain = {"schema_version": SCHEMA_VERSION, **to_plain(found)}
    write_file(path, json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
