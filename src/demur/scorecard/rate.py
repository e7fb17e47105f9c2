"""From results to one rate: those with a verdict count, the others stand beside it, and families are respected."""

from collections.abc import Callable, Hashable, Iterable, Sequence

from demur.stats import clustered_proportion, wilson
from demur.types import Estimate, Outcome, Result, Verdict

__all__ = ["Test", "cluster_of", "has_outcome", "outcome_of", "proportion", "rate"]

Test = Callable[[Verdict], bool]
"""What a rate counts."""


def rate(results: Iterable[Result], test: Test) -> Estimate:
    """Estimate how often a test holds, over the judged ones; the others are counted beside it."""
    judged: list[tuple[bool, Hashable]] = []
    n_unjudged = 0
    for result in results:
        if result.verdict is None or result.verdict.outcome is None:
            n_unjudged += 1
        else:
            judged.append((test(result.verdict), cluster_of(result)))
    return proportion(judged, n_unjudged)


def proportion(observations: Sequence[tuple[bool, Hashable]], n_unjudged: int = 0) -> Estimate:
    """Estimate a share of observations, each with the family it belongs to."""
    outcomes = [outcome for outcome, _ in observations]
    clusters = [cluster for _, cluster in observations]
    if len(set(clusters)) == len(clusters):
        return wilson(sum(outcomes), len(outcomes), n_unjudged=n_unjudged)
    return clustered_proportion(outcomes, clusters, n_unjudged=n_unjudged)


def outcome_of(result: Result) -> Outcome | None:
    """Give the outcome; None where there is no verdict, or it is unjudged."""
    return result.verdict.outcome if result.verdict else None


def has_outcome(outcome: Outcome) -> Test:
    """Make the test that a verdict has this outcome."""
    return lambda verdict: verdict.outcome == outcome


def cluster_of(result: Result) -> Hashable:
    """Name the family of a result's case, or the case itself where it has none."""
    return (result.case.suite, result.case.family or result.case.id)
