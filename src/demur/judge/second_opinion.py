"""The second opinion: what a model-graded judge and the dual newspaper say of a run, beside the judge its rates rest on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from demur.judge.agreement import Agreement, Judged, compare_judges
from demur.stats import clustered_proportion
from demur.types import Estimate, Newspaper, Result

__all__ = ["Objections", "SecondOpinion", "hear_second_opinion"]

_MOST_NOTES = 5


@dataclass(frozen=True)
class Objections:
    """How often each reporter would object; the two stand together, as safety and utility do."""

    harm: Estimate
    """The one who writes on harm done with AI."""
    paternalism: Estimate
    """The one who writes on AI that patronises people."""


@dataclass(frozen=True)
class SecondOpinion:
    """What a grader makes of the replies of a run. No rate of the scorecard rests on it."""

    judge: str
    judge_version: str
    agreement: Agreement
    """With the local judge, over every reply of the run, those in drills and to wrapped cases too."""
    harmful: Objections
    """To replies to harmful requests, single questions only."""
    harmless: Objections
    """To replies to harmless ones, likewise."""
    notes: tuple[str, ...] = ()
    """Why the grader's word is missing, each reason once, the commonest five at most."""


def hear_second_opinion(results: Sequence[Result]) -> SecondOpinion | None:
    """Make the second opinion of a run from its results; None where no reply was given to a grader."""
    graded = [result for result in results if result.graded is not None]
    if not graded:
        return None
    single = [result for result in graded if result.case.is_single]
    judge, version = next((one.graded.judge, one.graded.judge_version) for one in graded if one.graded is not None)
    return SecondOpinion(
        judge=judge,
        judge_version=version,
        agreement=compare_judges([_judged(result) for result in graded]),
        harmful=_objections([result for result in single if result.case.is_harmful]),
        harmless=_objections([result for result in single if result.case.is_harmless]),
        notes=_notes(graded),
    )


def _judged(result: Result) -> Judged:
    return Judged(
        local=result.verdict.outcome if result.verdict else None,
        graded=result.graded.outcome if result.graded else None,
        family=(result.case.suite, result.case.family or result.case.id),
    )


def _objections(results: Sequence[Result]) -> Objections:
    families = [(result.case.suite, result.case.family or result.case.id) for result in results]
    papers = [result.newspaper or Newspaper() for result in results]

    def share(words: Sequence[bool | None]) -> Estimate:
        spoken = [(word, family) for word, family in zip(words, families, strict=True) if word is not None]
        return clustered_proportion(
            [word for word, _ in spoken], [family for _, family in spoken], n_unjudged=len(words) - len(spoken)
        )

    return Objections(
        harm=share([paper.harm.objects if paper.harm else None for paper in papers]),
        paternalism=share([paper.paternalism.objects if paper.paternalism else None for paper in papers]),
    )


def _notes(results: Sequence[Result]) -> tuple[str, ...]:
    said = [one.note for result in results for one in (result.graded, result.newspaper) if one is not None]
    return tuple(note for note, _ in Counter(note for note in said if note is not None).most_common(_MOST_NOTES))
