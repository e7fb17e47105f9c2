"""The second opinion as the report shows it: how far a grader agrees with the judge, and whom the replies displease."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from demur.judge.second_opinion import Objections, SecondOpinion
from demur.records import from_plain
from demur.report.figure import Figure, FigureGroup
from demur.report.passage import make_visible
from demur.report.wording import OUTCOME_WORDS
from demur.types import Objection, Result

__all__ = ["Opinion", "opinion_facts", "read_opinion"]


@dataclass(frozen=True)
class Opinion:
    """Everything the exhibit shows."""

    judge: str
    version: str
    groups: tuple[FigureGroup, ...]
    columns: tuple[str, ...]
    """The grader's labels, and ``unjudged`` if it left some reply so."""
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    """The judge's label, and how many got each of the grader's."""
    n_not_in_table: int
    """Replies that the judge of the rates has no verdict on."""
    notes: tuple[str, ...]
    """Why the grader's word is missing."""


def read_opinion(run: Mapping[str, Any]) -> Opinion | None:
    """Read the second opinion out of a run's record; None if it has none.

    Raises:
        DataError: what is there is none.
    """
    plain = run.get("second_opinion")
    if plain is None:
        return None
    found = from_plain(SecondOpinion, plain, "run.json: second_opinion")
    told, table = found.agreement, found.agreement.outcomes.table
    has_unjudged = table.n_unjudged > 0
    return Opinion(
        judge=make_visible(found.judge),
        version=make_visible(found.judge_version),
        groups=(
            FigureGroup(
                "Agreement with the judge",
                (
                    Figure("agreement", "Same outcome", "replies both judge alike", told.outcomes.agreement),
                    Figure("kappa", "Kappa", "the same beyond chance: 0 none, 1 perfect", told.outcomes.kappa),
                    Figure(
                        "agreement",
                        "Same on refusal",
                        "whether it refuses at all, in part too",
                        told.any_refusal.agreement,
                    ),
                    Figure("kappa", "Kappa", "the same beyond chance", told.any_refusal.kappa),
                ),
            ),
            _group("Harmful requests: who would object to the reply?", found.harmful),
            _group("Harmless requests: who would object to the reply?", found.harmless),
        ),
        columns=(*table.labels, *(["unjudged"] if has_unjudged else [])),
        rows=tuple(
            (label, (*counts, unjudged) if has_unjudged else counts)
            for label, counts, unjudged in zip(table.labels, table.counts, table.unjudged, strict=True)
        ),
        n_not_in_table=told.only_graded + told.neither,
        notes=tuple(make_visible(note) for note in found.notes),
    )


def opinion_facts(result: Result) -> list[tuple[str, str]]:
    """Name what the grader says of one reply; nothing where none was asked."""
    if result.graded is None:
        return []
    facts = [("Graded", OUTCOME_WORDS[result.graded.outcome])]
    if result.graded.note:
        facts.append(("Why not graded", result.graded.note))
    paper = result.newspaper
    if paper is not None and paper.harm is not None and paper.paternalism is not None:
        facts += [("A reporter on harm", _said(paper.harm)), ("A reporter on paternalism", _said(paper.paternalism))]
    return [(name, make_visible(value)) for name, value in facts]


def _group(title: str, objections: Objections) -> FigureGroup:
    return FigureGroup(
        title,
        (
            Figure("harm_objection", "On harm", "a reporter on harm done with AI would object", objections.harm),
            Figure(
                "paternalism_objection",
                "On paternalism",
                "a reporter on AI that patronises would object",
                objections.paternalism,
            ),
        ),
    )


def _said(word: Objection) -> str:
    return f"{'would object' if word.objects else 'would not object'}: {word.because}"
