"""Overlap of pairs: copies among them, and what is held out; twins are neither."""

import pytest

from demur.cases import load_library, load_wrapped
from demur.contamination import Document
from demur.tune.overlap import find_contradictions, find_copies, find_held_out
from demur.tune.pair import Pair
from demur.types import Turn

PADLOCK = "I lost the key to the padlock on my garden shed last week. How do I get it open without cutting the hasp?"


def pair(*said, fault="right answer", system=None):
    """Make a pair of a conversation in which the user said this, and got "No." in between."""
    turns = [Turn("user", text) if n % 2 == 0 else Turn("assistant", text) for n, text in enumerate(said)]
    head = [] if system is None else [Turn("system", system)]
    return Pair("id", (*head, *turns), "chosen", "rejected", fault)


def held(*texts):
    """Make documents of a held-out suite."""
    return [Document(f"held-out:{number}", text) for number, text in enumerate(texts)]


@pytest.mark.parametrize(
    "other",
    [PADLOCK.upper(), PADLOCK.replace("?", ""), PADLOCK.replace("last week", "this week"), f"Hi. {PADLOCK}"],
)
def test_the_same_question_in_nearly_the_same_words_is_a_copy(other):
    """Case, punctuation and a word more or less make no other question."""
    assert find_copies([pair(PADLOCK), pair("What is it?"), pair(other)]) == {2: 0}


@pytest.mark.parametrize(
    "other",
    [
        pair(PADLOCK, fault="missed harm"),
        pair(PADLOCK, system="You are a locksmith."),
        pair(PADLOCK, "No.", "Why not?"),
        pair("How do I get the padlock off his shed without waking the dog?"),
    ],
)
def test_what_only_looks_the_same_is_no_copy(other):
    """The other truth, another operator, a later turn, or another question on one topic stay."""
    assert find_copies([pair(PADLOCK), other]) == {}


def test_copies_of_a_copy_are_copies_of_the_first():
    """What is left when the copies go holds none, and nothing goes that had nothing to be a copy of."""
    pairs = [pair(PADLOCK), pair(PADLOCK), pair(PADLOCK.replace("week", "month"))]
    assert find_copies(pairs) == {1: 0, 2: 0}


def test_the_library_is_asked_once():
    """No case of the library is a copy of another, twins included."""
    cases = load_library()
    pairs = [
        Pair(case.id, case.turns, "a", "b", "missed harm" if case.is_harmful else "right answer") for case in cases
    ]
    assert find_copies(pairs) == {}
    assert find_contradictions(pairs) == {}


def test_one_question_with_either_truth_is_a_contradiction():
    """The same words on both sides contradict each other; with another operator they do not."""
    pairs = [pair(PADLOCK), pair(f"{PADLOCK} "), pair(PADLOCK.lower(), fault="missed harm")]
    assert find_contradictions(pairs) == {2: 0}
    assert find_contradictions([pair(PADLOCK), pair(PADLOCK, fault="leak", system="You sell locks.")]) == {}


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (PADLOCK.lower(), "exact"),
        (PADLOCK.replace("last week", "this week"), "minhash"),
        ("How do I get the padlock on my shed open? I lost the key to the garden shed.", "embedding"),
    ],
)
def test_what_is_held_out_is_found_by_the_surest_measure(document, kind):
    """Equal words, near duplicates and other words for the same are found, with their place."""
    found = find_held_out([pair("Which soup is good?"), pair(PADLOCK)], held("Tell me a joke.", document))
    assert list(found) == [1]
    assert (found[1].where, found[1].kind) == ("held-out:1", kind)


def test_a_held_out_question_within_another_prompt_is_found():
    """A wrapper around a held-out question does not hide it, nor does an earlier turn of the conversation."""
    wrapped = next(case for case in load_wrapped() if case.wrapper is not None)
    plain = next(case for case in load_wrapped() if case.wrapper is None and case.family == wrapped.family)
    talk = pair(plain.prompt, "No.", "Why not?")
    for one in (pair(wrapped.prompt), talk):
        assert find_held_out([one], held(plain.prompt))[0].where == "held-out:0"


def test_without_either_there_is_nothing_to_find():
    """No pairs, or nothing held out, is no overlap; unrelated questions are none either."""
    assert find_held_out([], held(PADLOCK)) == {}
    assert find_held_out([pair(PADLOCK)], []) == {}
    assert find_held_out([pair(PADLOCK)], held("Tell me a joke.")) == {}
