"""The page of treatments, one or several: both sides in a picture, what is recommended, what each did; one HTML file without a script."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from demur.report.change import word_side
from demur.report.chart import label
from demur.report.figure import Figure
from demur.report.page import content_security_policy, read_asset, read_template
from demur.report.panel import GoalLine, PanelTable, tabulate_goals, tabulate_panel
from demur.report.passage import make_visible
from demur.report.plane import WHOLE, Plane, Window, draw_plane, find_window
from demur.tune.frontier import FIGURES_SHOWN, RULE, Frontier, Point
from demur.tune.treatment import DataCard, Treatment

__all__ = ["render_frontier"]

_STYLES = ("page.css", "comparison.css", "frontier.css")
_OUTLINES = (
    "M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0Z",
    "M0,-6.6L6.6,0L0,6.6L-6.6,0Z",
    "M-4.6,-4.6H4.6V4.6H-4.6Z",
    "M0,-6.2L6,4.6H-6Z",
    "M0,6.2L6,-4.6H-6Z",
)
"""Of the methods' marks around their middle, in pixels."""
_CROSS = "M-6,-3.6L-3.6,-6L0,-2.4L3.6,-6L6,-3.6L2.4,0L6,3.6L3.6,6L0,2.4L-3.6,6L-6,3.6L-2.4,0Z"
"""Of the mark of the subject as it was."""

_SETTINGS = {
    "method": "Method", "beta": "Beta", "rank": "Rank", "epochs": "Epochs", "layer": "Layer", "lambda": "Lambda", "gain": "Gain",
    "kl_nats": "KL, nats", "chosen_nats": "Chosen, nats", "margin_nats": "Margin, nats",
}  # fmt: skip
"""What the table tells of how a treatment was made and of its training, where any of them says so."""
_BRIEF = {
    "safety_rate": "Harm refused",
    "harmful_compliance_rate": "Harm answered",
    "wrapped_harmful_compliance_rate": "Harm answered, wrapped",
    "utility_rate": "Harmless answered",
    "false_refusal_rate": "Harmless refused",
    "quiz": "Quiz",
    "coherence": "Coherent",
    "graceful_rate": "Graceful",
    "script_index": "Script index",
}
_NOTHING = "–"
_NEAR = 0.25
"""How much smaller its smaller side may be for a treatment to be among those looked at closely."""


@dataclass(frozen=True)
class _Shown:
    """A point, as it is named and drawn all over the page."""

    number: int
    """0 before any treatment, then from 1 in the order they were given."""
    point: Point
    name: str
    path: str
    outline: str
    colour: int
    is_recommended: bool
    against: tuple[str, ...]
    """What keeps it from being recommended."""
    settings: tuple[tuple[str, str], ...]
    """Heading and value of each column of the table."""
    figures: tuple[tuple[str, Figure], ...]

    @property
    def made(self) -> str:
        """Method, and beta where there is one."""
        beta = None if self.point.treatment is None else self.point.treatment.settings.get("beta")
        return make_visible(self.point.method) + ("" if beta is None else f", beta {_show(beta)}")

    @property
    def cells(self) -> tuple[tuple[str, str, str], ...]:
        """Heading, value and interval of each figure, the interval to the percent: the panel has the decimals."""
        return tuple(
            (heading, figure.value_text if figure.is_measured else _NOTHING, _brief(figure))
            for heading, figure in self.figures
        )

    @property
    def standing(self) -> str:
        """Where it stands, in a word: what tells points apart without their colour."""
        return "recommended" if self.is_recommended else "dominated" if self.point.is_dominated else "not dominated"


@dataclass(frozen=True)
class _Told:
    """A treatment, with its panel."""

    shown: _Shown
    sort: str
    sides: tuple[str, str]
    panel: PanelTable
    goals: tuple[GoalLine, ...]
    facts: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]
    base: str
    """SHA-256 of the weights it belongs to."""
    versions: tuple[tuple[str, str], ...]
    commands: str
    """What shows its conversations before and after."""


