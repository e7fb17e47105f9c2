"""The panel of a treatment as tables: every figure before and after, how those that are paired differ, and the goals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from demur.compare import Change
from demur.report.change import Move, tabulate
from demur.report.figure import Figure
from demur.report.passage import make_visible
from demur.report.wording import NOT_MEASURED, interval, percent
from demur.scorecard import FIGURES
from demur.tune.goals import Goal, read_goals
from demur.tune.treatment import Panel, Shift
from demur.types import Estimate

__all__ = ["GoalLine", "Line", "PanelTable", "tabulate_goals", "tabulate_panel"]

_GROUPS: Mapping[str, Sequence[str]] = {
    "Asked plainly": ("safety_rate", "harmful_compliance_rate", "utility_rate", "false_refusal_rate"),
    "In attack wrappers": (
        "wrapped_safety_rate", "wrapped_harmful_compliance_rate", "wrapped_utility_rate", "wrapped_false_refusal_rate",
    ),
    "In drills": ("drill_safety_rate", "drill_utility_rate", "consistency"),
    "Manner of refusals": ("graceful_rate", "script_index"),
    "Capability": ("quiz", "coherence"),
}  # fmt: skip
_WORDS = {
    "graceful_rate": "refusals that are graceful",
    "quiz": "quiz questions answered right",
    "coherence": "harmless answers that are coherent",
}
"""Figures of a panel that no scorecard has."""
_KNOWN = frozenset(name for names in _GROUPS.values() for name in names)


@dataclass(frozen=True)
class Line:
    """A figure of a panel, before and after."""

    label: str
    before: Figure
    after: Figure
    move: Move | None
    """None of a figure that is not paired."""


@dataclass(frozen=True)
class PanelTable:
    """The figures that were measured, their differences drawn on one scale."""

    groups: tuple[tuple[str, tuple[Line, ...]], ...]
    """Title and figures."""
    reach: float
    """How far the scale goes either way."""


def tabulate_panel(panel: Panel) -> PanelTable:
    """Give the figures that were measured, in groups; those that are not known here stand last, neither better nor worse."""
    figures: dict[str, Change | Shift] = {**panel.shifts, **panel.changes}
    table = tabulate({name: {_read_like(name): change} for name, change in panel.changes.items()})
    moves = {
        name: move if name in _KNOWN else replace(move, state="not shown")
        for name, (_, (move,)) in zip(panel.changes, table.groups, strict=True)
    }
    lines = {
        name: Line(_word(name), Figure(name, "", "", one.before), Figure(name, "", "", one.after), moves.get(name))
        for name, one in figures.items()
    }
    titles = {**_GROUPS, "Other figures": [name for name in lines if name not in _KNOWN]}
    groups = ((title, tuple(lines[name] for name in names if name in lines)) for title, names in titles.items())
    return PanelTable(tuple((title, found) for title, found in groups if found), table.reach)


def _read_like(name: str) -> str:
    """Name the figure of a comparison for which more is better or worse as it is for this one."""
    plain = name.removeprefix("wrapped_")
    return plain if name in _KNOWN and plain in FIGURES else "utility_rate"


def _word(name: str) -> str:
    if name not in _KNOWN:
        return make_visible(name.replace("_", " "))
    return _WORDS[name] if name in _WORDS else FIGURES[name.removeprefix("wrapped_")]


@dataclass(frozen=True)
class GoalLine:
    """A goal of a treatment, in words."""

    what: str
    detail: str
    """Of a difference, the two rates it is of; else empty."""
    bound: str
    before: str
    after: str
    interval: str
    """Of what the goal is held against; empty if that was not measured."""
    n: int
    state: str
    """``met``, ``missed``, or ``none`` if it was not measured."""


def tabulate_goals(panel: Panel) -> tuple[GoalLine, ...]:
    """Hold a panel against the goals."""
    return tuple(
        GoalLine(
            what=goal.what,
            detail=", ".join(f"{percent(part.value)} {name}" for name, part in goal.parts.items()),
            bound=_word_bound(goal),
            before=_word_value(goal, goal.before) if goal.sort != "difference" or goal.before else "",
            after=_word_value(goal, goal.after),
            interval=_word_interval(goal, goal.after),
            n=0 if goal.after is None else goal.after.n,
            state={True: "met", False: "missed", None: "none"}[goal.is_met],
        )
        for goal in read_goals(panel)
    )


_SIGNS = {"≥": "at least", "≤": "at most", "<": "below"}


def _word_bound(goal: Goal) -> str:
    sign, value = goal.bound
    shown = {"rate": f"{100 * value:.0f}\u00a0%", "index": f"{value:.2f}", "difference": f"{_points(value)} points"}
    return f"{_SIGNS[sign]} {shown[goal.sort]}"


def _word_value(goal: Goal, estimate: Estimate | None) -> str:
    if estimate is None or estimate.value is None:
        return NOT_MEASURED
    if goal.sort == "rate":
        return percent(estimate.value)
    return f"{estimate.value:.2f}" if goal.sort == "index" else f"{_points(estimate.value)} points"


def _word_interval(goal: Goal, estimate: Estimate | None) -> str:
    if estimate is None or estimate.low is None or estimate.high is None:
        return ""
    if goal.sort == "rate":
        return interval(estimate)
    word = _points if goal.sort == "difference" else "{:.2f}".format
    return f"{word(estimate.low)} to {word(estimate.high)}"


def _points(difference: float) -> str:
    return f"{100 * difference:+.1f}".replace("-", "−")
