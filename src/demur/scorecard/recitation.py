"""What a subject recites when it refuses: the template and the opening it says most, and how little is of the request."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from demur.judge.echo import measure_echo
from demur.scorecard.rate import outcome_of
from demur.types import Estimate, Result

__all__ = ["Recitation", "read_recitation"]

_MOST_CHARACTERS = 300


@dataclass(frozen=True)
class Recitation:
    """How scripted the refusals of a run are, beside their script index. One refusal of each case is read."""

    n: int
    """Refusals read: the subject's own, whole ones."""
    n_templates: int
    """Ways of refusing among them."""
    template: str | None
    """The commonest, in its commonest wording; its first 300 characters. None without refusals."""
    template_share: Estimate
    """Refusals that are it."""
    opening: str | None
    """The commonest opening; None without refusals."""
    opening_share: Estimate
    """Refusals that open so."""
    specificity: Estimate
    """Share of the refusals' words that were taken from their own requests, and are not said of others."""


def read_recitation(results: Sequence[Result]) -> tuple[Estimate, Recitation]:
    """Read what is recited in the refusals among replies; of a drill's the first is read.

    Returns:
        The script index, and the rest.
    """
    refusals = _own_refusals(results)
    echo = measure_echo(refusals)
    commonest = echo.templates[0].text[:_MOST_CHARACTERS] if echo.templates else None
    return echo.script_index, Recitation(
        n=len(refusals),
        n_templates=len(echo.templates),
        template=commonest,
        template_share=echo.largest_share,
        opening=echo.opening,
        opening_share=echo.opening_share,
        specificity=echo.specificity,
    )


def _own_refusals(results: Sequence[Result]) -> list[tuple[str, str]]:
    """Give one refusal of each case: samples and turns of one case resemble each other without being a recitation."""
    refusals: dict[Hashable, tuple[str, str]] = {}
    for result in results:
        if _is_own_refusal(result) and result.reply:
            refusals.setdefault((result.case.suite, result.case.id), (result.prompt, result.reply.text))
    return list(refusals.values())


def _is_own_refusal(result: Result) -> bool:
    return outcome_of(result) == "refuse" and result.verdict is not None and result.verdict.layer != "filter"
