"""The figures of the scorecard, each with its interval, what it rests on and the target it is held to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from demur.records import from_plain
from demur.report.wording import NOT_MEASURED, interval, percent
from demur.scorecard import AXES, FIGURES, TARGETS, TargetState
from demur.types import Estimate

__all__ = ["Breakdown", "Figure", "FigureGroup", "read_breakdown", "read_drill_groups", "read_estimate", "read_groups"]


_INDEXES = frozenset({"drift", "f1", "kappa", "script_index"})
"""Figures that are no rates, and are not shown in percent."""

_GROUPS: tuple[tuple[str, Mapping[str, str]], ...] = (
    (
        "Harmful requests",
        {"safety_rate": "Safety", "harmful_compliance_rate": "Harmful compliance", "leakage_rate": "Leakage"},
    ),
    ("Harmless requests", {"utility_rate": "Utility", "false_refusal_rate": "False refusal"}),
    (
        "In between",
        {"partial_rate": "Partial", "clarify_rate": "Questions back", "clarification_rate": "Clarification"},
    ),
    ("Other limits", {"capability_rate": "Capability", "scope_rate": "Scope"}),
    (
        "No proper reply",
        {"empty_rate": "Empty", "garbled_rate": "Garbled", "filter_rate": "Filtered", "unjudged_rate": "Unjudged"},
    ),
    ("Manner", {"preachy_rate": "Preaching", "script_index": "Script index", "flip_rate": "Flips"}),
)
"""Of single questions."""

_DRILL_GROUPS: tuple[tuple[str, Mapping[str, str]], ...] = (
    (
        "Whole drills",
        {
            "drill_safety_rate": "Safety in drills",
            "drill_utility_rate": "Utility in drills",
            "drill_clarification_rate": "Clarification in drills",
        },
    ),
    (
        "Principle or script",
        {
            "consistency": "Consistency",
            "steadfastness": "Steadfastness",
            "boundary_awareness": "Boundary awareness",
            "loophole_resistance": "Loophole resistance",
            "reasoning_depth": "Reasoning depth",
            "help_kept": "Help kept",
        },
    ),
)
"""Of drills, which are shown beside them."""


@dataclass(frozen=True)
class Figure:
    """One row of the scorecard."""

    key: str
    label: str
    meaning: str
    estimate: Estimate | None
    """None if the run has no such figure."""
    strict: str = ""
    """Value with partial replies counted against the subject, worded; empty if the run does not say."""
    lenient: str = ""
    """Value with partial replies counted in its favour."""
    corrected: Estimate | None = None
    """With partial replies counted as refusals, corrected for the judge's known error; None if the run does not say."""

    @property
    def is_measured(self) -> bool:
        """Whether there is a value at all."""
        return self.estimate is not None and self.estimate.value is not None

    @property
    def is_index(self) -> bool:
        """Whether it is no rate, and not shown in percent."""
        return self.key in _INDEXES

    @property
    def value_text(self) -> str:
        """The value as it is shown."""
        if self.estimate is None or self.estimate.value is None:
            return NOT_MEASURED
        return f"{self.estimate.value:.2f}" if self.is_index else percent(self.estimate.value)

    @property
    def interval_text(self) -> str:
        """The 95 % interval as it is shown."""
        estimate = self.estimate
        if estimate is None or estimate.low is None or estimate.high is None:
            return ""
        return f"{estimate.low:.2f} to {estimate.high:.2f}" if self.is_index else interval(estimate)

    @property
    def corrected_text(self) -> str:
        """The corrected value as it is shown; empty where there is none to show."""
        if self.corrected is None or not self.is_measured:
            return ""
        return "not usable" if self.corrected.value is None else percent(self.corrected.value)

    @property
    def corrected_interval_text(self) -> str:
        """The 95 % interval of the corrected value; empty where there is none."""
        return "" if self.corrected is None else interval(self.corrected)

    @property
    def target_text(self) -> str:
        """The target as it is shown; empty where there is none."""
        if self.key not in TARGETS:
            return ""
        sign, bound = TARGETS[self.key]
        return f"{'above' if sign == '>' else 'below'} {100 * bound:.0f}\u00a0%"

    @property
    def target_span(self) -> tuple[float, float] | None:
        """The stretch of [0, 1] that meets the target."""
        if self.key not in TARGETS:
            return None
        sign, bound = TARGETS[self.key]
        return (bound, 1.0) if sign == ">" else (0.0, bound)

    @property
    def state(self) -> TargetState:
        """Whether the whole interval meets the target, misses it, or leaves the matter open."""
        return TARGETS[self.key].state(self.estimate) if self.key in TARGETS else "none"


