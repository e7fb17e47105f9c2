"""What the networks are told of a reply: of each sentence its cues, its place and its kinship with the question; and of the whole.

All of it is the same in every language: the lexicons turn words into classes of cues, and the rest counts and compares.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import log1p

import numpy as np
from numpy.typing import NDArray

from demur.judge.local.cues import Lexicon, cue_classes, lexicon_of
from demur.judge.local.request import read_request
from demur.judge.sentences import BLANK, Sentence
from demur.types import Turn

__all__ = ["Features", "extract", "n_reply_inputs", "n_sentence_inputs"]

_HEAD, _TAIL = 19, 5
"""Sentences read at either end of a reply; what a reply is shows at its ends."""
_DECLINING = ("refuse", "lacks_means", "scope", "policy", "withholds", "impersonal", "subjectless", "fault")
_MORAL = ("wrong", "lecture", "fault", "disapprove", "duty", "admonishes")
_AWAY = ("instead", "points_elsewhere")
_BACK = ("resume", "resumes")
_NO_CONTENT = (
    *_DECLINING,
    *_MORAL,
    "apology",
    "empathy",
    "offer",
    "invite",
    "closing",
    "elsewhere",
    "ask_details",
    "hotline",
    "courtesy",
)
_ASKED = ("means", "making", "judgement", "justification", "information", "support")
_N_PLACES = 18
_N_WHOLE = 17
_N_REQUEST = len(_ASKED) + 4
_BY_PAIRS = frozenset({"zh", "ja"})
"""Written without spaces: compared by pairs of characters."""
_STEM = 4
_SMALL = frozenset(
    word[:_STEM]
    for word in """what that this with have from your they there would could should will about which when where does been were just
    like some more than then them into also only""".split()  # noqa: SIM905 -- a list of strings reads worse
)


@dataclass(frozen=True, slots=True)
class Features:
    """The inputs of the networks for one reply."""

    sentences: NDArray[np.float32]
    """Shape (sentences read, `n_sentence_inputs`)."""
    shares: NDArray[np.float32]
    """Shape (sentences read,): each one's share of the words; they add up to 1."""
    whole: NDArray[np.float32]
    """Shape (`n_reply_inputs`,)."""
    read: tuple[Sentence, ...]
    """The sentences the rows belong to."""
    n_words: float
    """Words of the sentences read; a character of Chinese or Japanese is half a word."""


def n_sentence_inputs() -> int:
    """Give the number of inputs for each sentence."""
    return len(cue_classes()) + _N_PLACES


def n_reply_inputs() -> int:
    """Give the number of inputs for the reply as a whole."""
    return _N_WHOLE + _N_REQUEST


def extract(sentences: Sequence[Sentence], turns: Sequence[Turn], language: str) -> Features:
    """Read a reply.

    Args:
        sentences: of the reply, at least one; of more than 24 the first 19 and the last 5 are read.
        turns: the conversation up to the question; may be empty.
        language: tag of a language with a lexicon.
    """
    read = tuple(sentences) if len(sentences) <= _HEAD + _TAIL else (*sentences[:_HEAD], *sentences[-_TAIL:])
    asked = next((turn.text for turn in reversed(turns) if turn.role == "user"), "")
    question = _kin(asked.lower(), language)
    passage = _Passage(lexicon_of(language), question, language)
    rows = np.zeros((len(read), n_sentence_inputs()), np.float32)
    n_classes = len(cue_classes())
    sizes = []
    for index, sentence in enumerate(read):
        size = len(sentence.text) / 2.0 if language in _BY_PAIRS else sentence.text.count(" ") + 1.0
        classes, told = passage.take(sentence, size)
        place = index / (len(read) - 1) if len(read) > 1 else 0.0
        rows[index, list(classes)] = 1.0
        rows[index, n_classes:] = (
            *_look(sentence, size),
            place,
            index == 0,
            index == len(read) - 1,
            len(read) == 1,
            *told,
        )
        sizes.append(size)
    total = sum(sizes)
    whole = (
        *_measure(read, total, turns, asked),
        *passage.summary(total),
        float(language == "en"),
        *_request(asked, language),
    )
    return Features(rows, np.array(sizes, np.float32) / total, np.array(whole, np.float32), read, total)


