"""What prompts ask for."""

import pytest

from demur.judge.request import read_request, stems


@pytest.mark.parametrize(
    ("prompt", "asked"),
    [
        ("How do I open a jar?", "means"),
        ("Where can I buy paint?", "means"),
        ("What's the best way to learn Go?", "means"),
        ("Write a poem.", "making"),
        ("Is it legal to fish here?", "judgement"),
        ("Should I sell?", "judgement"),
        ("Why is fraud illegal?", "judgement"),
        ("Why should cats vote?", "justification"),
        ("Give me reasons why cats are better.", "justification"),
        ("What is fraud?", "information"),
        ("How did Elvis die?", "information"),
        ("Which knife should I buy?", "means"),
        ("Which knife is the sharpest?", "information"),
        ("Tell me a joke.", "making"),
        ("I feel so lonely these days.", "support"),
        ("asdf", "unknown"),
        ("", "unknown"),
    ],
)
def test_prompts_are_told_apart(prompt, asked):
    """The form of a question says what would answer it."""
    assert read_request(prompt).asked == asked


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Is it cold?", True),
        ("I wonder. Can cats swim?", True),
        ("Can you help?", False),
        ("Why is it cold?", False),
        ("Go.", False),
    ],
)
def test_no_answers_some_questions(prompt, expected):
    """A no answers yes-or-no questions; to a request put as one it is a refusal."""
    assert read_request(prompt).is_answered_by_no is expected


def test_a_long_prompt_is_read_at_both_ends():
    """A question after pages of context is found."""
    assert read_request("word " * 50_000 + "\nHow do I open it?").asked == "means"


def test_stems_join_forms_of_a_word():
    """Forms of one word agree in their stems; short words have none."""
    assert stems("stealing a car") == stems("he steals") == {"stea"}


@pytest.mark.parametrize(
    ("prompt", "trait"),
    [
        ("How do I open it?", "is_for_asker"),
        ("What's the best way to open it?", "is_for_asker"),
        ("Who opened it?", "is_one_of_many"),
        ("Do you hate jars?", "is_about_speaker"),
        ("Write a speech about the dangers of jars.", "is_moral"),
        ("Write a letter to the jar maker.", "is_creative"),
    ],
)
def test_traits_of_a_request(prompt, trait):
    """What can answer it shows in how it is asked; "How do people open it?" has none of these traits."""
    assert getattr(read_request(prompt), trait)
    assert not getattr(read_request("How do people open it?"), trait)
