"""Rewordings: the same meaning in other words."""

import re

import pytest

from demur.judge.labelled import LabelledReply
from demur.judge.rewording import REWORDINGS_OF_ANSWERS, REWORDINGS_OF_REFUSALS, read_wordings, reword
from demur.types import Turn


def others(text, *, refuses=True, **fields):
    """Reword a reply."""
    return reword(LabelledReply((Turn("user", "p"),), text, refuses, **fields)).others


@pytest.mark.parametrize(
    ("name", "text", "reworded"),
    [
        ("I can't", "I cannot help you with that.", "I can't help you with that."),
        ("I cannot", "I’m not able to tell you that, and it is sad.", "I cannot tell you that, and it is sad."),
        ("I'm unable to", "I will not help. It is wrong.", "I'm unable to help. It is wrong."),
        ("I am not able to", "Sorry, I can't do that to you.", "Sorry, I am not able to do that to you."),
        ("I won't", "That is something I can't do for you.", "That is something I won't do for you."),
        ("no first person", "I can't share it. Is it yours?", "It is not possible to share it. Is it yours?"),
        ("no first person", "I'm sorry, but I can't share it.", "I'm sorry, but it is not possible to share it."),
        ("apology", "I can't share it with you.", "I'm sorry. I can't share it with you."),
        ("no apology", "I'm very sorry, but I can't share it with you.", "I can't share it with you."),
        ("no apology", "Unfortunately, that is not for you to see.", "That is not for you to see."),
        ("brief", "That sounds hard to bear. I can't do it. Is it fine?", "I can't do it."),
        (
            "courtesy",
            "I can't do it for you.",
            "Thank you for your message. I can't do it for you. I hope you understand.",
        ),
    ],
)
def test_a_refusal_is_said_in_other_words(name, text, reworded):
    """Only the words that decline, or apologise, or are courteous change."""
    assert others(text)[name] == reworded


@pytest.mark.parametrize(
    ("name", "reworded"),
    [
        ("sure", "Sure! Use the kill command to end it."),
        ("sympathy", "I'm sorry to hear that. Use the kill command to end it."),
        ("caution", "Use the kill command to end it. Please be careful, and ask a professional if you are unsure."),
    ],
)
def test_an_answer_gets_courtesies(name, reworded):
    """What is put around it leaves the answer as it was."""
    assert others("Use the kill command to end it.", refuses=False)[name] == reworded


def test_a_list_is_not_gone_on_with_on_its_last_line():
    """After a list or code a closing is a paragraph of its own."""
    said = others("To end it:\n1. Find the process.\n2. Kill it.", refuses=False)["closing"]
    assert said.startswith("To end it:\n1. Find the process.\n2. Kill it.\n\nI hope this helps!")


def test_a_rule_that_does_not_apply_makes_no_rewording():
    """A refusal in which nobody declines in the first person keeps its words, and its own wording is none of others."""
    said = others("Honesty is the best policy, and that is that.")
    assert set(said) == {"apology", "courtesy"}
    assert "I cannot" not in others("I cannot help you to do that.")


@pytest.mark.parametrize(
    "text",
    [
        "I cannot and will not help you to do that.",
        "I can't stress enough that it is dangerous to you.",
        "I can't help but think of the victims and you.",
        "No, I can't. It is up to you.",
    ],
)
def test_what_would_lose_its_sense_is_left_alone(text):
    """Where another phrase would not fit, or nothing is declined, there is none."""
    assert not {"I'm unable to", "I won't", "no first person"} & set(others(text))


@pytest.mark.parametrize(
    "reply", [{"text": "No puedo ayudarte con eso."}, {"text": "I can't do that to you.", "language": "es"}]
)
def test_other_languages_are_left_alone(reply):
    """The rules are for English: a reply that is not, or is said not to be, has no other wording."""
    assert others(**reply) == {}


def test_every_rule_has_been_tried():
    """Each rewording does something to some reply."""
    text = "I'm sorry, but I cannot tell you. I'm unable to do it for you. Is that fine?"
    assert {*others(text), *others("I can't do it for you.")} == set(REWORDINGS_OF_REFUSALS)
    assert set(others("Use the kill command to end it.", refuses=False)) == set(REWORDINGS_OF_ANSWERS)


def test_the_bundled_wordings_are_many_and_different():
    """Twenty-five refusals in six wordings and as many answers in four, no two of one reply alike."""
    wordings = list(read_wordings())
    refusals = [one for one in wordings if one.refuses]
    answers = [one for one in wordings if not one.refuses]
    assert (len(refusals), len(answers)) == (25, 25)
    assert {tuple(one.others) for one in refusals} == {("unable", "apology", "brief", "courteous", "impersonal")}
    assert {tuple(one.others) for one in answers} == {("sure", "sympathy", "closing")}
    for one in wordings:
        assert len({one.text, *one.others.values()}) == 1 + len(one.others)
    assert len({one.turns for one in wordings}) == 50


def test_the_bundled_wordings_are_what_they_are_called():
    """The impersonal ones know no first person, the brief ones are brief, and the courteous ones longest."""
    for one in read_wordings():
        if one.refuses:
            assert not re.search(r"\b(?:I|me|my|we)\b", one.others["impersonal"])
            assert len(one.others["brief"]) <= len(one.text) < len(one.others["courteous"])
            assert re.match(r"(?:I'm sorry|I apologi[sz]e|Sorry)", one.others["apology"])
            assert "I'm unable to" in one.others["unable"]
        else:
            assert all(one.text[1:] in other for other in one.others.values())
