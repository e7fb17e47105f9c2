"""The page of a judge's validation: one HTML file without a script, its pictures drawn as SVG."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from demur.judge.calibration import Calibration
from demur.judge.detection import Detection
from demur.judge.phrase_sensitivity import Movement
from demur.judge.validation import Validation
from demur.report.figure import Figure
from demur.report.page import content_security_policy, read_asset, read_template
from demur.report.passage import make_visible
from demur.stats import Confusion

__all__ = ["render_validation"]

MOST_SLICES = 24
_STYLES = ("page.css", "validation.css")
_EASED = 0.1
"""The axes of the calibration picture begin at a multiple of this."""


@dataclass(frozen=True)
class _Cell:
    """One pair of labels."""

    count: int
    share: float
    """Of the row."""
    sort: Literal["right", "wrong", "unjudged"]


@dataclass(frozen=True)
class _Grid:
    """Counts of each pair of labels, people's in rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[_Cell, ...]], ...]


@dataclass(frozen=True)
class _Point:
    """One bin of the calibration picture, in its own scale: 0 is the axes' beginning, 1 their end."""

    x: float
    y: float
    low: float
    high: float
    radius: float
    """Of the dot, in pixels; its area grows with n."""
    words: str


@dataclass(frozen=True)
class _Curve:
    """The calibration picture."""

    begin: float
    """Where both axes begin; they end at 1."""
    ticks: tuple[tuple[float, str], ...]
    """Place in the picture's scale, and percent."""
    points: tuple[_Point, ...]


@dataclass(frozen=True)
class _Slices:
    """Sensitivity and specificity for each value of one property of the replies."""

    noun: str
    rows: tuple[tuple[str, Figure, Figure], ...]
    n_left_out: int


@dataclass(frozen=True)
class _Moved:
    """What rewording does to replies of one sort."""

    title: str
    figures: tuple[Figure, ...]


def render_validation(found: Validation) -> str:
    """Write the page of a validation as one HTML file; it loads nothing and runs nothing."""
    style = "".join(read_asset(name) for name in _STYLES)
    text = read_template("validation.html.jinja").render(
        found=found,
        data=make_visible(found.data),
        policy=content_security_policy((), style),
        style=style,
        figures=_figures(found),
        grid=_grid(found.outcomes or found.any_refusal.table, is_outcomes=found.outcomes is not None),
        curve=_curve(found.calibration),
        slices=[
            _slices(noun, slices)
            for noun, slices in (
                ("model", found.by_model),
                ("language", found.by_language),
                ("category", found.by_category),
            )
            if slices
        ],
        parts=[(name.replace("_", " "), _part(told)) for name, told in found.parts.items()],
        moved=_moved(found),
    )
    # A lone surrogate, as a broken tokenizer can leave one, cannot be written as UTF-8.
    return text.encode("utf-8", "replace").decode("utf-8")


def _figures(found: Validation) -> list[Figure]:
    told = found.any_refusal
    return [
        Figure("sensitivity", "Sensitivity", "refusals, whole or partial, that it calls refusals", told.sensitivity),
        Figure("specificity", "Specificity", "other replies that it calls something else", told.specificity),
        Figure("precision", "Precision", "its calls of refusal that people share", told.precision),
        Figure("accuracy", "Accuracy", "replies on which both agree whether it is a refusal", told.accuracy),
        Figure("three_classes", "Three classes", "the same, with whole and partial told apart", found.three_classes),
        Figure("f1", "F1", "harmonic mean of precision and sensitivity", told.f1),
        Figure("kappa", "Kappa", "agreement beyond chance: 0 none, 1 perfect", told.kappa),
    ]


def _grid(table: Confusion, *, is_outcomes: bool) -> _Grid:
    words = {} if is_outcomes else {"yes": "refuses", "no": "does not"}
    rows = []
    for i, (label, counts, unjudged) in enumerate(zip(table.labels, table.counts, table.unjudged, strict=True)):
        n = sum(counts) + unjudged
        if n == 0:  # a label that only the judge gives
            continue
        cells = [_Cell(count, count / n, "right" if i == j else "wrong") for j, count in enumerate(counts)]
        if table.n_unjudged:
            cells.append(_Cell(unjudged, unjudged / n, "unjudged"))
        rows.append((words.get(label, label), tuple(cells)))
    columns = (*(words.get(label, label) for label in table.labels), *(["unjudged"] if table.n_unjudged else []))
    return _Grid(columns, tuple(rows))


def _curve(fit: Calibration) -> _Curve | None:
    """Place the bins; both axes begin at the last tenth below everything there is to show."""
    if not fit.bins:
        return None
    least = min(min(one.low, one.right.low or 0.0) for one in fit.bins)
    tenths = min(int(least / _EASED), 9)
    begin = tenths * _EASED

    def place(value: float) -> float:
        return (value - begin) / (1 - begin)

    most = max(one.right.n for one in fit.bins)
    points = tuple(
        _Point(
            x=place(one.confidence),
            y=place(one.right.value or 0.0),
            low=place(one.right.low or 0.0),
            high=place(1.0 if one.right.high is None else one.right.high),
            radius=2.5 + 5.5 * (one.right.n / most) ** 0.5,
            words=f"confidence {one.confidence:.2f}: right {one.right.value or 0.0:.2f} of {one.right.n}",
        )
        for one in fit.bins
    )
    step = 1 if tenths >= 5 else 2  # noqa: PLR2004 -- half the scale holds twice as many ticks
    ticks = tuple((place(tenth / 10), f"{10 * tenth}\u00a0%") for tenth in range(10, tenths - 1, -step))
    return _Curve(begin, ticks, points)


def _slices(noun: str, slices: Mapping[str, Detection]) -> _Slices:
    largest = sorted(slices.items(), key=lambda item: (-item[1].table.n, item[0]))
    rows = tuple(
        (
            make_visible(name),
            Figure("sensitivity", "", "", told.sensitivity),
            Figure("specificity", "", "", told.specificity),
        )
        for name, told in largest[:MOST_SLICES]
    )
    return _Slices(noun, rows, len(largest) - len(rows))


def _part(told: Detection) -> tuple[Figure, Figure, Figure]:
    return (
        Figure("precision", "", "", told.precision),
        Figure("sensitivity", "", "", told.sensitivity),
        Figure("f1", "", "", told.f1),
    )


def _moved(found: Validation) -> list[_Moved]:
    measured = found.phrase_sensitivity
    if measured is None:
        return []
    movements: tuple[tuple[str, Movement | None], ...] = (
        ("Refusals that ship with demur", measured.bundled_refusals),
        ("Answers that ship with demur", measured.bundled_answers),
        (f"Refusals of {make_visible(found.data)}, reworded by rule", measured.labelled_refusals),
        (f"Answers of {make_visible(found.data)}, reworded by rule", measured.labelled_answers),
    )
    return [_Moved(title, _movement(movement)) for title, movement in movements if movement is not None]


def _movement(movement: Movement) -> tuple[Figure, ...]:
    return (
        Figure("always_right", "Called right in every wording", "", movement.always_right),
        Figure("moved", "Moved by some wording", "", movement.moved),
        *(Figure("moved", f"Moved by “{name}”", "", estimate) for name, estimate in movement.by_rewording.items()),
    )
