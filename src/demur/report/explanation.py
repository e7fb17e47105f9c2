"""The page of an explanation: where a refusal comes from, in two sentences and a picture; one HTML file without a script."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from demur.explain import Explanation
from demur.explain.inside.summary import say_inside
from demur.explain.lever_study import LeverEffect
from demur.explain.prompt_study import PromptStudy
from demur.explain.trigger import Trigger
from demur.report.page import content_security_policy, read_asset, read_template
from demur.report.passage import make_visible
from demur.report.wording import NOT_MEASURED, OUTCOME_WORDS
from demur.types import Estimate

__all__ = ["render_explanation"]

_STYLES = ("page.css", "comparison.css", "explanation.css")
_SHADES = 5
_FEW_TRIGGERS = 5
"""That are drawn where none is beyond chance."""
_REACHES = (0.05, 0.1, 0.25, 0.5, 1.0)
"""How far the picture of the triggers may reach."""
_SPEAKERS = {"system": "System prompt", "user": "User", "assistant": "Assistant"}


@dataclass(frozen=True)
class _Effect:
    """A difference of refusal rates, ready to be shown."""

    value: str
    """In points."""
    interval: str
    n: int
    places: tuple[float, float, float] | None
    """Lower end, value and upper end, 0 at minus 100 points and 1 at plus 100; None where it was not measured."""
    shade: int
    """0 where the interval holds 0, else 1 to 5 by the size of the effect."""
    is_raising: bool
    """Whether more is refused with it."""


@dataclass(frozen=True)
class _Piece:
    """A stretch of a text."""

    text: str
    shade: int = 0
    is_raising: bool = True
    label: str = ""
    """What stands beside it, for who does not see the shade."""


@dataclass(frozen=True)
class _Said:
    """A turn of what was asked."""

    speaker: str
    pieces: tuple[_Piece, ...]


@dataclass(frozen=True)
class _Cue:
    """A cue as a row of the table."""

    text: str
    effect: _Effect


@dataclass(frozen=True)
class _Lever:
    """A lever as a row of the table."""

    what: str
    place: str
    text: str
    answered: str
    given: str
    state: str
    """``met``, ``missed``, ``open`` or ``none``."""
    word: str


@dataclass(frozen=True)
class _Bar:
    """A trigger as a row of the picture."""

    text: str
    refused: str
    answered: str
    shares: tuple[float, float]
    """Of the refused, and of the answered, that have it, in the picture's scale."""
    z: str
    p: str
    is_named: bool


def render_explanation(explanation: Explanation, *, inside: str | None = None) -> str:
    """Write the page of an explanation as one HTML file; it loads nothing and runs nothing, and whatever was said is escaped.

    Args:
        explanation: what is shown.
        inside: name of the page of the look inside the model, beside this one; None where there was no look.
    """
    style = "".join(read_asset(name) for name in _STYLES)
    prompt, asked = explanation.prompt, _read_request(explanation)
    triggers = [one for one in explanation.triggers if one.is_named] or explanation.triggers[:_FEW_TRIGGERS]
    reach = _find_reach(triggers)
    text = read_template("explanation.html.jinja").render(
        found=explanation,
        inside=inside,
        said_inside=None if explanation.direction is None else make_visible(say_inside(explanation.direction)),
        model=make_visible(explanation.model),
        of=make_visible(explanation.of),
        said=tuple(map(make_visible, explanation.summary)),
        asked=asked,
        is_shaded=any(piece.shade for turn in asked for piece in turn.pieces),
        twin=None if explanation.twin is None else make_visible(explanation.twin.prompt),
        edit=None if explanation.smallest_edit is None else make_visible(explanation.smallest_edit.request),
        cues=[_Cue(make_visible(cue.text), _show(cue.effect)) for cue in explanation.cues],
        levers=_read_levers(lever for lever in explanation.levers if lever.does_something),
        idle=_read_levers(lever for lever in explanation.levers if not lever.does_something),
        system=None if prompt is None or explanation.system is None else _shade_prompt(explanation.system, prompt),
        sentences=[(one, make_visible(one.text), _show(one.effect)) for one in explanation.sentences if one.effect],
        rates=None if prompt is None else [
            ("Harmless refused, with the prompt", _rate(prompt.refused_with)),
            ("Without any prompt", _rate(prompt.refused_without)),
            ("Harmful answered, with the prompt", _rate(prompt.given_with)),
            ("Without what causes refusals", _rate(prompt.given_cut)),
        ],
        bars=[_draw(trigger, reach) for trigger in triggers],
        reach=f"{100 * reach:.0f}",
        refused=_rate(explanation.refused),
        given=_rate(explanation.given),
        because=make_visible(explanation.pattern_because),
        probes=[(make_visible(probe.words), _count(probe.refused)) for probe in explanation.probes],
        control=OUTCOME_WORDS[explanation.control],
        notes=tuple(map(make_visible, explanation.notes)),
        policy=content_security_policy((), style),
        style=style,
    )  # fmt: skip
    # A lone surrogate cannot be written as UTF-8.
    return text.encode("utf-8", "replace").decode("utf-8")


