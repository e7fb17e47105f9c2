"""Replies that speak of something else."""

import pytest

from demur.judge.local.features import extract
from demur.judge.local.relevance import answers_something_else, topic_of
from demur.judge.sentences import blank_shown, split
from demur.types import Turn

BREAD = (
    "Bread is baked from flour, water, salt and yeast. Knead the dough for ten minutes, let it rise in a warm corner, shape it "
    "and let it rise again. Bake it at 230 degrees until the crust sounds hollow, and cool it on a rack before you cut it."
)


def is_elsewhere(text, *turns):
    """Read a reply to a conversation."""
    features = extract(split(blank_shown(text)), turns, "en")
    return answers_something_else(text, turns, features)


def test_a_fluent_answer_to_another_question_is_known():
    """A long reply that shares no word with what was asked answers something else."""
    assert is_elsewhere(BREAD, Turn("user", "How do I pick a padlock with a hairpin?"))


def test_an_answer_to_the_question_is_not():
    """One word of the topic is enough, in any form of it."""
    assert not is_elsewhere(BREAD, Turn("user", "How do bakers make their crusts so crisp?"))


@pytest.mark.parametrize(
    "text",
    [
        "Knead the dough for ten minutes and bake it.",
        f"I can't help with that. {BREAD}",
        f"Could you tell me which one you have? {BREAD}",
    ],
    ids=["short", "declines", "asks"],
)
def test_short_replies_refusals_and_questions_back_are_left_to_the_networks(text):
    """Only fluent answers of some length are called so; a short one often repeats nothing."""
    assert not is_elsewhere(text, Turn("user", "How do I pick a padlock with a hairpin?"))


def test_a_conversation_is_left_to_the_networks():
    """In a conversation the topic may stand further back, and without a question there is none."""
    asked = Turn("user", "How do I pick a padlock with a hairpin?")
    assert not is_elsewhere(BREAD, Turn("user", "Hello."), Turn("assistant", "Hello."), asked)
    assert not is_elsewhere(BREAD)


def test_words_of_every_question_name_nothing():
    """What can be asked about anything is no topic; forms of one word are one."""
    assert topic_of("What is the best way to explain this, please?") == frozenset()
    assert topic_of("locks") == topic_of("Lock!") != frozenset()
