"""The page of a comparison: runs side by side, and what changed since the first; one HTML file without a script."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from demur.cases.taxonomy import HAZARDS
from demur.compare import Change, Comparison, Flip
from demur.records import to_plain
from demur.report.figure import Figure, read_groups
from demur.report.masthead import Masthead, read_masthead
from demur.report.page import content_security_policy, read_asset, read_template
from demur.report.passage import Passage, make_passage, make_title, make_visible
from demur.report.wording import EXPECT_WORDS, NOT_MEASURED, OUTCOME_WORDS, percent
from demur.run import RunRecord
from demur.scorecard import FIGURES
from demur.types import Estimate

__all__ = ["render_comparison"]

MOST_FLIPS = 60
OPEN_FLIPS = 5
"""Flips whose replies are seen at once."""
_PROMPT_LIMIT, _REPLY_LIMIT = 1_500, 2_000
_STYLES = ("page.css", "comparison.css")
_FIRST = ("safety_rate", "harmful_compliance_rate", "utility_rate", "false_refusal_rate")
_LESS_IS_BETTER = frozenset({"harmful_compliance_rate", "false_refusal_rate"})
_REACHES = (0.1, 0.2, 0.3, 0.5, 1.0)
"""How far either way a table of changes may be drawn."""
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
class _Run:
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
class _Row:
    """A figure of every run."""

    key: str
    label: str
    meaning: str
    figures: tuple[tuple[_Run, Figure], ...]

    @property
    def any_figure(self) -> Figure:
        """One of them, for what is the same in all."""
        return self.figures[0][1]


@dataclass(frozen=True)
class _Move:
    """A change, ready to be shown."""

    label: str
    change: Change
    state: str
    """``better``, ``worse``, ``not shown``."""
    places: tuple[float, float, float] | None
    """Lower end, value and upper end in the picture's scale, 0 left and 1 right; None if it was not measured."""

    @property
    def value_text(self) -> str:
        """The change as it is shown."""
        value = self.change.difference.value
        return NOT_MEASURED if value is None else _signed(value)

    @property
    def interval_text(self) -> str:
        """Its interval as it is shown."""
        return _interval(self.change.difference)

    @property
    def likely(self) -> str:
        """Its adjusted p value as it is shown."""
        return _likely(self.change)


@dataclass(frozen=True)
class _Table:
    """Changes that are drawn on one scale, which reaches as far to the left of nothing as to the right."""

    groups: tuple[tuple[str, tuple[_Move, ...]], ...]
    """Title (of a category; empty for the whole) and its figures."""
    reach: float


@dataclass(frozen=True)
class _Card:
    """A flip, ready to be shown."""

    side: str
    """Of its colours: ``harm`` if harm is answered now, ``block`` if help is refused, ``good`` if it is better, else ``between``."""
    word: str
    title: str
    facts: str
    """What was expected, and which case it is."""
    before: str
    after: str
    prompt: Passage
    reply_before: Passage
    reply_after: Passage


@dataclass(frozen=True)
class _Since:
    """What changed between the first run and another."""

    run: _Run
    comparison: Comparison
    caveats: tuple[str, ...]
    sides: tuple[str, str]
    """A sentence on harmful requests, and one on harmless ones."""
    whole: _Table
    categories: _Table
    cards: tuple[_Card, ...]
    counts: tuple[tuple[str, int], ...]
    """All flips, by what became of them."""

    @property
    def n_left_out(self) -> int:
        """Flips that are not shown."""
        return len(self.comparison.flips) - len(self.cards)


def render_comparison(runs: Sequence[tuple[str, RunRecord]], comparisons: Sequence[Comparison]) -> str:
    """Write the page of a comparison as one HTML file; it loads nothing and runs nothing.

    Args:
        runs: path and record of each, the one that the others are compared with first.
        comparisons: of the first with each of the others, in their order.
    """
    names = _name([path for path, _ in runs], [record.subject.model for _, record in runs])
    shown = [
        _Run(number, make_visible(name), make_visible(path), read_masthead(to_plain(record)))
        for number, ((path, record), name) in enumerate(zip(runs, names, strict=True), 1)
    ]
    style = "".join(read_asset(name) for name in _STYLES)
    rows = _rows(shown, [record for _, record in runs])
    text = read_template("comparison.html.jinja").render(
        runs=shown,
        balance=[row for row in rows if row.key in _FIRST],
        others=[row for row in rows if row.key not in _FIRST],
        points=_points(rows),
        since=[_since(run, one) for run, one in zip(shown[1:], comparisons, strict=True)],
        n_open=OPEN_FLIPS,
        policy=content_security_policy((), style),
        style=style,
    )
    # A lone surrogate, as a broken tokenizer can leave one, cannot be written as UTF-8.
    return text.encode("utf-8", "replace").decode("utf-8")


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


def _rows(runs: Sequence[_Run], records: Sequence[RunRecord]) -> list[_Row]:
    """Put the runs' figures side by side, the balance first; those that no run has measured are left out."""
    cards = [read_groups(to_plain(record.scorecard) if record.scorecard else {}) for record in records]
    by_figure: dict[str, list[Figure]] = defaultdict(list)
    for figure in chain.from_iterable(group.figures for card in cards for group in card):
        by_figure[figure.key].append(figure)
    rows = [
        _Row(key, figures[0].label, FIGURES[key], tuple(zip(runs, figures, strict=True)))
        for key, figures in by_figure.items()
        if any(figure.is_measured for figure in figures)
    ]
    return sorted(rows, key=lambda row: _FIRST.index(row.key) if row.key in _FIRST else len(_FIRST))


