"""What a colleague would say of a refusal, in two sentences: where it comes from, and what turns it."""

from collections.abc import Sequence

from demur.explain.cue import Cue, Edit
from demur.explain.layer import Refusers
from demur.explain.lever_study import LeverEffect
from demur.explain.prompt_study import PromptStudy
from demur.types import Estimate, Outcome

__all__ = ["say_turning", "say_where"]

_LONGEST = 90


def say_where(
    refusers: Refusers, prompt: PromptStudy | None, cues: Sequence[Cue], control: Outcome | None, *, is_run: bool
) -> str:
    """Say where a refusal comes from: the filter, the prompt, a word, or none of them."""
    what = "The refusals" if is_run else "The refusal"
    said = []
    if refusers.layer == "filter":
        n = refusers.model + refusers.filter
        said.append(f"{what} came from a filter, not from the model ({refusers.filter} of {n})")
    causes = [one for one in prompt.found if one.role == "causes"] if prompt is not None else []
    if causes:
        named = " and ".join(f"{one.number} (“{_cut(one.text)}”)" for one in causes)
        plural = "s" if len(causes) > 1 else ""
        said.append(f"{what} hang{'' if is_run else 's'} on the system prompt, on its sentence{plural} {named}")
    named_cues = [cue for cue in cues if cue.is_named]
    if control == "refuse" and not causes:
        said.append(f"{what} hang{'' if is_run else 's'} on no word: a question that nobody refuses is refused too")
    elif named_cues:
        words = " and ".join(f"“{_cut(cue.text)}”" for cue in named_cues)
        points = _points(named_cues[0].effect)
        said.append(
            f"{'and ' if said else ''}{'it hangs' if said else f'{what} hang' + ('' if is_run else 's')} on {words}: {points}"
        )
    if not said:
        return f"{what} could not be traced to a word{'' if prompt is None else ' or to a sentence of the prompt'}."
    return "; ".join(said) + "."


def say_turning(edit: Edit | None, levers: Sequence[LeverEffect], given: Estimate, *, is_run: bool) -> str:
    """Say what turns a refusal into an answer, and what becomes of the harmful side."""
    opening = [lever for lever in levers if lever.opens]
    said = []
    if edit is not None:
        change = f"with “{_cut(edit.text)}”" if edit.kind == "swap" else f"without “{_cut(edit.text)}”"
        said.append(f"{change} it is answered")
    safe = next((lever for lever in opening if lever.safety == "safe"), None)
    if safe is not None:
        said.append(f"stating the {safe.name} ({_PLACES[safe.place]}) is enough, and no harmful twin gains by it")
    elif opening:
        word = "opens the harmful side too" if opening[0].safety == "unsafe" else "is enough, for whom is unknown"
        said.append(f"stating the {opening[0].name} ({_PLACES[opening[0].place]}) {word}")
    elif levers:
        said.append("no context that was stated changes it")
    if given.n and is_run:
        said.append(f"of the harmful requests {round((given.value or 0) * given.n)} of {given.n} were answered")
    elif given.n:
        said.append(f"its harmful twin is {'answered' if given.value else 'refused'} as it stands")
    text = "; ".join(said) or "nothing was found that turns it"
    return f"{text[0].upper()}{text[1:]}."


_PLACES = {"user": "before the request", "system": "in the system prompt"}


def _points(effect: Estimate) -> str:
    value, low, high = (round(100 * (part or 0)) for part in (effect.value, effect.low, effect.high))
    return f"with it {value} points more are refused (95 % interval {low} to {high}, {effect.n} pairs)"


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
