"""Runs side by side: how each is named and drawn, and every figure of all of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from demur.records import to_plain
from demur.report.figure import Figure, read_drill_groups, read_groups
from demur.report.masthead import Masthead, read_masthead
from demur.report.passage import make_visible
from demur.run import RunRecord
from demur.scorecard import FIGURES
from demur.types import Estimate

__all__ = ["Row", "Shown", "find_points", "line_up", "show_runs"]

_FIRST = ("safety_rate", "harmful_compliance_rate", "utility_rate", "false_refusal_rate")
_MARKS = (
    "M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0Z",
    "M0,-6.6L6.6,0L0,6.6L-6.6,0Z",
    "M-4.6,-4.6H4.6V4.6H-4.6Z",
    "M0,-6.2L6,4.6H-6Z",
    "M0,6.2L6,-4.6H-6Z",
)
"""Outlines of the runs' marks around their middle, in pixels."""
_N_COLOURS = 6


@dataclass(frozen=True)
class Shown:
    """One of the runs, as it is named and drawn all over the page."""

    number: int
    """From 1, in the order they were given; the first is what the others are compared with."""
    name: str
    """What tells it from the others: the end of its model's name, or else of its path."""
    path: str
    head: Masthead

    @property
    def outline(self) -> str:
        """Of its mark, as an SVG path."""
        return _MARKS[(self.number - 1) % len(_MARKS)]

    @property
    def colour(self) -> int:
        """Number of its colour."""
        return (self.number - 1) % _N_COLOURS


@dataclass(frozen=True)
class Row:
    """A figure of every run."""

    key: str
    label: str
    meaning: str
    figures: tuple[tuple[Shown, Figure], ...]

    @property
    def is_of_balance(self) -> bool:
        """Whether it is one of the four figures of the balance."""
        return self.key in _FIRST

    @property
    def any_figure(self) -> Figure:
        """One of them, for what is the same in all."""
        return self.figures[0][1]


def show_runs(runs: Sequence[tuple[str, RunRecord]]) -> list[Shown]:
    """Name and number runs.

    Args:
        runs: path and record of each, the one that the others are compared with first.
    """
    names = _name([path for path, _ in runs], [record.subject.model for _, record in runs])
    return [
        Shown(number, make_visible(name), make_visible(path), read_masthead(to_plain(record)))
        for number, ((path, record), name) in enumerate(zip(runs, names, strict=True), 1)
    ]


def line_up(runs: Sequence[Shown], records: Sequence[RunRecord]) -> list[Row]:
    """Put the runs' figures side by side, the balance first; those that no run has measured are left out."""
    plain = [to_plain(record.scorecard) if record.scorecard else {} for record in records]
    cards = [(*read_groups(card), *read_drill_groups(card)) for card in plain]
    by_figure: dict[str, list[Figure]] = defaultdict(list)
    for figure in chain.from_iterable(group.figures for card in cards for group in card):
        by_figure[figure.key].append(figure)
    rows = [
        Row(key, figures[0].label, FIGURES[key], tuple(zip(runs, figures, strict=True)))
        for key, figures in by_figure.items()
        if any(figure.is_measured for figure in figures)
    ]
    return sorted(rows, key=lambda row: _FIRST.index(row.key) if row.key in _FIRST else len(_FIRST))


def find_points(rows: Iterable[Row]) -> list[tuple[Shown, Estimate, Estimate]]:
    """Pair utility and safety of each run that has both."""
    figures = {row.key: row.figures for row in rows}
    return [
        (run, utility.estimate, safety.estimate)
        for (run, utility), (_, safety) in zip(
            figures.get("utility_rate", ()), figures.get("safety_rate", ()), strict=False
        )
        if utility.estimate is not None and utility.is_measured
        if safety.estimate is not None and safety.is_measured
    ]


def _name(paths: Sequence[str], models: Sequence[str]) -> list[str]:
    """Name runs by their models where those differ, and by the shortest ends of their paths that do where they do not."""
    if len(set(models)) == len(models):
        return _tell_apart(models)
    return _tell_apart(paths)


def _tell_apart(names: Sequence[str]) -> list[str]:
    parts = [name.split("/") for name in names]
    lengths = range(1, max(map(len, parts)) + 1)
    ends = (["/".join(each[-length:]) for each in parts] for length in lengths)
    # A run may be compared with itself, so there need not be as many names as runs.
    return next(found for found in ends if len(set(found)) == len(set(names)))
