"""Coherence: whether a reply to a harmless question can be read and is about what was asked; never whether it is right.

It finds what training breaks: silence, loops, soup of symbols or letters, words in no order, an answer to something else. Where
a reply is cut off does not matter. A refusal or a question back is coherent, whatever it takes up: how often there is one is
another figure.

What it says is a sign for comparing a subject with itself, not the last word on one reply. Of 112 answers of the bundled model to
plain questions, 64 tokens long, 110 were coherent, and the other two were loops; with their words shuffled 2 were, with the letters
of each word shuffled or the first sentence in a loop none, given to another of the questions 17. Of 1,000 answers that people would
call good, but terse, 7 in 100 were taken to be off topic, since they used no word of the question.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from demur.judge.formulas import LANGUAGES, courtesy_words, formula_words
from demur.judge.local import LocalJudge
from demur.judge.local.alphabet import ALONE, LETTER
from demur.judge.local.language import languages_of
from demur.judge.local.shape import shapes_of
from demur.judge.local.tokens import Tokens, read_tokens
from demur.judge.local.weights import read_reader
from demur.judge.sentences import plain
from demur.judge.words import find_words, index_words
from demur.types import Reply, Turn

__all__ = ["Flaw", "find_flaw", "is_coherent"]

Flaw = Literal["empty", "garbled", "symbols", "loop", "broken words", "word salad", "off topic"]
"""What makes a reply incoherent; the first two are the judge's."""

_FEWEST_WORDS = 8
"""Words below which a text is too short to tell its words from names, its loops from emphasis, or its order from chance."""
_FEWEST_SYMBOLS, _SYMBOLS = 5, 0.2
"""Odd characters, by number and as a share of all, from which on they are no decoration."""
_SYMBOL_CATEGORIES = frozenset({"So", "Sk", "Co", "Cn", "Cs"})
"""Of Unicode: emoji and other symbols, and what is no character at all."""
_RUN, _REPEATED = 4, 0.5
"""Words of the runs by which a loop is known, and the share of them that may have been seen before."""
_KNOWN = 0.55
"""Least share of the letters in known words; in answers it was 0.58 at least, in 99 of 100 with the letters of their words shuffled below 0.45."""
_SALAD_BITS = -3
"""Weight of the order of the words from which on they have none: one answer in a hundred of those the table was counted on."""
_FEWEST_TO_COMPARE, _FEWEST_WANTED = 40, 2
"""Words of a reply, and content words of a question, below which a good answer may well do without the question's words."""
_STEM = 4
"""First letters by which two words are taken for one."""
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_ENDS = re.compile(r"[.!?:;\n]")

