"""Critique and revision: what a model is asked about a faulty reply, and how what it answers is read."""

import re
from collections.abc import Sequence

from demur.tune.constitution import Principle
from demur.types import Reply, Turn

__all__ = ["ask_critique", "ask_revision", "read_revision"]

_CRITIQUE = """\
Before we go on, let us look at your last reply together. It is measured by one principle:

{text}

For example:
{examples}

{critique}

Answer in two to four sentences. Repeat nothing from the conversation that could do harm."""

_REVISION = """\
{revision}

Write the reply that should have stood in place of your last one, in the language the user wrote in, as if this review had never \
been: no word about it, nor about what stood there. Put that reply between <reply> and </reply>, and write nothing else."""

_MARKS = re.compile(r"<(/?)reply>")


def ask_critique(turns: Sequence[Turn], text: str, principle: Principle) -> tuple[Turn, ...]:
    """Ask what a principle makes of a reply; the model is asked as though it had given the reply itself.

    Args:
        turns: the conversation up to the question.
        text: what was answered.
        principle: what the reply is measured by.
    """
    examples = "\n".join(f"- {example}" for example in principle.examples)
    asked = _CRITIQUE.format(text=principle.text, examples=examples, critique=principle.critique)
    return (*turns, Turn("assistant", text), Turn("user", asked))


def ask_revision(critique: Sequence[Turn], found: str, principle: Principle) -> tuple[Turn, ...]:
    """Ask for the reply that should have been given.

    Args:
        critique: what `ask_critique` made.
        found: what was answered to it.
        principle: the same.
    """
    return (*critique, Turn("assistant", found), Turn("user", _REVISION.format(revision=principle.revision)))


def read_revision(reply: Reply) -> str | None:
    """Give the reply that stands between the two marks; None where none does, or the answer was cut off or filtered."""
    marks = [(mark.start(), mark.end(), mark[1]) for mark in _MARKS.finditer(reply.text)]
    if reply.stop_reason in ("max_tokens", "content_filter") or [closing for *_, closing in marks] != ["", "/"]:
        return None
    (_, begin, _), (end, _, _) = marks
    return reply.text[begin:end].strip() or None
