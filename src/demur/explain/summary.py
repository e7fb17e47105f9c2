"""What a colleague would say of a refusal, in two sentences: where it comes from, and what turns it."""

from collections.abc import Sequence

from demur.explain.cue import APART, Cue, Edit
from demur.explain.layer import Refusers
from demur.explain.lever_study import LeverEffect
from demur.explain.prompt_study import PromptStudy, SentenceEffect
from demur.types import Estimate, Outcome

__all__ = ["say_turning", "say_where"]

_LONGEST = 90
_MUCH = 0.5
"""How much more is refused with a prompt than without it for refusals to hang on it."""


def say_where(
    refusers: Refusers, prompt: PromptStudy | None, cues: Sequence[Cue], control: Outcome | None, *, is_run: bool
) -> str:
    """Say where a refusal comes from: the filter, the prompt, a word, or none of them."""
    what, hang = ("The refusals", "hang") if is_run else ("The refusal", "hangs")
    said = []
    if refusers.layer == "filter":
        n = refusers.model + refusers.filter
        said.append(f"{what} came from a filter, not from the model ({refusers.filter} of {n})")
    if prompt is not None:
        said += _say_prompt(prompt, f"{what} {hang}")
    named = [cue for cue in cues if cue.is_named]
    if named:
        words = " and on ".join(map(_name_cue, named))
        which = "the first" if len(named) > 1 else "them" if APART in named[0].text else "it"
        said.append(f"{what} {hang} on {words}: {_points(which, named[0].effect)}")
    elif control == "refuse" and not said:
        said.append(f"{what} {hang} on no word: a question that nobody refuses is refused too")
    if not said:
        return f"{what} could not be traced to a word{'' if prompt is None else ' or to a sentence of the prompt'}."
    return "; ".join([said[0], *(f"{one[0].lower()}{one[1:]}" for one in said[1:])]) + "."


def _say_prompt(prompt: PromptStudy, hang: str) -> list[str]:
    causes = [one for one in prompt.found if one.role == "causes"]
    prevents = [one for one in prompt.found if one.role == "prevents"]
    said = []
    if causes:
        said.append(f"{hang} on the system prompt, on {_name(causes)}")
    elif (prompt.refused_with.value or 0) - (prompt.refused_without.value or 0) >= _MUCH:
        said.append(f"{hang} on the system prompt, without which it is answered; on which sentence was not found")
    if prevents:
        said.append(f"Without {_name(prevents)} more would be refused")
    return said


def _name(sentences: Sequence[SentenceEffect]) -> str:
    named = " and ".join(f"{one.number} (“{_cut(one.text)}”)" for one in sentences)
    return f"its sentence{'s' if len(sentences) > 1 else ''} {named}"


def say_turning(edit: Edit | None, levers: Sequence[LeverEffect], given: Estimate, *, is_run: bool) -> str:
    """Say what turns a refusal into an answer, and what becomes of the harmful side."""
    opening = [lever for lever in levers if lever.opens]
    said = []
    if edit is not None:
        apart = "” and “".join(_cut(part) for part in edit.text.split(APART))
        change = f"with “{_cut(edit.text)}”" if edit.kind == "swap" else f"without “{apart}”"
        said.append(f"{change} it is answered")
    safe = next((lever for lever in opening if lever.safety == "safe"), None)
    if safe is not None:
        said.append(f"{_name_lever(safe)}, and no harmful twin gains by it")
    elif opening:
        first = opening[0]
        beside = (
            "opens the harmful side too" if first.safety == "unsafe" else "what it does to harmful requests is unknown"
        )
        said.append(f"{_name_lever(first)}, and {beside}")
    elif levers:
        said.append("no context that was stated changes it")
    if given.n and is_run:
        said.append(f"of the harmful requests {round((given.value or 0) * given.n)} of {given.n} were answered")
    elif given.n:
        said.append(f"its harmful twin is {'answered' if given.value else 'refused'} as it stands")
    text = "; ".join(said) or "nothing was found that turns it"
    return f"{text[0].upper()}{text[1:]}."


_PLACES = {"user": "before the request", "system": "in the system prompt"}


def _name_lever(lever: LeverEffect) -> str:
    n = lever.answered.n
    what = f"stating the {lever.name} ({_PLACES[lever.place]})"
    return f"{what} is enough" if n == 1 else f"{what} opens {round((lever.answered.value or 0) * n)} of {n}"


def _name_cue(cue: Cue) -> str:
    """Say a cue's words; of several that stand apart each is enough, or one would be the cue."""
    words = [f"“{_cut(word)}”" for word in cue.text.split(APART)]
    return words[0] if len(words) == 1 else f"{' or '.join(words)}, of which one is enough"


def _points(which: str, effect: Estimate) -> str:
    value, low, high = (round(100 * (part or 0)) for part in (effect.value, effect.low, effect.high))
    return f"with {which}, the same question is refused {value} points more often (95 % interval {low} to {high}, {effect.n} pairs)"


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
