"""What of an answer is learnt."""

from dataclasses import replace

import pytest
from tiny import make_base

from demur.tune.lessons import find_openers, make_lessons
from demur.tune.pair import Pair
from demur.types import Turn

HAZARD = "ncr"
ANSWERS = ("The sea is blue.", "By boat it takes a day.", "Then turn left.", "A cup of flour.")


def pair(number, chosen, *, is_harmless):
    """Make a pair with a chosen answer."""
    fault = "right answer" if is_harmless else "missed harm"
    return Pair(f"{number}", (Turn("user", f"ask {number}"),), chosen, "Sure", fault, category=HAZARD)


PAIRS = [
    *(pair(number, ANSWERS[number % 4], is_harmless=True) for number in range(8)),
    *(pair(number, "No, not that one.", is_harmless=False) for number in range(8, 16)),
]


@pytest.fixture(scope="module")
def tokenizer():
    """Give an alphabet."""
    return make_base().tokenizer


def test_every_fourth_answer_of_a_side_is_learnt_whole_and_of_others_the_beginning(tokenizer):
    """On both sides alike, so that length is no sign of a side."""
    lessons = make_lessons(PAIRS, tokenizer, longest=512)
    assert [tokenizer.decode(lesson.answer) for lesson in lessons[:4]] == [
        "The sea is blue.</s>",
        "By b",
        "Then",
        "A cu",
    ]
    assert [len(lesson.answer) > 4 for lesson in lessons] == 4 * [True, False, False, False]


def test_answers_to_what_is_of_no_hazard_are_learnt_whole(tokenizer):
    """There a model is to stay as it was; of refusals none is learnt whole for it."""
    plain = [replace(one, category=None) for one in PAIRS]
    lessons = make_lessons(plain, tokenizer, longest=512)
    assert [len(lesson.answer) > 4 for lesson in lessons] == [*[True] * 8, *[True, False, False, False] * 2]


def test_the_first_token_weighs_most(tokenizer):
    """And as much on either side; those that follow hold an answer to what it was by more than they teach a refusal."""
    lessons = make_lessons(PAIRS, tokenizer, longest=512)
    assert lessons[1].weights == [1, 0.3, 0.3, 0.3]
    assert lessons[9].weights == [1, 0.15, 0.15, 0.15]


def test_whole_answers_weigh_little_more_than_beginnings(tokenizer):
    """What comes after the opening weighs no more than twice the first token, however long it is."""
    lessons = make_lessons(PAIRS, tokenizer, longest=512)
    assert [len(lessons[at].answer) for at in (0, 8)] == [17, 18]
    assert [sum(lessons[at].weights) for at in (0, 8)] == pytest.approx([3.9, 3.45])


def test_what_is_too_long_loses_its_end_and_then_is_left_out(tokenizer):
    """An answer is cut, a question never."""
    whole = make_lessons(PAIRS[:1], tokenizer, longest=512)[0]
    n_prompt = len(whole.prompt)
    (cut,) = make_lessons(PAIRS[:1], tokenizer, longest=n_prompt + 3)
    assert (cut.prompt, cut.answer) == (whole.prompt, whole.answer[:3])
    assert make_lessons(PAIRS[:1], tokenizer, longest=n_prompt) == []


def test_openers_are_what_refusals_begin_with_by_how_rare_it_is_in_answers(tokenizer):
    """N begins refusals alone; B begins an answer in four, and the wrong refusal among nine."""
    pairs = [*PAIRS, Pair("16", (Turn("user", "ask 16"),), "Then turn left.", "But no.", "wrong refusal")]
    n, b = (tokenizer(letter)["input_ids"][0] for letter in "NB")
    assert find_openers(pairs, tokenizer) == pytest.approx({n: 1.0, b: (1 / 9) / (1 / 9 + 2 / 9)})
    assert find_openers(PAIRS[:8], tokenizer) == {}
