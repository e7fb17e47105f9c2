"""An explanation on the terminal: two sentences, then what they rest on. It fits 80 columns."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from demur.cli.summary import describe
from demur.explain import Explanation
from demur.explain.inside.summary import say_inside
from demur.report.passage import make_visible
from demur.types import Estimate

__all__ = ["print_explanation"]

_FEW_TRIGGERS = 3
"""That are shown where none is beyond chance."""


def print_explanation(explanation: Explanation) -> None:
    """Print where a refusal comes from, what turns it, and the evidence."""
    console = Console(highlight=False, markup=False, emoji=False)  # what is quoted is no markup
    console.print(f"Why {make_visible(explanation.model)} refuses\n", style="bold")
    for sentence in explanation.summary:
        console.print(make_visible(sentence))
    if explanation.direction is not None:
        console.print(f"\n{make_visible(say_inside(explanation.direction))}")
    console.print()
    if explanation.case is not None:
        console.print(_shade(explanation))
        console.print()
    for table in _tables(explanation):
        console.print(table)
        console.print()
    for line in _lines(explanation):
        console.print(make_visible(line), style="dim")


def _shade(explanation: Explanation) -> Text:
    """Set the request with its named cues standing out, in brackets too, for a terminal without colours."""
    prompt = explanation.case.prompt if explanation.case is not None else ""
    spans = sorted(span for cue in explanation.cues if cue.is_named for span in cue.spans)
    text, last = Text(), 0
    for start, end in spans:
        text.append(make_visible(prompt[last:start]))
        text.append(f"[{make_visible(prompt[start:end])}]", style="bold red")
        last = end
    return text.append(make_visible(prompt[last:]))


def _tables(explanation: Explanation) -> Iterator[Table]:
    if explanation.cues:
        yield _fill(
            ("cue", "effect", "95 % interval", "pairs"),
            [(make_visible(cue.text), *_effect(cue.effect)) for cue in explanation.cues],
        )
    found = [one for one in explanation.sentences if one.role is not None]
    if found:
        yield _fill(
            ("sentence of the prompt", "", "effect", "95 % interval", "pairs"),
            [
                (f"{one.number}. {make_visible(one.text)}", one.role or "", *_effect(one.effect or _NOTHING))
                for one in found
            ],
        )
    levers = [lever for lever in explanation.levers if lever.does_something]
    if levers:
        yield _fill(
            ("stated", "where", "harmless answered", "harm answered", ""),
            [(lever.text, lever.place, _share(lever.answered), _share(lever.given), lever.safety) for lever in levers],
        )
    triggers = [one for one in explanation.triggers if one.is_named] or explanation.triggers[:_FEW_TRIGGERS]
    if triggers:
        yield _fill(
            ("in refused requests", "refused", "answered", "p, adjusted"),
            [
                (
                    f"…{make_visible(one.text)}" if one.kind == "ending" else make_visible(one.text),
                    f"{one.refused_with} of {one.refused}",
                    f"{one.answered_with} of {one.answered}",
                    f"{one.p_value:.2g}",
                )
                for one in triggers
            ],
        )


def _lines(explanation: Explanation) -> Iterator[str]:
    refusers, is_run = explanation.refusers, explanation.case is None
    yield f"{'harmless refused' if is_run else 'refused, as it is and in other frames'}: {_rate(explanation.refused)}"
    yield f"{'harmful answered' if is_run else 'its harmful twin answered'}: {_rate(explanation.given)}"
    yield (
        f"who refused: the model {refusers.model} times, a filter {refusers.filter} times; not refused: "
        f"{refusers.answered}{'' if refusers.is_agreed or is_run else '; the samples disagree'}"
    )
    if explanation.pattern is not None:
        yield f"pattern: {explanation.pattern}: {explanation.pattern_because}"
    elif not is_run and explanation.refused.value:
        yield f"pattern: not known: {explanation.pattern_because}"
    yield from (f"asked beside it, {one.words}: refused {_share(one.refused)}" for one in explanation.probes)
    if explanation.prompt is not None:
        prompt = explanation.prompt
        on = "1 case" if prompt.n_cases == 1 else f"{prompt.n_cases} cases"
        yield f"system prompt: {len(prompt.sentences)} sentences, {prompt.n_trials} trials on {on}"
        yield f"  harmless refused with it: {_rate(prompt.refused_with)}"
        yield f"  harmless refused without it: {_rate(prompt.refused_without)}"
        yield f"  harmful answered with it: {_rate(prompt.given_with)}"
        yield f"  harmful answered without what causes refusals: {_rate(prompt.given_cut)}"
    if explanation.smallest_edit is not None:
        yield f"answered as: {explanation.smallest_edit.request}"
    idle = [lever for lever in explanation.levers if not lever.does_something]
    if idle:
        named = dict.fromkeys(f"{lever.name} ({lever.place})" for lever in idle)
        yield f"stated and changed nothing: {', '.join(named)}"
    yield from (f"mind: {note}" for note in explanation.notes)
    yield f"{explanation.n_calls} of {explanation.budget} calls; judged by {explanation.judge}"


def _fill(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _effect(effect: Estimate) -> tuple[str, str, str]:
    if effect.value is None or effect.low is None or effect.high is None:
        return "not measured", "", str(effect.n)
    return f"{100 * effect.value:+.0f}", f"{100 * effect.low:+.0f} to {100 * effect.high:+.0f}", str(effect.n)


def _share(rate: Estimate) -> str:
    return "not asked" if rate.value is None else f"{round(rate.value * rate.n)} of {rate.n}"


def _rate(rate: Estimate) -> str:
    if rate.value is None:
        return "not measured"
    value, bounds, _ = describe(rate)
    return f"{value} {bounds} (n {rate.n})"


_NOTHING = Estimate(None, None, None, 0)
