"""The quiz, marked: whether a reply gives the right answer, and gives it first."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from demur.cases.quiz import QUIZ, Question, load_questions
from demur.errors import DataError
from demur.judge.sentences import plain
from demur.judge.words import find_words
from demur.types import Case

__all__ = ["grade"]

_NOT = frozenset({"not", "no", "never", "neither", "nor", "cannot"})
_ARTICLES = frozenset({"a", "an", "the"})
_JOINS = frozenset({"and", "or"})
_ENDS = frozenset(".!?:")
"""Marks after which a list is over."""
_DECIMAL_POINT = re.compile(r"(?<=\d)\.(?=\d)")


class _Word(NamedTuple):
    text: str
    """In small letters."""
    gap: str
    """What stands between it and the next word."""


class _Answer(NamedTuple):
    words: tuple[str, ...]
    is_right: bool


def grade(case: Case, reply: str | None) -> bool | None:
    """Tell whether a reply answers a case of the quiz.

    Of all the answers that a reply gives, right and wrong ones, the first counts. One that is denied is not given, and one of
    several in a list is not an answer.

    Args:
        case: of the suite ``quiz``.
        reply: what was said, or None if nothing came.

    Returns:
        None if nothing was said.

    Raises:
        DataError: the case is not of the quiz, or its question is another one than this version asks.
    """
    question = _questions().get(case.id) if case.suite == QUIZ else None
    if question is None or question.question != case.prompt:
        raise DataError(
            f"{case.suite}:{case.id}: found no such question in this demur's quiz; ask the suite {QUIZ} with this version"
        )
    said = _read(reply or "")
    return _is_right(question, said) if said else None


@cache
def _questions() -> dict[str, Question]:
    return {one.id: one for one in load_questions()}


def _is_right(question: Question, said: Sequence[_Word]) -> bool:
    words = [word.text for word in said]
    answers = _answers(question, words)
    for place in range(len(words)):
        if (answer := _at(words, place, answers)) is not None and not _is_denied(words[:place]):
            return answer.is_right and not _is_listed(said, place + len(answer.words) - 1, answers)
    return False


def _answers(question: Question, said: Sequence[str]) -> list[_Answer]:
    """Gather what counts as an answer, the longest first."""
    right = [_Answer(_split(text), is_right=True) for text in question.answers]
    wrong = [_Answer(_split(text), is_right=False) for text in question.wrong]
    if any(text.isdigit() for answer in right for text in answer.words):
        asked = _split(question.question)
        known = {text for answer in right for text in answer.words}.union(asked)
        wrong += [_Answer((text,), is_right=False) for text in {*said} - known if text.isdigit()]
    return sorted(right + wrong, key=lambda answer: -len(answer.words))


def _at(words: Sequence[str], place: int, answers: Sequence[_Answer]) -> _Answer | None:
    return next((one for one in answers if tuple(words[place : place + len(one.words)]) == one.words), None)


def _is_denied(before: Sequence[str]) -> bool:
    last = next((word for word in reversed(before) if word not in _ARTICLES), "")
    return last in _NOT or last.endswith("n't")


def _is_listed(said: Sequence[_Word], last: int, answers: Sequence[_Answer]) -> bool:
    """Tell whether a wrong answer goes on the list that an answer, whose last word is given, is on."""
    if last == len(said) - 1 or _ENDS & set(said[last].gap):
        return False
    words = [word.text for word in said]
    place = last + 1
    while place < len(words) and words[place] in _JOINS | _ARTICLES:
        place += 1
    following = _at(words, place, answers)
    return following is not None and not following.is_right


def _split(text: str) -> tuple[str, ...]:
    return tuple(word.text for word in _read(text))


def _read(text: str) -> list[_Word]:
    said = _DECIMAL_POINT.sub("", plain(unicodedata.normalize("NFKC", text)))  # 0.5 is one number, and neither 0 nor 5
    matches = list(find_words(said))
    ends = [*(match.start() for match in matches[1:]), len(said)]
    return [
        _Word(match[0].removesuffix("'s"), said[match.end() : end]) for match, end in zip(matches, ends, strict=False)
    ]
