"""What the network is told of a batch of replies: rows of its tables for each token, and a few counts.

Training and judging read texts through this one function, so the network always sees what it was trained on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demur.judge.local.alphabet import ALONE, LETTER, LINE
from demur.judge.local.arrays import Floats, Indices
from demur.judge.local.tokens import LISTED, SHOWN, Tokens, read_tokens
from demur.judge.local.vocabulary import Vocabulary
from demur.types import Turn

__all__ = ["IN_QUESTION", "N_LOOKS", "N_SENTENCE_LOOKS", "N_WHOLE", "Inputs", "Side", "read_inputs"]

IN_QUESTION, ENDS_LINE = 8, 16
"""Bits of `Inputs.look` beside those of `Tokens.look`."""
N_LOOKS = 32
"""Values of `Inputs.look`."""
N_SENTENCE_LOOKS = 8
"""Columns of `Inputs.sentence_looks`."""
N_WHOLE = 10
"""Columns of `Inputs.whole`."""

_MOST_ASKED, _MOST_BEFORE = 400, 600
"""Characters read of the end of a question, and of the end of what was said before it."""
_COMMON = 300
"""The commonest words, which a reply may share with any question."""
_SENTENCE, _PHRASE = 14, 8
"""Tokens below which a reply is a sentence, and a phrase."""
_TOPIC_BITS = 12
_TOPIC_SHIFT = np.uint64(64 - _TOPIC_BITS)


@dataclass(frozen=True)
class Side:
    """A batch of questions, or of what was said before them."""

    tokens: Tokens
    rows: Indices


@dataclass(frozen=True)
class Inputs:
    """A batch of replies in their conversations."""

    tokens: Tokens
    """Of the replies, as far as they are read."""
    rows: Indices
    look: NDArray[np.uint8]
    """Of each token: the bits of `Tokens.look`, whether it is in the question, and whether it ends a line."""
    text_of: Indices
    """Shape (sentences,): the text of each sentence; rises."""
    n_sentences: Indices
    """Shape (texts,)."""
    n_tokens: Floats
    """Shape (sentences,)."""
    sentence_looks: Floats
    """Shape (sentences, `N_SENTENCE_LOOKS`)."""
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
    tokens = read_tokens([text for text, _ in pairs])
    rows = vocabulary.find(tokens.word)
    asked = _side([_asked(turns) for _, turns in pairs], vocabulary)
    before = _side([_before(turns) for _, turns in pairs], vocabulary)
    is_shared, share, n_content = _shared(tokens, asked)
    look = tokens.look | (is_shared * np.uint8(IN_QUESTION)) | ((tokens.kind == LINE) * np.uint8(ENDS_LINE))
    begins = np.flatnonzero(np.diff(tokens.sentence, prepend=-1))
    text_of = tokens.text[begins]
    n_tokens = np.diff(np.append(begins, len(tokens))).astype(np.float32)
    n_sentences = np.bincount(text_of, minlength=len(pairs))
    size = np.bincount(tokens.text, minlength=len(pairs)) - 1
    whole = np.stack(
        [
            np.log1p(size) / 5,
            size < _SENTENCE,
            size < _PHRASE,
            np.log1p(n_sentences) / 3,
            [len(turns) > 1 for _, turns in pairs],
            [bool(turns) and turns[0].role == "system" for _, turns in pairs],
            np.log1p(np.bincount(asked.tokens.text, minlength=len(pairs)) - 1) / 4,
            share,
            (share == 0) & (n_content > 0),
            n_content == 0,
        ],
        axis=1,
        dtype=np.float32,
        casting="unsafe",
    )
    looks = _sentence_looks(look, begins, n_tokens, text_of, n_sentences)
    return Inputs(tokens, rows, look, text_of, n_sentences, n_tokens, looks, whole, asked, before)


def _asked(turns: Sequence[Turn]) -> str:
    return next((turn.text for turn in reversed(turns) if turn.role == "user"), "")[-_MOST_ASKED:]


def _before(turns: Sequence[Turn]) -> str:
    if len(turns) <= 1:
        return ""
    last = max((index for index, turn in enumerate(turns) if turn.role == "user"), default=-1)
    return "\n".join(turn.text for index, turn in enumerate(turns) if index != last)[-_MOST_BEFORE:]


def _side(texts: Sequence[str], vocabulary: Vocabulary) -> Side:
    tokens = read_tokens(texts)
    return Side(tokens, vocabulary.find(tokens.word))


def _shared(tokens: Tokens, asked: Side) -> tuple[NDArray[np.bool_], Floats, Indices]:
    """Tell which tokens of the replies name what their question names.

    Words are told apart by a few bits of the hash of their beginning, so that now and then one is found that is not there.

    Returns:
        Of each token whether; of each text the topics so found over those the question names; and the number of these.
    """
    named = np.flatnonzero(
        ((asked.rows > _COMMON) | (asked.rows == 0)) & ((asked.tokens.kind == LETTER) | (asked.tokens.kind == ALONE))
    )
    topics = np.zeros((tokens.n_texts, 1 << _TOPIC_BITS), bool)
    topics[asked.tokens.text[named], _topic(asked.tokens)[named]] = True
    topic = _topic(tokens)
    is_shared = topics[tokens.text, topic] & ((tokens.kind == LETTER) | (tokens.kind == ALONE))
    n_content = np.count_nonzero(topics, axis=1)
    hits = np.flatnonzero(is_shared)
    n_found = np.bincount(
        np.unique(tokens.text[hits] << _TOPIC_BITS | topic[hits]) >> _TOPIC_BITS, minlength=tokens.n_texts
    )
    return is_shared, (n_found / np.maximum(1, n_content)).astype(np.float32), n_content


def _topic(tokens: Tokens) -> Indices:
    # Chinese and Japanese name things by pairs of characters, which are their stems.
    return (np.where(tokens.stem > 0, tokens.stem, tokens.word) >> _TOPIC_SHIFT).view(np.int64)


def _sentence_looks(
    look: NDArray[np.uint8], begins: Indices, n_tokens: Floats, text_of: Indices, n_sentences: Indices
) -> Floats:
    place = np.arange(len(begins)) - (np.cumsum(n_sentences) - n_sentences)[text_of]
    last = n_sentences[text_of] - 1
    shared, listed, shown = (
        np.add.reduceat((look & bit) > 0, begins, dtype=np.float32) for bit in (IN_QUESTION, LISTED, SHOWN)
    )
    return np.stack(
        [
            np.log1p(n_tokens) / 3,
            shared > 0,
            shared / n_tokens,
            listed > 0,
            place / np.maximum(1, last),
            place == 0,
            place == last,
            shown / n_tokens,
        ],
        axis=1,
        dtype=np.float32,
        casting="unsafe",
    )
