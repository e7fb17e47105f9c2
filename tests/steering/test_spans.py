"""What of a reply is code or a tool call, character by character and in larger pieces."""

import pytest
from tiny import _tokenizer

from demur.steering.spans import Spans


class Pieces:
    """A tokenizer whose tokens are pieces of text."""

    def __init__(self, pieces):
        self.pieces = pieces

    def decode(self, tokens, *, skip_special_tokens):
        """Give the text of one token; those that open a tool call may be special."""
        assert not skip_special_tokens
        return self.pieces[tokens[0]]


def inside(*pieces):
    """Give, after each piece, whether the reply is inside."""
    spans, found = Spans(Pieces(pieces), 1), []
    for number in range(len(pieces)):
        spans.read([number])
        found.append(spans.inside[0])
    return found


def marks(text):
    """Mark with # each character after which the reply is inside, as a tokenizer of characters gives them."""
    return "".join("#" if is_inside else "." for is_inside in inside(*text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no code", "......."),
        ("a `b` c", "......."),
        ("a ```b``` c", "....####..."[:4] + "####" + "..."),
        ("````a```b````c", "..###########.."[:2] + "#" * 10 + ".."),
        ("```a````b", "..#####.."[:2] + "####" + "..."),
        ("```a", "..##"),
        ("x<tool_call>{```}</tool_call>y", "." * 11 + "#" * 17 + ".."),
        ("```<tool_call>```y", "..###############."[:2] + "#" * 14 + ".."),
        ("</tool_call>", "." * 12),
        ("{}x", "###"),
        (" \n{x", "..##"),
        ("[{", ".#"),
        ("[\n {x", "...##"),
        ("[x] {", "....."),
        ("x {", "..."),
    ],
)
def test_what_is_inside(text, expected):
    """Fences as long as they were opened, tool calls, and replies that begin like JSON; marks of one are text inside another."""
    assert marks(text) == expected


def test_a_mark_may_be_of_several_tokens_and_a_token_more_than_a_mark():
    """It counts from the token that completes it; a span that one token opens and closes is outside again."""
    assert inside("Sure: `", "``py", "x", "`", "``", " end") == [False, True, True, True, False, False]
    assert inside("a ```x``` b", " ```") == [False, True]
    assert inside("<tool", "_call>", "{}", "</tool_call>", ".") == [False, True, True, False, False]


def test_rows_are_followed_each_on_its_own():
    """With a real tokenizer."""
    tokenizer = _tokenizer()
    rows = [tokenizer(text)["input_ids"] for text in ("```ab", "abcde", "{abcd")]
    spans, found = Spans(tokenizer, 3), []
    for tokens in zip(*rows, strict=True):
        spans.read(tokens)
        found.append(spans.inside)
    assert found[1:3] == [(False, False, True), (True, False, True)]