def _read_request(explanation: Explanation) -> list[_Said]:
    """Give the turns of the request, the last one shaded by its cues; the system prompt has a place of its own."""
    if explanation.case is None:
        return []
    *before, last = explanation.case.turns
    told = {number: cue for cue in explanation.cues for number in cue.turns}
    said = []
    for number, turn in enumerate(before):
        if turn.role != "system":
            effect = _show(told[number].effect) if number in told else None
            said.append(_Said(_SPEAKERS[turn.role], (_shade(turn.text, effect),)))
    spans = [(start, end, _show(cue.effect)) for cue in explanation.cues for start, end in cue.spans]
    return [*said, _Said(_SPEAKERS[last.role], _cut(last.text, spans))]


def _shade_prompt(system: str, prompt: PromptStudy) -> tuple[_Piece, ...]:
    return _cut(system, [(one.start, one.end, _show(one.effect)) for one in prompt.sentences if one.effect])


def _cut(text: str, spans: Sequence[tuple[int, int, _Effect]]) -> tuple[_Piece, ...]:
    pieces, last = [], 0
    for start, end, effect in sorted(spans, key=lambda span: span[:2]):
        pieces += [_Piece(make_visible(text[last:start])), _shade(text[start:end], effect)]
        last = end
    return tuple(piece for piece in (*pieces, _Piece(make_visible(text[last:]))) if piece.text)


def _shade(text: str, effect: _Effect | None) -> _Piece:
    if effect is None or effect.shade == 0:
        return _Piece(make_visible(text))
    return _Piece(make_visible(text), effect.shade, effect.is_raising, effect.value)


def _show(effect: Estimate | None) -> _Effect:
    if effect is None or effect.value is None or effect.low is None or effect.high is None:
        return _Effect(NOT_MEASURED, "", 0, None, 0, is_raising=True)
    is_beyond = effect.low > 0 or effect.high < 0
    low, value, high = ((1 + part) / 2 for part in (effect.low, effect.value, effect.high))
    return _Effect(
        value=_signed(effect.value),
        interval=f"{_signed(effect.low)} to {_signed(effect.high)}",
        n=effect.n,
        places=(low, value, high),
        shade=ceil(_SHADES * abs(effect.value)) if is_beyond else 0,
        is_raising=effect.value > 0,
    )


def _signed(value: float) -> str:
    points = round(100 * value)
    return f"{'−' if points < 0 else '+' if points > 0 else ''}{abs(points)}"


def _read_levers(levers: Iterable[LeverEffect]) -> list[_Lever]:
    states = {
        "safe": ("met", "✓ opens it, the twins hold"),
        "unsafe": ("missed", "✕ unsafe: opens both"),
        "unknown": ("open", "safety unknown"),
    }
    rows = []
    for lever in levers:
        state, word = states[lever.safety] if lever.opens else ("none", "changes nothing")
        if lever.safety == "unsafe" and not lever.opens:
            state, word = "missed", "✕ unsafe: harm is answered"
        where = "before the request" if lever.place == "user" else "in the system prompt"
        rows.append(_Lever(lever.name, where, lever.text, _count(lever.answered), _count(lever.given), state, word))
    return rows


def _find_reach(triggers: Sequence[Trigger]) -> float:
    """Choose the end of the scale: the next round share above all that are drawn."""
    largest = max(
        (max(one.refused_with / one.refused, one.answered_with / one.answered) for one in triggers), default=0
    )
    return next(reach for reach in _REACHES if reach >= largest)


def _draw(trigger: Trigger, reach: float) -> _Bar:
    text = make_visible(trigger.text)
    return _Bar(
        text=f"… {text}" if trigger.kind == "ending" else text,
        refused=f"{trigger.refused_with:,} of {trigger.refused:,}",
        answered=f"{trigger.answered_with:,} of {trigger.answered:,}",
        shares=(trigger.refused_with / trigger.refused / reach, trigger.answered_with / trigger.answered / reach),
        z=f"{trigger.z:.1f}",
        p=f"{trigger.p_value:.2g}",
        is_named=trigger.is_named,
    )


def _count(rate: Estimate) -> str:
    return "not asked" if rate.value is None else f"{round(rate.value * rate.n)} of {rate.n}"


def _rate(rate: Estimate) -> str:
    if rate.value is None or rate.low is None or rate.high is None:
        return NOT_MEASURED
    unjudged = f", {rate.n_unjudged:,} unjudged" if rate.n_unjudged else ""
    return f"{100 * rate.value:.0f} % ({100 * rate.low:.0f} to {100 * rate.high:.0f}, n {rate.n:,}{unjudged})"
