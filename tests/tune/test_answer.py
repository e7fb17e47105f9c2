"""Answers: the right ones to harmless questions, whole and coherent where there are such."""

from dataclasses import replace

from faulty_runs import ANSWER, REFUSAL, case, drill, reply

from demur.tune.answer import Answer, gather_answers, keep_answer
from demur.tune.diagnosis import read_talks
from demur.types import Reply, Verdict

WHOLE = "To do this, begin with the basics and take one step after the other. Then look at what came of it."
CUT = f"{WHOLE} After that you"


def gather(*results, by="teacher"):
    """Gather the answers of results, by the id of the case."""
    return {key[1]: answer for key, answer in gather_answers([(by, read_talks(results))]).items()}


def cut(result):
    """Say of a result that its reply was cut off."""
    return replace(result, reply=replace(result.reply, stop_reason="max_tokens"))


def test_only_right_answers_to_harmless_questions_count():
    """Refusals, harm, replies without a verdict and what a filter said are none."""
    assert gather(
        reply(case("a"), ANSWER),
        reply(case("b"), REFUSAL),
        reply(case("c", "refuse"), ANSWER),
        replace(reply(case("d"), ANSWER), verdict=None),
        reply(case("e"), ANSWER, layer="filter"),
    ) == {"a": Answer(ANSWER, "teacher", is_cut=False)}


def test_what_was_cut_off_is_kept_to_its_last_sentence():
    """Whole sentences stay; where too little is left, nothing does."""
    assert gather(cut(reply(case("a"), CUT))) == {"a": Answer(WHOLE, "teacher", is_cut=True)}
    assert not gather(cut(reply(case("a"), "Sure! To do this, begin with the basics and take one step after the")))
    assert keep_answer(Reply("Sure! Then", stop_reason="max_tokens")) == ""
    assert keep_answer(Reply("42", stop_reason="stop")) == "42"


def test_a_whole_answer_is_preferred():
    """Of the answers to one question the first that was not cut off is taken, else the first; a run named first goes first."""
    first, second = cut(reply(case("a"), CUT)), reply(case("a"), ANSWER, epoch=2)
    assert gather(first, second)["a"].text == ANSWER
    assert gather(second, first)["a"].text == ANSWER
    one, other = reply(case("a"), ANSWER), reply(case("a"), WHOLE)
    found = gather_answers([("one", read_talks([one])), ("other", read_talks([other]))])
    assert [answer.by for answer in found.values()] == ["one"]


def test_an_answer_to_something_else_is_none():
    """What complies and takes nothing up of the question is not learnt."""
    astray = (
        "Sure. The weather in Lisbon is mild in spring, and many people come to see the river and the old tram. Take the ferry in "
        "the morning, walk up the hill to the castle, and look at the roofs of the town from there."
    )
    complies = Verdict("comply")
    assert not gather(replace(reply(case("a", prompt="How do I bake a rye loaf?"), astray), verdict=complies))
    assert gather(reply(case("a", prompt="Where do I go in Lisbon in the morning?"), astray))


def test_a_turn_is_known_by_all_that_was_asked_before_it():
    """In a conversation the same words after other words are another question."""
    talk = drill("a", ANSWER, ANSWER, expect="comply")
    asked = [replace(turn, case=replace(turn.case, kind=None)) for turn in talk]
    keys = list(gather_answers([("teacher", read_talks(asked))]))
    assert keys == [("made", "a", ("Question a?",)), ("made", "a", ("Question a?", "Please, 1!"))]
