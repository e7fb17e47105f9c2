"""What the network is told of a batch of replies: rows of its tables for each token, and a few counts.

Training and judging read texts through this one function, so the network always sees what it was trained on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from alphabet import LINE, MARK
from numpy.typing import NDArray
from tokens import CAPITAL, LISTED, SHOWN, Tokens, read_tokens

from demur.types import Turn

__all__ = ["N_ENDINGS", "N_LOOKS", "N_STEMS", "N_WHOLE", "Inputs", "Side", "Vocabulary", "read_inputs"]

N_STEMS, N_ENDINGS = 1 << 14, 1 << 13
"""Rows of the tables of beginnings and ends of words; row 0 of each is for a token without one."""
N_LOOKS = 5
"""Columns of `Inputs.looks`."""
N_WHOLE = 10
"""Columns of `Inputs.whole`."""

_HEAD, _TAIL = 260, 60
"""Tokens of a reply read at either end."""
_MOST_ASKED, _MOST_BEFORE = 600, 800
"""Characters read of the end of a question, and of the end of what was said before it."""
_MOST_ASKED_TOKENS, _MOST_BEFORE_TOKENS = 64, 96
_COMMON = 300
"""The commonest words, which a reply may share with any question."""
_SENTENCE, _PHRASE = 14, 8
"""Tokens below which a reply is a sentence, and a phrase."""
_OF_TEXT = np.uint64(0x9E3779B97F4A7C15)

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Vocabulary:
    """The words that have a row of their own; the commoner, the lower its number, from 1."""

    hashes: NDArray[np.uint32]
    """Upper halves of the words' hashes, rising."""
    rows: NDArray[np.int32]

    def find(self, words: NDArray[np.uint64]) -> Rows:
        """Give the row of each word; 0 of one without."""
        halves = (words >> np.uint64(32)).astype(np.uint32)
        at = np.minimum(np.searchsorted(self.hashes, halves), len(self.hashes) - 1)
        return np.where(self.hashes[at] == halves, self.rows[at], 0).astype(np.int64)


@dataclass(frozen=True)
class Side:
    """A batch of questions, or of what was said before them."""

    rows: Rows
    """Shape (tokens, 3): of the word, its beginning, its end."""
    text: Rows
    """Index of each token's text; rises."""
    n_texts: int


@dataclass(frozen=True)
class Inputs:
    """A batch of replies in their conversations."""

    tokens: Tokens
    """Of the replies, as far as they are read."""
    rows: Rows
    """Shape (tokens, 3)."""
    looks: Floats
    """Shape (tokens, `N_LOOKS`): shown, capital, listed, in the question, end of a line."""
    sentence: Rows
    """Number of each token's sentence within the batch; rises by 0 or 1."""
    text_of: Rows
    """Shape (sentences,): the text of each sentence."""
    whole: Floats
    """Shape (texts, `N_WHOLE`)."""
    asked: Side
    before: Side


def read_inputs(pairs: Sequence[tuple[str, Sequence[Turn]]], vocabulary: Vocabulary) -> Inputs:
    """Read replies in their conversations.

    Args:
        pairs: each text and the turns it answers, the question last; may be without any.
        vocabulary: whose rows are given.
    """
    tokens = _both_ends(read_tokens([text for text, _ in pairs]))
    rows = _rows(tokens, vocabulary)
    asked_tokens = _last(read_tokens([_asked(turns) for _, turns in pairs]), _MOST_ASKED_TOKENS)
    before_tokens = _last(read_tokens([_before(turns) for _, turns in pairs]), _MOST_BEFORE_TOKENS)
    asked, before = (Side(_rows(side, vocabulary), side.text, len(pairs)) for side in (asked_tokens, before_tokens))
    is_shared, share, n_content = _shared(tokens, asked_tokens, asked.rows[:, 0])
    sentence, text_of = _number(tokens)
    looks = np.empty((len(tokens), N_LOOKS), np.float32)
    for column, bit in enumerate((SHOWN, CAPITAL, LISTED)):
        looks[:, column] = (tokens.look & bit) > 0
    looks[:, 3], looks[:, 4] = is_shared, tokens.kind == LINE
    n_tokens = np.bincount(tokens.text, minlength=len(pairs))
    whole = np.stack(
        [
            np.log1p(n_tokens) / 5,
            n_tokens < _SENTENCE,
            n_tokens < _PHRASE,
            np.log1p(np.bincount(text_of, minlength=len(pairs))) / 3,
            [len(turns) > 1 for _, turns in pairs],
            [bool(turns) and turns[0].role == "system" for _, turns in pairs],
            np.log1p(np.bincount(asked.text, minlength=len(pairs))) / 4,
            share,
            (share == 0) & (n_content > 0),
            n_content == 0,
        ],
        axis=1,
    ).astype(np.float32)
    return Inputs(tokens, rows, looks, sentence, text_of, whole, asked, before)


