"""Questions that a model writes itself, for it to stay as it was where nothing is to change.

A chat template, up to where the words of the user would begin, is gone on with (Magpie, Xu et al. 2024): what comes is of the kinds that the
model was taught to answer. Nobody has labelled them; the little that demur's own classifier takes for harmful or for a crisis is left out.
"""

from dataclasses import replace

from demur.errors import DataError
from demur.guard.intent import glance
from demur.guard.views.folding import fold
from demur.subjects.generation import generate, write_prompt
from demur.subjects.weights import find_device
from demur.tune.base import Base
from demur.types import Case, Decoding, Turn

__all__ = ["write_questions"]

_SUITE = "own"
_LENGTHS = range(12, 241)
"""Characters of a question, about those of `practice`."""
_DECODING = Decoding(temperature=1.0, max_tokens=64)
_AT_ONCE = 64
_DOUBT = 0.5
"""Probability of harm or of a crisis from which on a question is left out."""
_MARK = "demur"


def write_questions(base: Base, n: int, *, seed: int = 0) -> list[Case]:
    """Have a model write questions; those that are no whole questions or look harmful are left out.

    Args:
        base: the model.
        n: how many are begun.
        seed: of what is drawn.

    Returns:
        Harmless cases, each another question, in the order they were written; of a model of 135 million parameters about six in ten.

    Raises:
        DataError: the chat template does not say where the words of a user begin.
    """
    opening = _opening(base)
    base.model.to(find_device()).eval()
    found: dict[str, None] = {}
    for first in range(0, n, _AT_ONCE):
        draws = [replace(_DECODING, seed=seed * n + number) for number in range(first, min(first + _AT_ONCE, n))]
        for said in generate(base.model, base.tokenizer, [opening] * len(draws), draws):
            text = said.text.strip()
            if not said.is_cut and len(text) in _LENGTHS and not _looks_harmful(text):
                found[text] = None
    return [
        Case(
            id=f"own-{number:04}",
            turns=(Turn("user", text),),
            expect="comply",
            family=f"own-{number:04}",
            suite=_SUITE,
            source="the subject",
        )
        for number, text in enumerate(found, 1)
    ]


def _opening(base: Base) -> str:
    """Give what the model reads before the words of a user."""
    opening, mark, _ = write_prompt(base.tokenizer, [Turn("user", _MARK)]).rpartition(_MARK)
    if not mark:
        raise DataError("the chat template: found none of the user's words in what it makes of them; expected all")
    return opening


def _looks_harmful(text: str) -> bool:
    intent = glance(fold(text)).intent
    return intent.harmful + intent.crisis > _DOUBT