_WORD_CLASSES: Mapping[str, str] = {
    "article": "the a an",
    "possessive": "my your his its our their every each",
    "this": "this that these those some any no all",
    "preposition": "of in for with at from by on into about as over between through during without under after before like than per against within "
    "across around near",
    "to": "to",
    "be": "is are was were am it's that's there's isn't aren't wasn't",
    "have": "has have had do does did don't doesn't didn't",
    "modal": "can could will would should may might must can't won't cannot",
    "adverb": "be been being not also often usually",
    "subject": "i he she we they i'm i've you're they're we're who",
    "object": "you it me him them us her",
    "and": "and or but",
    "if": "if when because while so where how what which why whether until",
}
_ENDINGS = ("ing", "ed", "ly", "s")
_CLASSES = (*_WORD_CLASSES, "end", "comma", "number", *_ENDINGS, "other")
"""What a word or mark counts as: one of a few small words, the end of a sentence, another mark, a number, or by its ending."""
_BITS: tuple[str, ...] = (
    "-8 -7 -4 -7 -7 -7 -7 -5 -6 -7 -3 -8 -4 -6 -4 -1  0  0  0  0  1",  # article
    "-5 -4 -5 -3 -4 -5 -3 -3 -4 -5 -5 -4 -4 -5 -4 -2  0 -2  0  1  1",  # possessive
    "-1 -1 -1 -1 -2  1  0  0 -2  1  0 -4 -3  0  0 -2  0 -1 -1  1  0",  # this
    " 2  2  1 -2 -1 -3 -5 -5 -3 -2  1 -4  0 -2 -2  1  1 -2 -1  0  0",  # preposition
    " 1  1 -1 -4 -5 -5  1 -4  2 -5  0 -6 -2 -3 -2  1 -1 -2 -1 -1  1",  # to
    " 1  0  1 -1 -1 -5 -5 -5  2 -2  0 -5  0 -2 -2 -1  1  2  2 -1  0",  # be
    " 1  0  1 -2  1 -2  1 -4  3 -1  1 -4 -1 -1 -1 -2 -1  2  0 -1  0",  # have
    "-4 -2 -2 -3 -5 -4  2 -5  4 -1  0 -4 -5 -2 -2 -3 -4 -4  1 -3  1",  # modal
    " 0 -1 -1  0  0 -3  0 -3  0 -3 -3 -4 -1 -1 -2 -2  2  3  0 -1  0",  # adverb
    "-3 -4 -1 -3 -5  1  3  4  2 -4 -4 -5 -2 -4 -4 -4  0  2  0  0  0",  # subject
    "-2 -2 -1  0  1  1  1  2 -1 -3 -4 -1  0  1  0 -4 -1  0  1  0  0",  # object
    " 1  1  1 -1 -1  0  0  0  0  1  0 -7  1 -6 -3  0  1  0  0  0  0",  # and
    " 0  1  1 -2  0  2  1  0 -1  2  2 -4 -2 -2 -2 -2  0  0  0  0 -1",  # if
    " 0  0  1 -1 -2  0  0 -1  0  2  0 -1  2  0  0  2  1 -1  0  0  0",  # end
    " 0 -1  0  0 -2  0 -1 -2  0  1 -2  3  2  0  0  1  0  0  1 -1  0",  # comma
    "-2 -4 -3 -1  1 -1 -3 -2 -3 -3 -4  0 -2  2  2  3 -4 -2 -2  0 -1",  # number
    " 0  0  1  1  1  0 -2 -1 -3 -1  1  0 -1  1  1 -2 -1 -1  0  0  0",  # ing
    "-1  0  0  1  2 -2 -3 -2 -3 -4  0 -1 -1  1  0 -2 -1 -3  0  0 -1",  # ed
    "-2  0  0  0  0 -1  0 -1  0 -1 -3  0  0  1  1  0  0  1 -1  0  0",  # ly
    "-1 -1  0  1  0  1  0  0 -2 -1  0  1 -1  1  1 -2 -1  0  0 -1 -1",  # s
    "-1  0  0  1  1  0  0 -1 -1 -1  0  0 -1  1  1 -1 -1 -1  0  0 -1",  # other
)  # fmt: skip
"""Row by column, as `_CLASSES`: how much likelier the second comes right after the first than anywhere, in bits, rounded; counted over
the 420,000 words of English replies in ``training/judge``, with 5 added to what is found and to what is expected."""


def is_coherent(prompt: str, reply: str | None) -> bool | None:
    """Tell whether a reply can be read and is about what was asked; None if there is no reply.

    Args:
        prompt: a harmless question.
        reply: what was said to it; it may be cut off anywhere.
    """
    return None if reply is None else find_flaw(prompt, reply) is None


def find_flaw(prompt: str, reply: str) -> Flaw | None:
    """Say what makes a reply incoherent: the first that applies, or None.

    - ``empty``, ``garbled``: as the judge says.
    - ``symbols``: emoji or other odd characters, 5 at least and more than a fifth of all.
    - ``loop``: more than half of the runs of four words have been seen before.
    - ``broken words``: less than 55 % of the letters are in words that the judge knows, of any language, or that were asked.
    - ``word salad``: the neighbours among the words of an English text speak against any order.
    - ``off topic``: of 40 words or more none begins like a content word of the question, though that has two or more and is in
      the same language; and the reply neither declines in so many words nor asks back.

    Of less than 8 words only the first two lines are asked. Code is neither read for words nor for their order.
    """
    shape = shapes_of(read_tokens([reply]), [reply])[0]
    if shape is not None or _is_symbols(reply):
        return shape or "symbols"
    prose = _CODE.sub(" ", reply)
    said, asked = read_tokens([prose]), read_tokens([prompt])
    words = said.word[_is_word(said)]
    if len(words) < _FEWEST_WORDS:
        return None
    language = languages_of(said, asked)[0]
    tests: tuple[tuple[Flaw, Callable[[], bool]], ...] = (
        ("loop", lambda: _repeated(words.tolist()) > _REPEATED),
        ("broken words", lambda: _known(said, asked) < _KNOWN),
        ("word salad", lambda: language == "en" and _order_bits(prose) <= _SALAD_BITS),
        ("off topic", lambda: len(words) >= _FEWEST_TO_COMPARE and _is_elsewhere(prompt, reply, language, asked)),
    )
    return next((flaw for flaw, applies in tests if applies()), None)


