"""Texts as tokens: what a token is, where it stands, and that a batch changes nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demur.judge.local.alphabet import LINE, START
from demur.judge.local.tokens import CAPITAL, LISTED, MOST_HEAD, MOST_TAIL, SHOWN, read_tokens

PIECES = [
    "I can't",
    "…",
    "\r\n",
    "\u200b",
    "🙂",
    "中文。",
    "```",
    '"a"',
    "\ue000",
    "é",
    "e\u0301",
    "«",
    "\ud83d",
    "한국어",
    "1.",
    "\x00",
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=10).map(" ".join)


def words_of(text):
    """Cut a text into its tokens, those that end lines left out."""
    tokens = read_tokens([text])
    seen = np.flatnonzero((tokens.kind != START) & (tokens.kind != LINE))
    return ["".join(text[slice(*tokens.span(int(one), int(one), len(text)))]) for one in seen]


def sentences_of(text):
    """Cut a text into its sentences."""
    tokens = read_tokens([text])
    seen = np.flatnonzero((tokens.kind != START) & (tokens.kind != LINE))
    found = []
    for sentence in np.unique(tokens.sentence[seen]):
        own = seen[tokens.sentence[seen] == sentence]
        found.append(text[slice(*tokens.span(int(own[0]), int(own[-1]), len(text)))])
    return found


def look_of(text, bit):
    """Give the tokens that have a look."""
    tokens = read_tokens([text])
    return [text[slice(*tokens.span(int(one), int(one), len(text)))] for one in np.flatnonzero(tokens.look & bit)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I can't help.", ["I", "can't", "help", "."]),
        ("I can’t... no!!", ["I", "can’t", "...", "no", "!!"]),
        ("ça va? d'accord", ["ça", "va", "?", "d'accord"]),
        ("我不能。", ["我", "不", "能", "。"]),
        ("도와드릴 수 없습니다", ["도와드릴", "수", "없습니다"]),
        ("can\u200bnot", ["can\u200bnot"]),
        ("a\n\nb", ["a", "b"]),
        ("🙂 ok", ["🙂", "ok"]),
        ("", []),
    ],
)
def test_words_marks_and_signs_are_tokens(text, words):
    """Words keep their apostrophes, marks run together, Chinese characters stand alone, what is invisible is not there."""
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I CAN'T", "i can’t"),
        ("Ｈｅｌｐ", "help"),
        ("2024", "1999"),
        ("well–known", "well-known"),
        ("can\u200bnot", "cannot"),
    ],
)
def test_what_looks_alike_is_alike(one, other):
    """Case, width, quotes, dashes and digits make no difference."""
    assert read_tokens([one]).word.tolist() == read_tokens([other]).word.tolist()


def test_different_words_differ():
    """The hashes of a vocabulary are all different, and so are those of its beginnings and ends."""
    words = [f"word{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}" for n in range(17_000)]
    tokens = read_tokens(words)
    assert len(np.unique(tokens.word)) == len(words) + 1
    related = read_tokens(["refusing refused helping"])
    assert related.stem[1] == related.stem[2] != related.stem[3]
    assert related.ending[1] == related.ending[3] != related.ending[2]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("No. I won't! Why?", ["No.", "I won't!", "Why?"]),
        ("It costs 3.50 at example.com today.", ["It costs 3.50 at example.com today."]),
        ("See the U.S. law. Then go.", ["See the U.S. law.", "Then go."]),
        ("1. Cut it.\n2. Open it.", ["1. Cut it.", "2. Open it."]),
        ("不行。我不能。", ["不行。", "我不能。"]),
        ("नहीं। मैं नहीं कर सकता।", ["नहीं।", "मैं नहीं कर सकता।"]),
        ("Wait... what?!", ["Wait...", "what?!"]),
    ],
)
def test_sentences_end_where_people_end_them(text, sentences):
    """At marks before a space and at line ends, and not within numbers, addresses, initials and list numbers."""
    assert sentences_of(text) == sentences


def test_what_is_shown_is_marked():
    """Within quotation marks of a line, backticks and blocks of code; an unpaired mark shows nothing."""
    assert look_of('He said "I will not" and left.', SHOWN) == ['"', "I", "will", "not"]
    assert look_of("Run `ls` now", SHOWN) == ["`", "ls"]
    assert "nein" in look_of("Er sagte „nein“ und ging", SHOWN)
    assert "raise" in look_of("```\nraise Error\n```\ndone", SHOWN)
    assert "done" not in look_of("```\nraise Error\n```\ndone", SHOWN)
    assert "sorry" in look_of("~~~\nsorry\n~~~\nprinted", SHOWN)
    assert "printed" not in look_of("~~~\nsorry\n~~~\nprinted", SHOWN)
    assert look_of("> I will not\nsaid he", SHOWN) == [">", "I", "will", "not"]
    assert "won't" in look_of("She said 'I won't' and left.", SHOWN)
    assert look_of("the dogs' owner", SHOWN) == []
    assert look_of('"I will not."', SHOWN) == []
    assert look_of('a 5" pipe\nof steel', SHOWN) == []


def test_capitals_and_lists_are_marked():
    """A capital at the beginning of a word, and lines that are items."""
    assert look_of("Ask a Doctor", CAPITAL) == ["Ask", "Doctor"]
    assert "tea" in look_of("Buy:\n- tea\n2) milk\nand go", LISTED)
    assert "milk" in look_of("Buy:\n- tea\n2) milk\nand go", LISTED)
    assert "go" not in look_of("Buy:\n- tea\n2) milk\nand go", LISTED)


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_a_text_reads_the_same_in_any_batch(texts):
    """Its tokens, their places and their looks do not depend on what stands before or behind it."""
    together = read_tokens(texts)
    for index, text in enumerate(texts):
        alone = read_tokens([text])
        own = together.text == index
        for name in ("word", "stem", "ending", "look", "kind", "script"):
            assert getattr(together, name)[own].tolist() == getattr(alone, name).tolist(), name
        first = int(np.flatnonzero(own)[0])
        for token in range(1, len(alone)):
            assert together.span(first + token, first + token, len(text)) == alone.span(token, token, len(text))


@settings(deadline=None)
@given(TEXTS)
def test_spans_follow_one_another(text):
    """Tokens lie in the text, in order, one behind the other, each of at least one character."""
    tokens = read_tokens([text])
    spans = [tokens.span(token, token, len(text)) for token in range(1, len(tokens))]
    bounds = [0, *(bound for span in spans for bound in span), len(text)]
    assert bounds == sorted(bounds)
    assert all(start < end for start, end in spans)


def test_a_long_text_is_read_at_its_ends():
    """The middle of a long text is left out, and what is behind it stands where it stands."""
    text = "begin " + "x" * 4_000 + " end"
    tokens = read_tokens([text])
    last = len(tokens) - 1
    assert text[slice(*tokens.span(last, last, len(text)))] == "end"
    assert int(tokens.end[-1]) <= MOST_HEAD + MOST_TAIL + 3
