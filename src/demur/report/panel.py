"""The panel of a treatment as a table: every figure before and after, and how those that are paired differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from demur.compare import Change
from demur.report.change import Move, tabulate
from demur.report.figure import Figure
from demur.report.passage import make_visible
from demur.scorecard import FIGURES
from demur.tune.treatment import Panel, Shift

__all__ = ["Line", "PanelTable", "tabulate_panel"]

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
