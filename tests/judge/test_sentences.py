"""Sentences and their places."""

import random
import sys

import pytest

from demur.judge.sentences import plain, split

ALPHABET = [
    *"aI .!?\n\t\r'\"`~>-*1:)(,’“”…\u00a0\u2028\u200bİßﬁ🙂é中",
    *("```", "1. ", "e.g. ", "I can’t ", "\n\n", "dear ", "a: b"),
]
"""What makes splitting hard."""


def texts(n, seed=11):
    """Give texts put together at random from what makes splitting hard."""
    rng = random.Random(seed)
    return ["".join(rng.choices(ALPHABET, k=rng.randrange(0, 80))) for _ in range(n)]


def test_plain_keeps_every_place():
    """Of all characters there are, each has a plain form of one character."""
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    assert len(plain(every)) == len(every)


@pytest.mark.parametrize("text", texts(400))
def test_sentences_are_slices_in_order(text):
    """Sentences are exact slices, do not overlap, and leave out nothing that has a letter or digit."""
    said = plain(text)
    assert len(said) == len(text)
    end, left_out = 0, ""
    for sentence in split(said):
        assert said[sentence.start : sentence.end] == sentence.text == sentence.text.strip(" \n")
        assert end <= sentence.start < sentence.end
        left_out += said[end : sentence.start]
        end = sentence.end
    left_out += said[end:]
    assert not any(character.isalnum() for character in left_out)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["one.", "two!", "three?"]),
        (
            "Dr. Smith, e.g. J.R.R. Tolkien, came at 5 p.m. today.",
            ["dr. smith, e.g. j.r.r. tolkien, came at 5 p.m. today."],
        ),
        ("It costs 3.50 at shop.example.com today", ["it costs 3.50 at shop.example.com today"]),
        ("Wait... what?!", ["wait...", "what?!"]),
        ("1. First step. More.\n2. Second", ["1. first step.", "more.", "2. second"]),
        ("I can't. I won't. Please don't.", ["i can't.", "i won't.", "please don't."]),
        ("no full stop\nnext line", ["no full stop", "next line"]),
        ("(Really.) Yes.", ["(really.)", "yes."]),
        ("", []),
        (" \n ... \n", []),
    ],
)
def test_sentences_end_where_people_end_them(text, expected):
    """Abbreviations, initials, decimals and addresses do not end a sentence; lines do."""
    assert [sentence.text for sentence in split(plain(text))] == expected
