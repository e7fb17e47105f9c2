"""Endings: what was cut off is brought to its last whole sentence or line of a list."""

import pytest

from demur.tune.ending import breaks_off, ends_whole, keep_whole


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("One thing. Two thi", "One thing."),
        ("All of it is here.", "All of it is here."),
        ('She said "go." Then he', 'She said "go."'),
        ("Steps:\n1. Do this\n2. Do th", "Steps:\n1. Do this"),
        ("Steps:\n1. Do th", ""),
        ("Look:\n\n1. **First**: take it.\n2.", "Look:\n\n1. **First**: take it."),
        ("Sure. Here are:\n- apples\n- pea", "Sure. Here are:\n- apples"),
        ("It is so.\n\n## And then\nText go", "It is so."),
        ("Ask Dr. Smith about", ""),
        ("Call it so:\n\n```go\nfunc main() {\n", ""),
        (
            "It is short. See:\n\n```go\nf()\n```\nThat is all. And",
            "It is short. See:\n\n```go\nf()\n```\nThat is all.",
        ),
        ("好。不", "好。"),
        ("Nothing ends here", ""),
        ("", ""),
    ],
)
def test_a_text_is_kept_up_to_its_last_whole_sentence(text, kept):
    """Sentences and lines of lists stay; what is begun, a heading and what leads on to more do not."""
    assert keep_whole(text) == kept


def test_what_was_kept_is_whole():
    """Whatever a text is cut at, what is kept of it is kept again."""
    text = "Sure. Here are three:\n\n1. Take it.\n2. Use it (e.g. with Dr. Smith).\n\n**Note**\nMind the e.g. 3.5 rule. It's 好。不"
    for end in range(len(text)):
        kept = keep_whole(text[:end])
        assert text.startswith(kept)
        assert keep_whole(kept) == kept


def test_a_text_that_breaks_off_is_told_from_one_that_ends():
    """Long text without an end breaks off; a few words, a list and a whole sentence do not."""
    assert breaks_off("The capital of France is Paris and the capital of Italy is")
    assert not breaks_off("The capital of France is Paris and the capital of Italy is Rome.")
    assert not breaks_off("Paris")
    assert not breaks_off("The capitals of these two countries are:\n- Paris, the capital\n- Rome, the other capital")
    assert ends_whole("Is it so?")
    assert not ends_whole("Here they are:\n1.")
