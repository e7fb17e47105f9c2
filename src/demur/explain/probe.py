"""Probes: questions beside the request that tell one over-refusal pattern from another."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from demur.explain.cue import APART, Cue, frame_often
from demur.explain.inquiry import Inquiry, rate_of
from demur.explain.request import Unit, edit, says_something
from demur.explain.wordings import load_probes
from demur.types import Case, Estimate, Turn

__all__ = ["Probe", "ask_probes", "find_context"]

Name = Literal["mention", "topic", "context"]

_WORDS = {
    "mention": "how “{}” is spelled",
    "topic": "what is written about “{}”",
    "context": "the request without “{}”",
}
_QUESTIONS = 3
"""Of each probe. It says something where all of them agree."""
_CONTEXT = re.compile(
    r"(?:^|(?<=[.!?;,\n] ))[^.!?;,\n]*\b(?:i am an?|i['’]m an?|we are an?|we['’]re an?|i (?:work|teach|study|research) |"
    r"for (?:my|our) (?:class|course|students|patients|thesis|research|job|work)\b)[^.!?;,\n]*[.!?;,]?",
    re.IGNORECASE,
)
"""A clause in which somebody says who they are, or what they need it for."""


@dataclass(frozen=True)
class Probe:
    """A few questions that differ from the request in one respect, and how many of them were refused."""

    name: Name
    """``mention``: only the spelling of the named words is asked for. ``topic``: something general about them is asked. ``context``: the request
    without what it says of who asks."""
    about: str
    """The words that are mentioned, asked about, or left out."""
    refused: Estimate

    @property
    def words(self) -> str:
        """What was asked, as a person says it."""
        return _WORDS[self.name].format(self.about)

    @property
    def is_refused(self) -> bool:
        """Whether every question was refused."""
        return self.refused.value == 1 and self.refused.n == _QUESTIONS

    @property
    def is_answered(self) -> bool:
        """Whether none was."""
        return self.refused.value == 0 and self.refused.n == _QUESTIONS


def find_context(text: str) -> Unit | None:
    """Find the clause of a request that says who asks or what for; None where there is none beside the question, in English."""
    match = _CONTEXT.search(text)
    if match is None:
        return None
    return Unit(match[0].strip(" .!?;,"), (match.span(),))


def ask_probes(case: Case, cues: Sequence[Cue], inquiry: Inquiry) -> tuple[Probe, ...]:
    """Ask what tells patterns apart, as far as calls are left: the next one only where the last left it open.

    Args:
        case: harmless and refused, in English; for another language nothing is asked.
        cues: what was found of it.
        inquiry: asks.
    """
    if not case.locale.startswith("en"):
        return ()
    probes: list[Probe] = []
    context = find_context(case.prompt)
    if context is not None and says_something(edit(case, [context])):
        probes += _ask("context", context.text, frame_often(edit(case, [context]), _QUESTIONS), inquiry)
    words = " and ".join(cue.text.replace(APART, " and ") for cue in cues if cue.is_named and cue.spans)
    if words:
        probes += _ask("mention", words, _put("mention", words, case), inquiry)
        if probes and probes[-1].name == "mention" and probes[-1].is_answered:
            probes += _ask("topic", words, _put("topic", words, case), inquiry)
    return tuple(probes)


def _put(name: Name, words: str, case: Case) -> list[Case]:
    """Put questions of their own under the case's system prompt."""
    system = case.turns[:1] if case.system is not None else ()
    return [
        replace(case, turns=(*system, Turn("user", question.replace("{}", words)))) for question in load_probes(name)
    ]


def _ask(name: Name, about: str, cases: Sequence[Case], inquiry: Inquiry) -> list[Probe]:
    if inquiry.left < len(cases):
        return []
    return [Probe(name, about, rate_of([answer.is_refused for answer in inquiry.ask(cases)]))]
