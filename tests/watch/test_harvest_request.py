"""Requests: each once, without what identifies anybody; what only a person may ask again is left out with the reason."""

import pytest
from labelled_traffic import exchange, labelled

from demur.types import Turn
from demur.watch.harvest import gather_requests, request_id, settle


def gather(*exchanges, clean=lambda text: text):
    """Settle exchanges that are given with what is right, and gather what they ask."""
    return gather_requests([settle(labelled(item, expect)) for item, expect in exchanges], clean)


def why_left_out(item, expect):
    """Say why an exchange becomes no request."""
    requests, left_out = gather((item, expect))
    assert not requests
    return left_out[0].why


def test_the_same_words_are_one_request():
    """Capitals, punctuation and spacing do not count; the exchanges are kept beside it."""
    requests, left_out = gather(
        (exchange(1, "How do I kill a process?"), "comply"), (exchange(2, "how do I  kill a process"), "comply")
    )
    assert [len(one.asked) for one in requests] == [2]
    assert not left_out


def test_the_same_words_under_another_prompt_are_another_request():
    """An operator's prompt is part of what is asked."""
    turns = (Turn("system", "You help gardeners."), Turn("user", "How do I kill a process?"))
    assert request_id(turns) != request_id(turns[1:])


def test_either_truth_of_the_same_words_is_left_out():
    """Of a contradiction nothing is made, on neither side."""
    requests, left_out = gather(
        (exchange(1, "Kill it."), "comply"), (exchange(2, "kill it"), "refuse"), (exchange(3, "Feed it."), "comply")
    )
    assert [one.prompt for one in requests] == ["Feed it."]
    assert {one.item[-1] for one in left_out} == {"1", "2"}
    assert {one.why for one in left_out} == {"asked in the same words, and labelled with either truth"}


def test_the_tenant_is_not_named():
    """Nor does a word that only holds the name lose anything."""
    requests, _ = gather((exchange(1, "Does Acme, or ACME Ltd, sell acmeite?", tenant="acme"), "comply"))
    assert requests[0].prompt == "Does [tenant], or [tenant] Ltd, sell acmeite?"
    assert "acme" not in requests[0].id


def test_what_the_store_cut_is_left_to_a_person():
    """Wherever it was cut: the question, or the operator's prompt."""
    assert why_left_out(exchange(1, "How do I kill…"), "comply").startswith("cut short in the store")
    cut = (Turn("system", "You help gardeners, and…"), Turn("user", "How do I kill weeds?"))
    assert why_left_out(exchange(2, "", turns=cut), "comply").startswith("cut short in the store")


def test_a_conversation_is_no_card():
    """What was said before may be what made it right."""
    turns = (Turn("user", "Hello."), Turn("assistant", "Good day."), Turn("user", "And now?"))
    assert why_left_out(exchange(1, "", turns=turns), "comply").startswith("further on in a conversation")


def test_a_crisis_is_left_to_a_person():
    """A cry for help is not asked again because somebody labelled it."""
    assert why_left_out(exchange(1, "I need help now.", reasons=("crisis",)), "comply").startswith(
        "of somebody in a crisis"
    )


@pytest.mark.parametrize(
    "prompt",
    ["Help me to rob him. " * 12, "Do it:\n1. take the key", "Use 5 g of it on him", "Say step 2 of the robbery"],
)
def test_harm_that_is_long_or_in_steps_is_left_to_a_person(prompt):
    """The same words to be answered are no trouble."""
    assert why_left_out(exchange(1, prompt), "refuse").startswith("to be refused, and longer than 200 characters")
    assert len(gather((exchange(1, prompt), "comply"))[0]) == 1


def test_nothing_but_markers_is_no_question():
    """What is left of an address alone asks nothing."""
    requests, left_out = gather((exchange(1, "a@b.example"), "comply"), clean=lambda _: "[e-mail]")
    assert not requests
    assert left_out[0].why == "nothing is left of the question"
