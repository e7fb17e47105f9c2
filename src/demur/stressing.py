"""The guard under stress on suites: what `demur guard stress` does."""

from collections.abc import Callable, Sequence
from pathlib import Path

from demur.cases import ColumnMapping, select
from demur.guard import Guard
from demur.guard.stress import Stressed, stress
from demur.measuring import load_cases

__all__ = ["DEFAULT_SUITES", "stress_suites"]

DEFAULT_SUITES = ("library",)
"""What is put in other ways when no suite is named."""


def stress_suites(
    guard: Guard,
    suites: Sequence[str] = DEFAULT_SUITES,
    *,
    data: Path | None = None,
    mapping: ColumnMapping | None = None,
    limit: int | None = None,
    seed: int = 0,
    on_progress: Callable[[int, float | None], None] = lambda *_: None,
) -> Stressed:
    """Put the cases of some suites in other ways, and see what becomes of them.

    Args:
        guard: decides.
        suites: names, as `demur.plan.plan_cases` takes them, but for drills.
        data: file or folder of the suites that are not bundled.
        mapping: which column is which, of custom data.
        limit: most cases to draw, of both sides; None takes all.
        seed: of the draw and of the variants.
        on_progress: told the variants decided, and the share of them.

    Raises:
        UsageError, DataError: the suites cannot be asked.
    """
    cases = [
        case
        for case in load_cases(suites, data=data, mapping=mapping)
        if (case.is_harmful or case.is_harmless) and case.wrapper is None
    ]
    if limit is not None:
        cases = list(select(cases, limit=limit, seed=seed))
    return stress(guard, cases, seed=seed, on_progress=on_progress)