def _points(rows: Iterable[_Row]) -> list[tuple[_Run, Estimate, Estimate]]:
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


def _since(run: _Run, comparison: Comparison) -> _Since:
    flips = comparison.flips
    return _Since(
        run=run,
        comparison=comparison,
        caveats=tuple(map(make_visible, comparison.caveats)),
        sides=(
            _sentence("harmful", "refused", comparison.changes.get("safety_rate")),
            _sentence("harmless", "answered", comparison.changes.get("utility_rate")),
        ),
        whole=_table({"": comparison.changes}),
        categories=_table(
            {HAZARDS.get(name, name): changes for name, changes in comparison.changed_categories.items()}
        ),
        cards=tuple(_card(flip) for flip in _choose(flips)),
        counts=(
            ("for the worse", sum(flip.is_better is False for flip in flips)),
            ("for the better", sum(flip.is_better is True for flip in flips)),
            ("neither", sum(flip.is_better is None for flip in flips)),
        ),
    )


def _sentence(what: str, done: str, change: Change | None) -> str:
    """Word how one side moved."""
    if change is None or change.difference.value is None:
        return f"No {what} request was judged in both runs."
    told = "a change beyond chance is not shown"
    if change.is_beyond_chance:
        told = f"{'more' if change.difference.value > 0 else 'fewer'}, beyond chance"
    return (
        f"{percent(change.after.value)} of {what} requests {done}, {percent(change.before.value)} before: {told} "
        f"(95\u00a0% interval of the change {_interval(change.difference)} points, p\u00a0{_likely(change)})."
    )


def _likely(change: Change) -> str:
    p = change.p_adjusted
    return "<.001" if p < 0.001 else f"{p:.3f}".removeprefix("0")  # noqa: PLR2004 -- what three digits show


def _interval(difference: Estimate) -> str:
    if difference.low is None or difference.high is None:
        return ""
    return f"{_signed(difference.low)} to {_signed(difference.high)}"


def _signed(difference: float) -> str:
    """Word a difference in percentage points, with its sign."""
    return f"{100 * difference:+.1f}".replace("-", "−") if abs(difference) >= 0.0005 else "0.0"  # noqa: PLR2004 -- what one digit shows


def _table(groups: Mapping[str, Mapping[str, Change]]) -> _Table:
    """Draw changes on the shortest scale that holds all of their intervals."""
    ends = [
        abs(end)
        for changes in groups.values()
        for change in changes.values()
        for end in (change.difference.low, change.difference.high)
        if end is not None
    ]
    reach = next((reach for reach in _REACHES if max(ends, default=0) <= reach), _REACHES[-1])
    return _Table(
        tuple(
            (make_visible(title), tuple(_move(figure, change, reach) for figure, change in changes.items()))
            for title, changes in groups.items()
        ),
        reach,
    )


def _move(figure: str, change: Change, reach: float) -> _Move:
    difference = change.difference
    places = None
    if difference.value is not None and difference.low is not None and difference.high is not None:
        low, value, high = ((end / reach + 1) / 2 for end in (difference.low, difference.value, difference.high))
        places = (low, value, high)
    state = "not shown"
    if change.is_beyond_chance:
        is_more = (difference.value or 0) > 0
        state = "better" if is_more != (figure in _LESS_IS_BETTER) else "worse"
    return _Move(FIGURES[figure], change, state, places)


def _choose(flips: Sequence[Flip]) -> list[Flip]:
    """Choose the flips that are shown: losses first, and of each kind both sides in turns, so that neither crowds out the other."""
    places: dict[tuple[bool | None, str], int] = defaultdict(int)
    ranked = []
    for flip in flips:
        kind = (flip.is_better, flip.expect)
        ranked.append((flip.is_better is None, flip.is_better or False, places[kind], flip))
        places[kind] += 1
    chosen = [flip for *_, flip in sorted(ranked, key=lambda one: one[:3])[:MOST_FLIPS]]
    sides = ("refuse", "comply", "clarify")
    return sorted(chosen, key=lambda flip: (flip.is_better is None, flip.is_better, sides.index(flip.expect)))


def _card(flip: Flip) -> _Card:
    worse = {"refuse": "harm", "comply": "block", "clarify": "between"}[flip.expect]
    side, word = {True: ("good", "better"), False: (worse, "worse"), None: ("between", "neither")}[flip.is_better]
    category = HAZARDS.get(flip.category or "", flip.category or "")
    facts = (EXPECT_WORDS[flip.expect], flip.case, category, f"sample {flip.epoch}" if flip.epoch > 1 else "")
    return _Card(
        side=side,
        word=word,
        title=make_title(flip.prompt),
        facts=" · ".join(make_visible(fact) for fact in facts if fact),
        before=OUTCOME_WORDS[flip.before],
        after=OUTCOME_WORDS[flip.after],
        prompt=make_passage(flip.prompt, limit=_PROMPT_LIMIT),
        reply_before=make_passage(flip.reply_before, limit=_REPLY_LIMIT),
        reply_after=make_passage(flip.reply_after, limit=_REPLY_LIMIT),
    )
