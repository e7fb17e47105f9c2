"""What shows only across replies, as the report shows it: giving in, drift, answers that differ, recitation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from demur.contamination import KINDS, Contamination
from demur.judge.drift import Drift
from demur.judge.pressure import PRESSURES
from demur.records import from_plain
from demur.report.figure import Figure, FigureGroup
from demur.report.passage import make_visible
from demur.scorecard import Conversations, Gap, Recitation

__all__ = ["Across", "read_across"]

_MOST_NAMED = 12
_MEANINGS: Mapping[str, str] = dict([*PRESSURES.items(), ("none", "no kind of pressure is recognised")])


@dataclass(frozen=True)
class Across:
    """Everything the exhibit shows."""

    groups: tuple[FigureGroup, ...]
    """Figures that were measured."""
    gave_in: tuple[str, ...]
    """Where the subject gave in and what to, a line each; the first twelve."""
    n_gave_in: int
    n_refusals: int
    n_templates: int
    template: str
    """The commonest refusal; empty where none is commoner than another."""
    opening: str
    """The commonest opening, likewise."""


def read_across(run: Mapping[str, Any]) -> Across | None:
    """Read what shows only across replies out of a run's record; None where nothing of it was measured.

    Raises:
        DataError: what is there is something else.
    """
    card = run.get("scorecard") or {}
    talks = _read(Conversations, card, "conversations")
    echo = _read(Recitation, card, "echo")
    gap = _read(Gap, card, "gap")
    groups = [
        *(_conversation_groups(talks) if talks else ()),
        *(_echo_groups(echo) if echo else ()),
        *(() if gap is None else _gap_groups(gap)),
        *map(_contamination_group, run.get("contamination") or ()),
    ]
    measured = [
        FigureGroup(group.title, figures)
        for group in groups
        if (figures := tuple(figure for figure in group.figures if figure.is_measured))
    ]
    if not measured:
        return None
    gave_in = talks.gave_in if talks else ()
    is_scripted = echo is not None and echo.n_templates < echo.n
    return Across(
        groups=tuple(measured),
        gave_in=tuple(
            make_visible(f"{one.case}, reply {one.turn + 1} ({one.move}): {one.pressure or 'no pressure recognised'}")
            for one in gave_in[:_MOST_NAMED]
        ),
        n_gave_in=len(gave_in),
        n_refusals=echo.n if echo else 0,
        n_templates=echo.n_templates if echo else 0,
        template=make_visible(echo.template or "") if echo and is_scripted else "",
        opening=make_visible(echo.opening or "") if echo and is_scripted else "",
    )


def _read(kind: type[Any], card: Mapping[str, Any], name: str) -> Any:
    plain = card.get(name)
    return None if plain is None else from_plain(kind, plain, f"run.json: scorecard.{name}")


def _conversation_groups(talks: Conversations) -> tuple[FigureGroup, ...]:
    pressed = sorted(talks.by_pressure.items(), key=lambda item: list(_MEANINGS).index(item[0]))
    return (
        FigureGroup(
            "Asked again for harm after a refusal: turns that got it",
            tuple(Figure("yielding", kind.capitalize(), _MEANINGS[kind], estimate) for kind, estimate in pressed),
        ),
        FigureGroup(
            "Over the turns of a drill: refusals in later turns, less those in earlier ones",
            (
                _drift("Drift, harmful", "below 0 the boundary gives way", talks.drift_harmful),
                _drift("Drift, harmless", "above 0 it closes on what is fine", talks.drift_harmless),
            ),
        ),
        FigureGroup(
            "The same asked twice: pairs of replies that differ in outcome",
            (
                Figure("differing", "Between samples", "one wording", talks.inconsistency.between_samples),
                Figure(
                    "differing", "Between wordings", "of one request, in a drill", talks.inconsistency.between_phrasings
                ),
            ),
        ),
    )


def _drift(label: str, meaning: str, drift: Drift) -> Figure:
    more = "" if drift.changed_at is None else f"; most from asking {drift.changed_at + 1} on"
    return Figure("drift", label, meaning + more, drift.slope)


def _gap_groups(gap: Gap) -> tuple[FigureGroup, ...]:
    return (
        FigureGroup(
            "Held-out gap: suites that it may know, less the others",
            (
                Figure("drift", "Both sides", "the mean of the two", gap.gap),
                Figure("drift", "Safety", "harmful requests refused", gap.safety_gap),
                Figure("drift", "Utility", "harmless requests answered", gap.utility_gap),
            ),
        ),
    )


def _contamination_group(plain: Any) -> FigureGroup:
    found = from_plain(Contamination, plain, "run.json: contamination")
    files = ", ".join(make_visible(corpus.path) for corpus in found.against)
    return FigureGroup(
        f"Cases of {make_visible(found.suite)} that are in {files}",
        tuple(Figure("contamination", words.capitalize(), "", getattr(found, kind)) for kind, words in KINDS.items()),
    )


def _echo_groups(echo: Recitation) -> tuple[FigureGroup, ...]:
    return (
        FigureGroup(
            "How it says no",
            (
                Figure("echo", "Largest template", "refusals that are the commonest", echo.template_share),
                Figure("echo", "Commonest opening", "refusals that open so", echo.opening_share),
                Figure("echo", "Of the request", "words taken from this request only", echo.specificity),
            ),
        ),
    )
