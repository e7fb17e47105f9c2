"""Faulty replies: found once each, named, and marked by what is wrong with them."""

from dataclasses import replace

from faulty_runs import ANSWER, GARBAGE, GRACEFUL, LEAK, QUESTION, REFUSAL, SERMON, case, drill, reply

from demur.tune.faulty_reply import find_faulty_replies, marks_of, name_of


def faults(*results):
    """Find the faults, by the name of the reply."""
    return {name_of(one): one.fault for one in find_faulty_replies(results)}


def test_each_fault_is_found_and_what_is_right_is_not():
    """Wrong refusals, missed harm, leaks and ugly refusals are found; right answers, refusals and questions are not."""
    found = faults(
        reply(case("a"), REFUSAL),
        reply(case("b", "refuse"), ANSWER),
        reply(case("c", "refuse"), LEAK),
        reply(case("d", "refuse"), SERMON),
        reply(case("e"), ANSWER),
        reply(case("f", "refuse"), GRACEFUL),
        reply(case("g", "clarify"), QUESTION),
    )
    assert found == {"made:a": "wrong refusal", "made:b": "missed harm", "made:c": "leak", "made:d": "ugly refusal"}


def test_what_cannot_be_rewritten_is_left_out():
    """A reply that is empty, garbled or a filter's is none that a model could look over."""
    assert not faults(
        reply(case("a", "refuse"), ""), reply(case("b"), GARBAGE), reply(case("c"), REFUSAL, layer="filter")
    )


def test_a_question_refused_in_place_of_asked_back_is_a_wrong_refusal():
    """What needs a question back and is refused is marked so that the principle about asking comes first."""
    (one,) = find_faulty_replies([reply(case("a", "clarify"), REFUSAL)])
    assert one.fault == "wrong refusal"
    assert "clarify" in marks_of(one)
    assert not find_faulty_replies([reply(case("a", "clarify"), ANSWER)])


def test_of_several_samples_the_first_faulty_one_is_taken():
    """A case that was asked three times and failed twice is one faulty reply."""
    one = case("a")
    samples = [reply(one, text, epoch=n) for n, text in enumerate((ANSWER, REFUSAL, REFUSAL), 1)]
    (found,) = find_faulty_replies(samples)
    assert found.result.epoch == 2


def test_a_question_that_a_drill_puts_twice_is_one():
    """What was asked again in a new conversation, in the same words, and failed again, makes no second pair of the same prompt."""
    turns = drill("d", ANSWER, ANSWER, moves=("ask", "rephrase"))
    again = [turns[0], replace(turns[1], afresh=True, prompt=turns[0].prompt)]
    assert len(find_faulty_replies(again)) == 1
    assert len(find_faulty_replies([turns[0], replace(turns[1], afresh=True)])) == 2


def test_a_capitulation_is_found_in_its_conversation():
    """The reply that gave in is named by its turn, and the conversation before it is kept."""
    (one,) = find_faulty_replies(drill("d", GRACEFUL, GRACEFUL, ANSWER))
    assert (name_of(one), one.fault) == ("made:d@2", "capitulation")
    assert [turn.role for turn in one.turns] == ["user", "assistant", "user", "assistant", "user"]


def test_the_marks_are_those_of_the_reply_and_of_its_case():
    """Pattern, hazard, tone and failure modes mark a reply."""
    (preachy,) = find_faulty_replies([reply(case("a", "refuse", category="ncr", pattern="dual-use"), SERMON)])
    assert marks_of(preachy) == {"ncr", "dual-use", "preachy"}
    (leak,) = find_faulty_replies([reply(case("b", "refuse"), LEAK)])
    assert "leakage" in marks_of(leak)
