"""Whether a reply speaks of what was asked at all: a fluent answer to another question does not do what was asked."""

import re
from collections.abc import Sequence

from demur.judge.local.cues import cue_classes
from demur.judge.local.features import Features
from demur.types import Turn

__all__ = ["answers_something_else", "topic_of"]

_FEWEST_WORDS = 40
"""Shorter answers often do not repeat a word of the question."""
_WORD = re.compile(r"[^\W\d_]{3,}")
_STEM = 5
_DECLINING = ("refuse", "lacks_means", "scope", "policy", "ask_details", "fault", "withholds")
_OPENING = 2
"""Sentences in which a reply says that it declines, or asks, if it does."""


def _stem(word: str) -> str:
    return (word[:-1] if len(word) > 3 and word.endswith("s") else word)[:_STEM]  # noqa: PLR2004 -- "gas", "bus"


_GENERAL = frozenset(
    _stem(word)
    for word in """the and for you are can how why who was did has not any all our out get let its two one what that this with have from your they
    there would could should will about which when where does been were just like some more than then them into also only way good best
    give make made making tell help need want know used use using most many much time people person thing explain describe write list
    provide share suggest tip idea simple easy great common different between please example step instruction guide story short poem fact
    type kind unique name process function benefit improve difference main really doing think find first these those other such very
    every each over under after before while because being work create generate develop topic outline plan fun long passage new top say see
    take joke question here part level start setting generating""".split()  # noqa: SIM905 -- a list of strings reads worse
)


def topic_of(text: str) -> frozenset[str]:
    """Give the beginnings of the words of a text that name something."""
    return frozenset(map(_stem, _WORD.findall(text.lower()))) - _GENERAL


def answers_something_else(text: str, turns: Sequence[Turn], features: Features) -> bool:
    """Tell whether an English reply of some length neither declines nor shares a single word with the question that names something.

    Only of a single question: in a conversation the topic may stand further back.
    """
    if features.n_words < _FEWEST_WORDS or len(turns) != 1:
        return False
    topic = topic_of(turns[0].text)
    if not topic or not topic.isdisjoint(topic_of(text)):
        return False
    columns = [cue_classes().index(name) for name in _DECLINING]
    return not features.sentences[:_OPENING, columns].any()
