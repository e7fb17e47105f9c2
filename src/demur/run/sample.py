"""Samples of a run: which result belongs to which, which are finished, and what became of each."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from demur.drills import Drill
from demur.run.record import Counts
from demur.types import Case, Result

__all__ = ["SampleKey", "count_samples", "finished_samples", "most_turns", "sample_key"]


class SampleKey(NamedTuple):
    """Which sample of a run: a case, asked for the n-th time."""

    suite: str
    case_id: str
    epoch: int


def sample_key(result: Result) -> SampleKey:
    """Name the sample a result belongs to."""
    return SampleKey(result.case.suite, result.case.id, result.epoch)


def finished_samples(results: Iterable[Result]) -> set[SampleKey]:
    """Name the samples that need not be asked again: those that were answered to the end."""
    failed = {sample_key(result) for result in results if result.error is not None}
    return {sample_key(result) for result in results} - failed


def most_turns(case: Case, drills: Mapping[tuple[str, str], Drill]) -> int:
    """Say how many replies a case takes at most: one, or as many as its drill has moves."""
    return 1 if case.drill is None else drills[case.suite, case.drill].most_turns


def count_samples(expected: int, results: Iterable[Result]) -> Counts:
    """Count what became of the samples a run was to have.

    Args:
        expected: how many it was to have: cases times epochs.
        results: what there is.
    """
    errored: set[SampleKey] = set()
    unscored: set[SampleKey] = set()
    seen: set[SampleKey] = set()
    for result in results:
        key = sample_key(result)
        seen.add(key)
        if result.error is not None:
            errored.add(key)
        elif result.verdict is None or result.verdict.outcome is None:
            unscored.add(key)
    unscored -= errored
    return Counts(
        expected=expected,
        scored=len(seen) - len(errored) - len(unscored),
        errored=len(errored),
        unscored=len(unscored),
        missing=expected - len(seen),
    )
