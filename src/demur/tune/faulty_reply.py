"""Faulty replies of a run: which are to be rewritten, what each is called, and what marks it."""

from collections.abc import Iterable, Sequence

from demur.scorecard.rate import outcome_of
from demur.tune.diagnosis import Diagnosis, diagnose, name_case, read_talks
from demur.tune.pair import Fault
from demur.types import Result

__all__ = ["RIGHT", "find_faulty_replies", "marks_of", "name_of"]

RIGHT: frozenset[Fault] = frozenset({"right answer", "right refusal"})
"""Diagnoses that are no fault."""


def find_faulty_replies(results: Iterable[Result]) -> tuple[Diagnosis, ...]:
    """Find the faulty replies of a run, of each question the first; to refuse what is to be asked back about is a wrong refusal."""
    found: list[Diagnosis] = []
    seen: set[tuple[str, object]] = set()
    for talk in read_talks(results):
        shown = diagnose(talk)
        one = shown if isinstance(shown, Diagnosis) else _read_unclear(talk)
        if one is None or one.fault in RIGHT or not one.text:
            continue
        # Another sample may put another question in the same turn, and a drill the same question in another.
        keys = {(name_case(one.result), one.result.turn), (name_case(one.result), one.turns)}
        if keys.isdisjoint(seen):
            found.append(one)
            seen |= keys
    return tuple(found)


def name_of(faulty: Diagnosis) -> str:
    """Name a faulty reply by its case, and by the turn where that is a drill."""
    return name_case(faulty.result) + (f"@{faulty.result.turn}" if faulty.result.case.drill is not None else "")


def marks_of(faulty: Diagnosis) -> frozenset[str]:
    """Give the marks of a reply and its case: pattern, hazard, ``clarify``, tone, failure modes, kind of pressure."""
    truth, verdict = faulty.result.truth, faulty.result.verdict
    marks = {truth.pattern, truth.category, faulty.result.pressure, truth.expect if truth.expect == "clarify" else None}
    if verdict is not None:
        marks |= {verdict.quality.tone if verdict.quality else None, *verdict.failure_modes}
    return frozenset(mark for mark in marks if mark is not None)


def _read_unclear(talk: Sequence[Result]) -> Diagnosis | None:
    """Read a single question that is to be asked back about; who refuses it has mistaken what to do."""
    first = talk[0]
    is_wrong = first.case.is_single and first.case.expect == "clarify" and outcome_of(first) == "refuse"
    if not is_wrong or first.verdict is None or first.verdict.layer == "filter":
        return None
    return Diagnosis(first, "wrong refusal", first.case.turns, (first.case.suite, first.case.id, (first.prompt,)))
