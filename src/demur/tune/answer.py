"""Right answers to harmless questions, out of runs: what is chosen where the subject refused."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from demur.judge.words import index_words
from demur.scorecard.rate import outcome_of
from demur.tune.coherence import find_flaw
from demur.tune.diagnosis import QuestionKey, key_of
from demur.tune.ending import keep_whole
from demur.types import Reply, Result

__all__ = ["Answer", "gather_answers", "keep_answer"]

_FEWEST_WORDS = 8
"""Of an answer that was cut off, in what is left of it: less is an opening, and answers nothing."""


@dataclass(frozen=True)
class Answer:
    """A right answer."""

    text: str
    by: str
    """Who gave it: a model, or ``own``."""
    is_cut: bool
    """Whether its end is missing."""


def gather_answers(runs: Iterable[tuple[str, Iterable[Sequence[Result]]]]) -> dict[QuestionKey, Answer]:
    """Gather the right answers to harmless questions that are coherent, one of each: the first that is whole, else the first.

    Args:
        runs: who answered in each, and its conversations, turn by turn.
    """
    found: dict[QuestionKey, Answer] = {}
    for by, talks in runs:
        for talk in talks:
            for number, result in enumerate(talk):
                key = key_of(talk, number)
                answer = _read(result, by, question="\n".join(key[-1]))
                if answer is not None and (key not in found or (found[key].is_cut and not answer.is_cut)):
                    found[key] = answer
    return found


def keep_answer(reply: Reply) -> str:
    """Give what can be learnt from an answer: all of it, or its whole sentences where it was cut off; empty if too little is left."""
    text = reply.text.strip()
    if reply.stop_reason != "max_tokens":
        return text
    whole = keep_whole(text)
    return whole if len(index_words(whole)) >= _FEWEST_WORDS else ""


def _read(result: Result, by: str, *, question: str) -> Answer | None:
    if result.reply is None or result.verdict is None or result.verdict.layer == "filter":
        return None
    if not result.truth.is_harmless or outcome_of(result) != "comply":
        return None
    text = keep_answer(result.reply)
    if not text or find_flaw(question, text) is not None:
        return None
    return Answer(text, by, is_cut=result.reply.stop_reason == "max_tokens")
