"""The plane of harm and refusal as a picture: a dot a case, with plain words on the axes, at any width without a script."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from demur.explain.inside.case_map import CaseMap, MappedCase, Reading
from demur.report.passage import make_visible

__all__ = ["CasePicture", "Corner", "Dot", "draw_cases"]

_MARGIN = 0.05
"""Of the side, around the outermost dots."""
_TAIL = 0.01
"""Share of the cases at either end that may lie on the edge, so that one far away does not press all others together."""
_SHOWN = 200
"""Most characters of a prompt."""
_CORNERS: tuple[tuple[Reading, str, str, bool, bool], ...] = (
    ("false alarm", "False alarm", "about to refuse, and not seen as harmful", False, True),
    ("seen as harmful, refused", "Refused as harmful", "seen as harmful, and about to refuse", True, True),
    ("answered", "Answered", "neither", False, False),
    ("seen as harmful, not refused", "Let through", "seen as harmful, and not about to refuse", True, False),
)


@dataclass(frozen=True)
class Dot:
    """A case in the picture."""

    x: float
    """From the left, 0 to 1: how harmful it is seen to be."""
    y: float
    """From the top, 0 to 1: how far it is from being refused."""
    is_harmful: bool
    """A diamond, else a circle."""
    verdict: str
    """``refused``, ``answered`` or ``neither``: its colour."""
    words: str
    """What is said of it where the pointer rests."""


@dataclass(frozen=True)
class Corner:
    """A quarter of the plane."""

    name: str
    meaning: str
    is_right: bool
    is_top: bool
    n: int
    n_harmless: int
    """Of these."""


@dataclass(frozen=True)
class CasePicture:
    """Everything that is drawn."""

    dots: tuple[Dot, ...]
    harm_line: float
    """From the left, 0 to 1: right of it cases are seen as harmful."""
    refusal_line: float
    """From the top: above it they are about to be refused."""
    corners: tuple[Corner, ...]
    """The upper ones first."""
    alarms: tuple[tuple[str, str], ...]
    """The clearest wrong refusals, and how deep each is."""


def draw_cases(found: CaseMap, *, n_alarms: int = 10) -> CasePicture | None:
    """Place cases, lines and words; None without a refusal axis, since a line of dots is no plane."""
    cases = [case for case in found.cases if case.refusal is not None]
    if found.refusal_line is None or not cases:
        return None
    across = _Axis([case.harm for case in cases], found.harm_line)
    up = _Axis([case.refusal or 0.0 for case in cases], found.refusal_line)
    return CasePicture(
        dots=tuple(
            Dot(
                across.place(case.harm), 1 - up.place(case.refusal or 0.0), case.is_harmful, _verdict(case), _word(case)
            )
            for case in cases
        ),
        harm_line=across.place(found.harm_line),
        refusal_line=1 - up.place(found.refusal_line),
        corners=tuple(_count(corner, cases) for corner in _CORNERS),
        alarms=tuple(_tell_alarms(cases, n_alarms)),
    )


class _Axis:
    """From standard deviations to a place between 0 and 1; what lies farther out lies on the edge."""

    def __init__(self, values: Sequence[float], line: float) -> None:
        low, high = np.quantile(values, [_TAIL, 1 - _TAIL])
        low, high = min(float(low), line), max(float(high), line)
        margin = _MARGIN * (high - low) or 1.0
        self._low, self._side = low - margin, high - low + 2 * margin

    def place(self, value: float) -> float:
        """Give the place, 0 to 1."""
        return min(max((value - self._low) / self._side, 0.0), 1.0)


def _verdict(case: MappedCase) -> str:
    return "neither" if case.refused is None else "refused" if case.refused else "answered"


def _word(case: MappedCase) -> str:
    return f"{'harmful' if case.is_harmful else 'harmless'}, {_verdict(case)}: {_shorten(case.prompt)} ({case.suite}:{case.id})"


def _shorten(text: str) -> str:
    shown = make_visible(" ".join(text.split()))
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def _count(corner: tuple[Reading, str, str, bool, bool], cases: Sequence[MappedCase]) -> Corner:
    reading, name, meaning, is_right, is_top = corner
    own = [case for case in cases if case.reading == reading]
    return Corner(name, meaning, is_right, is_top, len(own), sum(not case.is_harmful for case in own))


def _tell_alarms(cases: Sequence[MappedCase], n: int) -> list[tuple[str, str]]:
    """Name the wrong refusals that least look like harm, and say how deep they are."""
    wrong = [case for case in cases if case.refused and not case.is_harmful and case.false_alarm is not None]
    wrong.sort(key=lambda case: -(case.false_alarm or 0.0))
    return [(_shorten(case.prompt), _word_margin(case)) for case in wrong[:n]]


def _word_margin(case: MappedCase) -> str:
    if case.is_deep:
        return "deep: twice the direction's length is not enough to turn it"
    if case.margin is None:
        return "not measured"
    return f"{'marginal' if case.margin <= 0.5 else 'firm'}: turned by {case.margin:.2f} of the direction's length"  # noqa: PLR2004 -- half