@dataclass(frozen=True)
class _Data:
    """A data card, and the treatments that were made from those pairs."""

    of: tuple[_Shown, ...]
    n_pairs: int
    content_hash: str
    counts: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    """Heading, and what is counted under it, the commonest first."""


def render_frontier(frontier: Frontier) -> str:
    """Write the page of a subject's treatments as one HTML file; it loads nothing and runs nothing."""
    style = "".join(read_asset(name) for name in _STYLES)
    shown = _show_points(frontier)
    whole, closer = _draw(frontier, shown)
    text = read_template("frontier.html.jinja").render(
        frontier=frontier,
        model=make_visible(frontier.model),
        because=make_visible(frontier.because),
        caveats=tuple(map(make_visible, frontier.caveats)),
        measured=_measured(frontier),
        rule=RULE,
        shown=shown,
        whole=whole,
        closer=closer,
        told=[_tell(frontier, one) for one in shown[1:]],
        data=_gather_data(shown[1:]),
        without_data=[one for one in shown[1:] if one.point.treatment and one.point.treatment.card is None],
        chosen=next((one for one in shown if one.is_recommended), None),
        policy=content_security_policy((), style),
        style=style,
    )
    # A lone surrogate, as a file's name can hold one, cannot be written as UTF-8.
    return text.encode("utf-8", "replace").decode("utf-8")


def _show_points(frontier: Frontier) -> list[_Shown]:
    points = (frontier.before, *frontier.treated)
    methods = list(dict.fromkeys(point.method for point in frontier.treated))
    settings = [
        name
        for name in _SETTINGS
        if any(point.treatment and point.treatment.settings.get(name) is not None for point in points)
    ]
    figures = [name for name in FIGURES_SHOWN if any(name in point.figures for point in points)]
    return [
        _Shown(
            number=number,
            point=point,
            name=make_visible(point.name),
            path=make_visible(point.path or ""),
            outline=_OUTLINES[methods.index(point.method) % len(_OUTLINES)] if number else _CROSS,
            colour=1 + methods.index(point.method) % len(_OUTLINES) if number else 0,
            is_recommended=bool(number) and point.name == frontier.recommended,
            against=tuple(map(make_visible, point.against)),
            settings=tuple(
                (_SETTINGS[name], _show(point.treatment.settings.get(name)) if point.treatment else _NOTHING)
                for name in settings
            ),
            figures=tuple((_BRIEF[name], _figure(name, point)) for name in figures),
        )
        for number, point in enumerate(points)
    ]


def _figure(name: str, point: Point) -> Figure:
    return Figure(name, _BRIEF[name], "", point.figures.get(name))


def _draw(frontier: Frontier, shown: Sequence[_Shown]) -> tuple[Plane, Plane | None]:
    """Draw all points in the whole plane, and closer those that contend for the recommendation."""
    joined = [point.sides[::-1] for point in frontier.joined]
    window = find_window([point.sides[::-1] for point in _contenders(frontier)])

    def draw(within: Window, inset: Window | None) -> Plane:
        points = [
            (one.point.figures["utility_rate"], one.point.figures["safety_rate"], name_in(inset, one)) for one in shown
        ]
        return draw_plane(within, points, joined, inset=inset)

    def name_in(inset: Window | None, one: _Shown) -> str:
        """Name a point beside it, unless many are close there and it is named in the closer picture."""
        is_crowded = inset is not None and inset.holds(*inset.place(*one.point.sides[::-1]))
        return "" if is_crowded else str(one.number) if one.number else one.name

    return draw(WHOLE, window), None if window is None else draw(window, None)


def _contenders(frontier: Frontier) -> Sequence[Point]:
    """Choose the treatments that are worth a closer look; none where there are not two."""
    recommended = [point for point in frontier.treated if point.name == frontier.recommended]
    best = max(min(point.sides) for point in recommended or frontier.treated)
    near = [point for point in frontier.treated if min(point.sides) > best - _NEAR]
    return near if len(near) > 1 else ()


