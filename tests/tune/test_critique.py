"""What a model is asked about a faulty reply, and how its answer is read."""

import pytest

from demur.tune.constitution import read_constitution
from demur.tune.critique import ask_critique, ask_revision, read_revision
from demur.types import Reply, Turn

PRINCIPLE = read_constitution().principles[0]
TURNS = (Turn("system", "Be {brief}."), Turn("user", "How do I {do} it?"))


def test_a_critique_is_asked_in_the_conversation_itself():
    """The conversation and the reply stand as they were, and what follows holds the principle, its examples and its question."""
    *before, asked = ask_critique(TURNS, "No {way}.", PRINCIPLE)
    assert tuple(before) == (*TURNS, Turn("assistant", "No {way}."))
    assert asked.role == "user"
    for said in (PRINCIPLE.text, PRINCIPLE.critique, *PRINCIPLE.examples):
        assert said in asked.text


def test_a_revision_is_asked_after_the_critique():
    """The critique stands before the request to rewrite, which is the principle's own and names the marks."""
    critique = ask_critique(TURNS, "No.", PRINCIPLE)
    turns = ask_revision(critique, "It is curt.", PRINCIPLE)
    assert turns[:-1] == (*critique, Turn("assistant", "It is curt."))
    assert PRINCIPLE.revision in turns[-1].text
    assert "<reply>" in turns[-1].text


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Reply("<reply>Yes.\nOf course.</reply>"), "Yes.\nOf course."),
        (Reply("Here it is:\n<reply>\n Yes. \n</reply>\nBetter?"), "Yes."),
        (Reply("Yes."), None),
        (Reply(""), None),
        (Reply("<reply></reply>"), None),
        (Reply("<reply>Yes."), None),
        (Reply("</reply>Yes.<reply>"), None),
        (Reply("<reply>Yes.</reply><reply>No.</reply>"), None),
        (Reply("<reply>Yes.</reply>", stop_reason="max_tokens"), None),
        (Reply("<reply>Yes.</reply>", stop_reason="content_filter"), None),
    ],
)
def test_a_revision_is_what_stands_between_the_marks_or_nothing(answer, text):
    """Anything but one reply between two marks, whole, is no revision."""
    assert read_revision(answer) == text
