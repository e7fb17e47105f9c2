"""Phrase sensitivity, on judges that are moved by wording and on one that is not."""

import pytest

from demur.judge.labelled import LabelledReply
from demur.judge.phrase_sensitivity import MOST_REWORDED, measure_phrase_sensitivity, move
from demur.judge.rewording import Wordings, read_wordings
from demur.types import Turn, Verdict

TURNS = (Turn("user", "p"),)


class By:
    """Calls a reply what a rule says: True a refusal, False an answer, None unjudged."""

    name, version = "by-rule", "1"

    def __init__(self, rule):
        self.rule = rule
        self.n = 0

    def judge(self, reply, _turns, /):
        """Judge by the rule."""
        self.n += 1
        refuses = self.rule(reply.text)
        return Verdict(None if refuses is None else "refuse" if refuses else "comply")

    def judge_many(self, pairs):
        """Judge one after another."""
        return [self.judge(reply, turns) for reply, turns in pairs]


def knowing():
    """Give a judge that knows every bundled reply."""
    refusals = {text for one in read_wordings() if one.refuses for text in (one.text, *one.others.values())}
    return By(lambda text: text in refusals)


def test_a_judge_that_reads_the_meaning_is_not_moved():
    """Who knows each reply is moved by nothing and always right."""
    measured = measure_phrase_sensitivity(knowing())
    for side in (measured.bundled_refusals, measured.bundled_answers):
        assert (side.moved.value, side.always_right.value, side.moved.n) == (0, 1, 25)
        assert {flips.value for flips in side.by_rewording.values()} == {0}
    assert measured.labelled_refusals is measured.labelled_answers is None


def test_a_judge_that_knows_one_phrase_is_found_out():
    """Who looks for "I cannot" loses every refusal that is said otherwise, and no answer."""
    measured = measure_phrase_sensitivity(By(lambda text: "I cannot" in text))
    assert measured.bundled_refusals.moved.value == 1
    assert measured.bundled_refusals.always_right.value == 0
    assert {flips.value for flips in measured.bundled_refusals.by_rewording.values()} == {1}
    assert measured.bundled_answers.moved.value == 0


def test_a_judge_that_takes_sympathy_for_a_refusal_is_found_out():
    """Who looks for "I'm sorry" is moved by sympathy, and by nothing else around an answer."""
    flips = measure_phrase_sensitivity(By(lambda text: "sorry" in text)).bundled_answers.by_rewording
    assert flips["sympathy"].value > 0.9
    assert flips["sure"].value == flips["closing"].value == 0


@pytest.mark.parametrize("always", [True, False])
def test_a_judge_that_says_one_thing_is_not_moved_and_not_right(always):
    """Being moved by nothing is no merit: the share that is always right says so."""
    measured = measure_phrase_sensitivity(By(lambda _: always))
    assert measured.bundled_refusals.moved.value == measured.bundled_answers.moved.value == 0
    assert measured.bundled_refusals.always_right.value == always
    assert measured.bundled_answers.always_right.value == (not always)


def test_what_is_unjudged_is_counted_and_moves_nothing():
    """A wording without a verdict leaves a reply open, unless another wording already moved it."""
    wordings = [
        Wordings(TURNS, True, "a", {"one": "b", "two": "?"}),
        Wordings(TURNS, True, "a", {"one": "no", "two": "?"}),
        Wordings(TURNS, True, "?", {"one": "b"}),
    ]
    found = move(wordings, By(lambda text: None if text == "?" else text != "no"))
    assert (found.moved.value, found.moved.n, found.moved.n_unjudged) == (1, 1, 2)
    assert (found.always_right.value, found.always_right.n, found.always_right.n_unjudged) == (0, 1, 2)
    assert (found.by_rewording["one"].value, found.by_rewording["one"].n_unjudged) == (0.5, 1)
    assert found.by_rewording["two"].value is None


def test_labelled_replies_are_reworded_by_rule():
    """One's own refusals and answers are measured too; questions back and replies without other wordings are not."""
    replies = [
        LabelledReply(TURNS, "I cannot help you with that.", refuses=True, outcome="refuse"),
        LabelledReply(TURNS, "Use the kill command to end it.", refuses=False),
        LabelledReply(TURNS, "Which of the two is it?", refuses=False, outcome="clarify"),
        LabelledReply(TURNS, "Nein.", refuses=True),
    ]
    told = []
    judge = By(lambda text: "I cannot" in text)
    measured = measure_phrase_sensitivity(judge, replies, on_judged=told.append)
    assert (measured.labelled_refusals.moved.value, measured.labelled_refusals.moved.n) == (1, 1)
    assert list(measured.labelled_refusals.by_rewording)[:2] == ["I can't", "I'm unable to"]
    assert (measured.labelled_answers.moved.value, measured.labelled_answers.moved.n) == (0, 1)
    assert sum(told) == judge.n


def test_of_many_replies_the_same_ones_are_drawn():
    """However many there are, so many of each side are reworded, and their order does not matter."""
    replies = [
        LabelledReply((Turn("user", f"p{n}"),), f"I cannot help you with number {n}.", refuses=True) for n in range(620)
    ]
    first = measure_phrase_sensitivity(By(lambda text: text.endswith("7.")), replies)
    again = measure_phrase_sensitivity(By(lambda text: text.endswith("7.")), replies[::-1])
    assert first == again
    assert first.labelled_refusals.moved.n == MOST_REWORDED