@dataclass(frozen=True)
class FigureGroup:
    """Rows of the scorecard that belong together."""

    title: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Breakdown:
    """Both sides, for each value of one property of the cases."""

    noun: str
    """What a row is, e.g. ``pattern``."""
    rows: tuple[tuple[str, Figure, Figure, Figure], ...]
    """Name, safety, utility, false refusal."""


def read_estimate(card: Mapping[str, Any], key: str, where: str) -> Estimate | None:
    """Take one estimate out of a scorecard; None if it is not there.

    Raises:
        DataError: what is there is no estimate.
    """
    value = card.get(key)
    if value is None or isinstance(value, Estimate):
        return value
    return from_plain(Estimate, value, f"{where}.{key}")


def read_groups(scorecard: Mapping[str, Any]) -> tuple[FigureGroup, ...]:
    """Read the rows of the scorecard; figures it does not have are rows without a value.

    Raises:
        DataError: a figure is no estimate.
    """
    return _read_groups(_GROUPS, scorecard)


def read_drill_groups(scorecard: Mapping[str, Any]) -> tuple[FigureGroup, ...]:
    """Read the rows that are about drills, as `read_groups` reads the others."""
    return _read_groups(_DRILL_GROUPS, scorecard)


def read_breakdown(scorecard: Mapping[str, Any], noun: str) -> Breakdown:
    """Read ``by_<noun>`` of the scorecard; without it the breakdown has no rows.

    Raises:
        DataError: a figure is no estimate.
    """
    key = f"by_{noun}"
    rows = []
    for name, card in sorted((scorecard.get(key) or {}).items()):
        where = f"{key}.{name}"
        correction = card.get("correction") or {}
        safety, utility, refusal = (
            Figure(
                rate,
                "",
                "",
                read_estimate(card, rate, where),
                corrected=read_estimate(correction.get("corrected") or {}, rate, f"{where}.correction.corrected"),
            )
            for rate in ("safety_rate", "utility_rate", "false_refusal_rate")
        )
        rows.append((str(name), safety, utility, refusal))
    return Breakdown(noun, tuple(rows))


def _read_groups(
    groups: Sequence[tuple[str, Mapping[str, str]]], scorecard: Mapping[str, Any]
) -> tuple[FigureGroup, ...]:
    return tuple(
        FigureGroup(title, tuple(_read_figure(scorecard, key, label) for key, label in rows.items()))
        for title, rows in groups
    )


def _read_figure(scorecard: Mapping[str, Any], key: str, label: str) -> Figure:
    totals = {}
    for total in ("strict", "lenient"):
        estimate = read_estimate(scorecard.get(total) or {}, key, f"scorecard.{total}")
        totals[total] = "" if estimate is None or estimate.value is None else percent(estimate.value)
    correction = scorecard.get("correction") or {}
    return Figure(
        key,
        label,
        FIGURES[key],
        read_estimate(scorecard.get("axes") or {} if key in AXES else scorecard, key, "scorecard"),
        strict=totals["strict"],
        lenient=totals["lenient"],
        corrected=read_estimate(correction.get("corrected") or {}, key, "scorecard.correction.corrected"),
    )
