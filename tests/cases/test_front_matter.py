"""Claims about splitting a card."""

import pytest

from demur.cases.front_matter import parse_front_matter
from demur.errors import DataError


def test_splits_and_keeps_the_body():
    """The body is kept word for word, with inner rules and blank lines, without those around it."""
    card = parse_front_matter("---\na: one\nb: [1, 2]\n---\n\nFirst.\n\n---\n  last\u2028line\n\n", "c.md")
    assert card.values == {"a": "one", "b": [1, 2]}
    assert card.body == "First.\n\n---\n  last\u2028line"


def test_windows_line_ends():
    """A file with Windows line ends reads the same."""
    assert parse_front_matter("---\r\na: one\r\n---\r\nx\r\ny\r\n", "c.md").body == "x\ny"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "c.md:1: found an empty file"),
        ("Hello\n", "c.md:1: found 'Hello'"),
        ("---\na: one\nHello\n", "c.md: the front matter is not closed"),
        ("---\na: one: two\n---\nx", "c.md:2: the front matter is not YAML"),
        ("---\na: 1\nb: 2\na: 3\n---\nx", "c.md:4: .*key 'a' is given twice"),
        ("---\njust text\n---\nx", "c.md: the front matter is no list of 'key: value' lines"),
        ("---\n1: one\n---\nx", "c.md: the front matter is no list of 'key: value' lines"),
        ("---\na: 2026-13-01\n---\nx", "c.md: the front matter cannot be read"),
        ("---\na: \x00\n---\nx", "c.md: the front matter cannot be read"),
        ("---\n? [a]\n: 1\n---\nx", "c.md:2: the front matter is not YAML"),
    ],
)
def test_broken_cards_name_the_place(text, message):
    """Whatever is wrong with a card's frame is one line that starts with the place."""
    with pytest.raises(DataError, match=message) as caught:
        parse_front_matter(text, "c.md")
    assert "\n" not in str(caught.value)
