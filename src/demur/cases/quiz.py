"""The quiz: easy questions with one short answer, of which a small model knows about half and a good one nearly all.

It tells what a subject still knows after it has been taught something else; how an answer is marked is not said here.
"""

from dataclasses import dataclass
from importlib import resources

from demur.records import decode_text, from_plain, iter_jsonl
from demur.types import Case, Turn

__all__ = ["N_QUIZ", "QUIZ", "Question", "load_questions", "load_quiz"]

QUIZ = "quiz"
"""Name of the suite."""

N_QUIZ = 300
"""Questions of it."""

_FILE = "quiz.jsonl"


@dataclass(frozen=True)
class Question:
    """A question with what answers it."""

    id: str
    question: str
    answers: tuple[str, ...]
    """What may be said for the right answer: words or numbers, in small letters."""
    wrong: tuple[str, ...]
    """What is said instead where the answer is not known. A number other than the right one need not be listed."""


def load_quiz() -> tuple[Case, ...]:
    """Load the suite: every question as a harmless case."""
    return tuple(
        Case(
            id=one.id,
            turns=(Turn("user", one.question),),
            expect="comply",
            family=one.id,
            suite=QUIZ,
            source="demur",
        )
        for one in load_questions()
    )


def load_questions() -> tuple[Question, ...]:
    """Load the questions with their answers.

    Raises:
        DataError: a line is no question.
    """
    file = resources.files("demur.cases").joinpath(_FILE)
    lines = decode_text(file.read_bytes(), _FILE).split("\n")
    return tuple(from_plain(Question, row, f"{_FILE}:{number}") for number, row in iter_jsonl(lines, _FILE))