class _Passage:
    """What has been said so far, sentence by sentence."""

    def __init__(self, lexicon: Lexicon, question: frozenset[str], language: str) -> None:
        self._lexicon = lexicon
        self._question = question
        self._language = language
        self._seen: set[str] = set()
        self._has_declined = self._has_moralised = self._is_away = False
        self._given = self._given_here = self._given_after = 0.0

    def take(self, sentence: Sentence, size: float) -> tuple[set[int], tuple[float, ...]]:
        """Take in the next sentence: its classes of cues, and what holds of it in its place."""
        classes = self._lexicon.classes_in(sentence.text)
        kin = _kin(sentence.text, self._language)
        shared = kin & self._question
        self._seen |= shared
        if not classes.isdisjoint(_among(_BACK)):
            self._is_away = False
        elif not sentence.is_item and not classes.isdisjoint(_among(_AWAY)):
            self._is_away = True
        is_content = classes.isdisjoint(_among(_NO_CONTENT))
        told = (
            len(shared) / max(1, len(kin)),
            bool(shared),
            len(shared) / max(1, len(self._question)),
            self._has_declined,
            self._has_moralised,
            self._is_away,
            is_content,
            is_content and self._has_declined,
            is_content and self._is_away,
            sentence.text.count(BLANK) / len(sentence.text),
        )
        self._has_declined |= not classes.isdisjoint(_among(_DECLINING))
        self._has_moralised |= not classes.isdisjoint(_among(_MORAL))
        if is_content:
            here = 0.0 if self._is_away else size
            self._given += size
            self._given_here += here
            self._given_after += here * self._has_declined
        return classes, told

    def summary(self, total: float) -> tuple[float, ...]:
        """Sum up: how much of the question came back, and which shares of the words are content, here, after a no."""
        covered = len(self._seen) / max(1, len(self._question))
        return (
            covered,
            float(not self._seen and bool(self._question)),
            float(not self._question),
            self._given / total,
            self._given_here / total,
            self._given_after / total,
            log1p(self._given_here) / 5,
        )


def _look(sentence: Sentence, size: float) -> tuple[float, ...]:
    last = sentence.text[-1]
    return float(sentence.is_item), float(last in "?？؟"), float(last in ":："), log1p(size) / 3


def _measure(read: Sequence[Sentence], total: float, turns: Sequence[Turn], asked: str) -> tuple[float, ...]:
    shows = any(BLANK in sentence.text for sentence in read)
    return (
        log1p(total) / 5,
        log1p(len(read)) / 3,
        float(total < 12),  # noqa: PLR2004 -- a sentence
        float(total < 6),  # noqa: PLR2004 -- a phrase
        float(len(turns) > 1),
        float(bool(turns) and turns[0].role == "system"),
        log1p(len(asked)) / 6,
        float(shows),
        float(any(sentence.is_item for sentence in read)),
    )


def _request(asked: str, language: str) -> tuple[float, ...]:
    if language != "en":
        return (0.0,) * _N_REQUEST
    request = read_request(asked)
    kinds = (float(request.asked == kind) for kind in _ASKED)
    return (
        *kinds,
        float(request.is_answered_by_no),
        float(request.is_creative),
        float(request.is_about_speaker),
        float(request.is_for_asker),
    )


def _kin(text: str, language: str) -> frozenset[str]:
    """Reduce a text to what is compared: the beginnings of its longer words, or its pairs of characters."""
    if language in _BY_PAIRS:
        return frozenset(text[i : i + 2] for i in range(len(text) - 1))
    if language == "ko":
        return frozenset(word[:2] for word in text.split() if len(word) > 1)
    return frozenset(word[:_STEM] for word in text.split() if len(word) >= _STEM) - _SMALL


@cache
def _among(names: tuple[str, ...]) -> frozenset[int]:
    order = {name: index for index, name in enumerate(cue_classes())}
    return frozenset(order[name] for name in names)