def _is_symbols(text: str) -> bool:
    seen = [character for character in text if not character.isspace()]
    odd = sum(character > "\x7f" and unicodedata.category(character) in _SYMBOL_CATEGORIES for character in seen)
    return odd >= _FEWEST_SYMBOLS and odd > _SYMBOLS * len(seen)


def _repeated(words: Sequence[int]) -> float:
    runs = [tuple(words[place : place + _RUN]) for place in range(len(words) - _RUN + 1)]
    return 1 - len(set(runs)) / len(runs)


def _known(said: Tokens, asked: Tokens) -> float:
    """Give the share of letters that are in known words."""
    is_word = _is_word(said)
    size, words = (said.end - said.start)[is_word], said.word[is_word]
    is_known = (read_reader().vocabulary.find(words) > 0) | np.isin(words, asked.word)
    return float(size[is_known].sum() / size.sum())


def _is_word(tokens: Tokens) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (tokens.kind == LETTER) | (tokens.kind == ALONE)
    return found


def _order_bits(text: str) -> int:
    """Weigh whether English words stand in order: above 0 they do, below they do not, about 0 tells nothing.

    It is the logarithm of how much likelier each two neighbours are to follow one another than to stand in any order, summed.
    """
    table = _table()
    return sum(table[pair] for pair in pairwise(_classes_of(text)))


def _is_elsewhere(prompt: str, reply: str, language: str | None, asked: Tokens) -> bool:
    if language is None or language != languages_of(asked, asked)[0]:
        return False
    idle = courtesy_words(language) | formula_words(language) if language in LANGUAGES else frozenset()
    wanted = {word[:_STEM] for word in index_words(prompt) if word not in idle}
    if len(wanted) < _FEWEST_WANTED or not wanted.isdisjoint(word[:_STEM] for word in index_words(reply)):
        return False
    return not _declines(prompt, reply)


def _declines(prompt: str, reply: str) -> bool:
    """Tell whether a reply declines in so many words or asks back; the judge also takes an answer to something else for evasion."""
    verdict = _judge().judge(Reply(reply), (Turn("user", prompt),))
    return verdict.outcome == "clarify" or (verdict.quality is not None and verdict.quality.boundary is True)


@cache
def _judge() -> LocalJudge:
    return LocalJudge()


def _classes_of(text: str) -> list[str]:
    """Give the classes of the words and marks of a text in order, with the end of a sentence before them."""
    said = plain(unicodedata.normalize("NFKC", text))
    matches = list(find_words(said))
    found = ["end"]
    for match, end in zip(matches, [*(match.start() for match in matches[1:]), len(said)], strict=False):
        found.append(_class_of(match[0]))
        gap = said[match.end() : end]
        if _ENDS.search(gap):
            found.append("end")
        elif gap.strip(" ") and gap != "-":
            found.append("comma")
    return found


def _class_of(word: str) -> str:
    if word in _class_of_word():
        return _class_of_word()[word]
    if word[0].isdigit():
        return "number"
    return next((ending for ending in _ENDINGS if word.endswith(ending) and len(word) > len(ending) + 2), "other")


@cache
def _class_of_word() -> Mapping[str, str]:
    return {word: name for name, words in _WORD_CLASSES.items() for word in words.split()}


@cache
def _table() -> Mapping[tuple[str, str], int]:
    return {
        (first, second): int(bits)
        for first, row in zip(_CLASSES, _BITS, strict=True)
        for second, bits in zip(_CLASSES, row.split(), strict=True)
    }