def _asked(turns: Sequence[Turn]) -> str:
    return next((turn.text for turn in reversed(turns) if turn.role == "user"), "")[-_MOST_ASKED:]


def _before(turns: Sequence[Turn]) -> str:
    last = max((index for index, turn in enumerate(turns) if turn.role == "user"), default=-1)
    return "\n".join(turn.text for index, turn in enumerate(turns) if index != last)[-_MOST_BEFORE:]


def _rows(tokens: Tokens, vocabulary: Vocabulary) -> Rows:
    stem, ending = (
        np.where(hashes > 0, 1 + (hashes >> np.uint64(50)).astype(np.int64) % (size - 1), 0)
        for hashes, size in ((tokens.stem, N_STEMS), (tokens.ending, N_ENDINGS))
    )
    return np.stack([vocabulary.find(tokens.word), stem, ending], axis=1)


def _places(tokens: Tokens) -> tuple[Rows, Rows]:
    """Give each token's place in its text, and the number of tokens of that text."""
    counts = np.bincount(tokens.text, minlength=tokens.n_texts)
    firsts = np.cumsum(counts) - counts
    return np.arange(len(tokens)) - firsts[tokens.text], counts[tokens.text]


def _both_ends(tokens: Tokens) -> Tokens:
    place, count = _places(tokens)
    return tokens if (kept := (place < _HEAD) | (place >= count - _TAIL)).all() else tokens.only(kept)


def _last(tokens: Tokens, most: int) -> Tokens:
    place, count = _places(tokens)
    return tokens if (kept := place >= count - most).all() else tokens.only(kept)


def _number(tokens: Tokens) -> tuple[Rows, Rows]:
    """Number the sentences through the batch."""
    begins = np.ones(len(tokens), bool)
    begins[1:] = (tokens.sentence[1:] != tokens.sentence[:-1]) | (tokens.text[1:] != tokens.text[:-1])
    return np.cumsum(begins) - 1, tokens.text[begins]


def _shared(tokens: Tokens, asked: Tokens, asked_rows: Rows) -> tuple[NDArray[np.bool_], Floats, Rows]:
    """Tell which tokens of the replies name what their question names.

    Returns:
        Of each token whether; of each text the words so found over the words the question names; and those words' number.
    """
    content = np.flatnonzero((asked_rows > _COMMON) | (asked_rows == 0))
    words, first = np.unique(_of_text(asked.word[content], asked.text[content]), return_index=True)
    n_content = np.bincount(asked.text[content[first]], minlength=tokens.n_texts)
    stemmed = content[asked.stem[content] > 0]
    stems = np.unique(_of_text(asked.stem[stemmed], asked.text[stemmed]))
    own = _of_text(tokens.word, tokens.text)
    is_shared = _among(own, words) | (_among(_of_text(tokens.stem, tokens.text), stems) & (tokens.stem > 0))
    is_shared &= (tokens.kind != MARK) & (tokens.kind != LINE)
    hits = np.flatnonzero(is_shared)
    _, first = np.unique(own[hits], return_index=True)
    n_found = np.bincount(tokens.text[hits[first]], minlength=tokens.n_texts)
    return is_shared, (n_found / np.maximum(1, n_content)).astype(np.float32), n_content


def _of_text(hashes: NDArray[np.uint64], text: Rows) -> NDArray[np.uint64]:
    """Make hashes of different texts differ."""
    return hashes ^ ((text.astype(np.uint64) + np.uint64(1)) * _OF_TEXT)


def _among(values: NDArray[np.uint64], found: NDArray[np.uint64]) -> NDArray[np.bool_]:
    if not len(found):
        return np.zeros(len(values), bool)
    at = np.minimum(np.searchsorted(found, values), len(found) - 1)
    among: NDArray[np.bool_] = found[at] == values
    return among
