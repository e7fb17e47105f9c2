"""What a text says without how it is set."""

import pytest

from demur.contamination.wording import read_words, shingle


@pytest.mark.parametrize(
    "other",
    [
        "HOW do I  kill\na process?!",
        "how do i kill a process",
        "“How do I kill — a process…”",
        "Ｈｏｗ do I kill a process",
    ],
)
def test_how_a_text_is_set_does_not_count(other):
    """Case, punctuation, spacing, quotes and width make no difference; an apostrophe may be curled, or left out."""
    assert read_words(other) == read_words("How do I kill a process?")
    assert read_words("don’t") == read_words("don't") == read_words("dont")


def test_what_a_text_says_counts():
    """Another word or another number is another text."""
    assert read_words("take 5 pills") != read_words("take 6 pills")
    assert read_words("take pills") != read_words("take a pill")
    assert read_words("?!") == ()


def test_a_character_is_a_word_where_writing_leaves_no_spaces():
    """Chinese is read character by character, and its shingles are five characters long."""
    words = read_words("怎样去除地毯上的红酒渍？")
    assert words == tuple("怎样去除地毯上的红酒渍")
    assert tuple("怎样去除地") in shingle(words)
    assert len(shingle(words)) == 7


def test_shingles_are_every_run_of_three():
    """As listing them one by one; a shorter text is one run, and one without words none."""
    words = read_words("the cat and the dog and the cat")
    assert shingle(words) == {words[start : start + 3] for start in range(6)}
    assert shingle(("no", "way")) == {("no", "way")}
    assert shingle(()) == set()
