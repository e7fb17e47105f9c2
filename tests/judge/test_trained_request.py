"""What prompts ask for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demur.judge.local.request import read_request


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
    """A question after pages of context is found, and so is one before them."""
    assert read_request("word " * 50_000 + "\nHow do I open it?").asked == "means"
    assert read_request("How do I open it?\n" + "word " * 50_000).asked == "means"


@pytest.mark.parametrize(
    ("prompt", "trait"),
    [
        ("How do I open it?", "is_for_asker"),
        ("What's the best way to open it?", "is_for_asker"),
        ("Do you hate jars?", "is_about_speaker"),
        ("Write a letter to the jar maker.", "is_creative"),
        ("Is it a jar?", "is_answered_by_no"),
    ],
)
def test_traits_of_a_request(prompt, trait):
    """What can answer it shows in how it is asked; "How do people open it?" has none of these traits."""
    assert getattr(read_request(prompt), trait)
    assert not getattr(read_request("How do people open it?"), trait)


@given(st.text())
def test_any_prompt_is_read(prompt):
    """Whatever is asked, the same is asked again, and only a text to be made is creative."""
    request = read_request(prompt)
    assert request == read_request(prompt)
    assert request.asked == "making" or not request.is_creative
    assert request.asked == "means" or not request.is_for_asker