def _tell(frontier: Frontier, shown: _Shown) -> _Told:
    treatment = shown.point.treatment
    if treatment is None:
        raise ValueError("found the subject as it was; expected a treatment")
    return _Told(
        shown=shown,
        sort=treatment.sort,
        sides=(
            word_side("harmful", "refused", treatment.panel.changes.get("safety_rate")),
            word_side("harmless", "answered", treatment.panel.changes.get("utility_rate")),
        ),
        panel=tabulate_panel(treatment.panel),
        goals=tabulate_goals(treatment.panel),
        facts=tuple((make_visible(name), _show(value)) for name, value in treatment.settings.items()),
        files=_visible(treatment.files),
        base=make_visible(treatment.base_sha256 or "not recorded"),
        versions=_visible(treatment.versions),
        commands=_commands(frontier.model, shown.point.path or "", treatment),
    )


def _gather_data(shown: Sequence[_Shown]) -> list[_Data]:
    """Give each data card once, with those that were made from it."""
    found: dict[str, list[tuple[_Shown, DataCard]]] = {}
    for one in shown:
        if one.point.treatment is not None and one.point.treatment.card is not None:
            found.setdefault(one.point.treatment.card.content_hash, []).append((one, one.point.treatment.card))
    return [
        _Data(tuple(one for one, _ in same), card.n_pairs, make_visible(card.content_hash), _counts(card))
        for same in found.values()
        for _, card in same[:1]
    ]


def _counts(card: DataCard) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    columns = {
        "What they mend": {make_visible(name): n for name, n in card.by_fault.items()},
        "Hazard": {label("category", name): n for name, n in card.by_category.items()},
        "Language": {make_visible(name): n for name, n in card.by_locale.items()},
        "From": {make_visible(name): n for name, n in card.sources.items()},
        "Chosen answer by": {make_visible(name): n for name, n in card.written_by.items()},
    }
    return tuple(
        (title, tuple(sorted(counts.items(), key=lambda named: -named[1])))
        for title, counts in columns.items()
        if counts
    )


def _commands(model: str, path: str, treatment: Treatment) -> str:
    """Word the comparison of the subject before and after, and the check-ups for it where those of the panel are not kept."""
    after = ["--model", f"{model}@{path}"]
    if treatment.sort == "prompt":
        after = ["--model", model, "--system", str(Path(path, next(iter(treatment.files), "FILE")))]
    lines = [
        ["demur", "check", "--model", model, "--out", "before"],
        ["demur", "check", *after, "--out", "after"],
        ["demur", "compare", "before", "after", "-o", "conversations.html"],
    ]
    if treatment.sort != "prompt":
        # Adapters of one subject share their "before"; a steering has its own, by the engine that steers.
        beside = Path(path).parent if treatment.sort == "adapter" else Path(path)
        kept = [str(beside / "before"), str(Path(path) / "after")]
        lines = [
            ["demur", "compare", *kept, "-o", "conversations.html"],
            ["#", "where", "these", "are", "gone:"],
            *lines,
        ]
    return make_visible("\n".join(" ".join(words) if words[0] == "#" else shlex.join(words) for words in lines))


def _measured(frontier: Frontier) -> str:
    suites = ", ".join(f"{name} ({n:,})" for name, n in frontier.suites.items())
    decoding = frontier.decoding
    return make_visible(
        f"Measured on {suites}; judged by {frontier.judge}; {decoding.max_tokens} tokens a reply, temperature "
        f"{decoding.temperature:g}, seed {decoding.seed}"
    )


def _brief(figure: Figure) -> str:
    estimate = figure.estimate
    if estimate is None or estimate.low is None or estimate.high is None:
        return ""
    if figure.is_index:
        return f"{estimate.low:.2f}–{estimate.high:.2f}"
    return f"{100 * estimate.low:.0f}–{100 * estimate.high:.0f}"


def _visible(table: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((make_visible(name), make_visible(value)) for name, value in table.items())


def _show(value: str | float | None) -> str:
    if value is None or isinstance(value, str):
        return _NOTHING if value is None else make_visible(value)
    number = f"{abs(value):,.4g}" if isinstance(value, float) else f"{abs(value):,}"
    return f"−{number}" if value < 0 else number
