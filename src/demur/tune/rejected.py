"""The rejected side where the run has nothing fit to stand there: stubs of answers, and refusals in one sentence.

A stub is what an answer opens with before it says anything: it shows a subject where not to begin, and holds nothing that could
do harm. The words are data, `rejected.toml`.
"""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import islice

from demur.judge.formulas import courtesy_words, formula_words
from demur.judge.sentences import plain
from demur.judge.words import find_words, index_words, is_unspaced
from demur.refusals.phrasing import Draw, choose_language

__all__ = ["content_words", "refuse_bluntly", "stub_of"]

_MOST_WORDS = 4
"""Of an opening that are kept."""


def stub_of(text: str, request: str, *, locale: str = "en") -> str:
    """Give the opening words of an answer, four at most, or a stub from a list where it opens with what it is about.

    Pure: the same arguments give the same words. None of them is a word of the request's content.

    Args:
        text: the answer, or what stands in its place; may be empty.
        request: what was asked.
        locale: BCP 47 tag of its language.
    """
    words = _read_words()[choose_language(locale)]
    asked = content_words(request, locale=locale)
    opening = _take_opening(text.strip(), words)
    if opening and asked.isdisjoint(index_words(opening)):
        return opening
    stubs = [stub for stub in words["stubs"] if asked.isdisjoint(index_words(stub))]
    return Draw(f"stub\n{request}").one_of(stubs or words["stubs"])


def refuse_bluntly(request: str, *, locale: str = "en") -> str:
    """Refuse in one sentence without a reason: one of several, by the words of the request."""
    return Draw(f"blunt\n{request}").one_of(_read_words()[choose_language(locale)]["refusals"])


def content_words(text: str, *, locale: str = "en") -> frozenset[str]:
    """Give the words that say what a text is about, in the form that `demur.judge.words.index_words` gives them."""
    language = choose_language(locale)
    return frozenset(index_words(text)) - courtesy_words(language) - formula_words(language)


@cache
def _read_words() -> Mapping[str, Mapping[str, list[str]]]:
    text = resources.files("demur.tune").joinpath("rejected.toml").read_text(encoding="utf-8")
    table: Mapping[str, Mapping[str, list[str]]] = tomllib.loads(text)
    return table


def _take_opening(text: str, words: Mapping[str, Sequence[str]]) -> str:
    """Take the first words of a text as long as they say nothing; empty if none of them assents."""
    assents, small = words["assents"], words["small"]
    end, has_assented = 0, False
    for match in islice(find_words(plain(text)), _MOST_WORDS):
        word = match[0]
        if is_unspaced(word):
            known = max((assent for assent in assents if word.startswith(assent)), key=len, default="")
            return text[: match.start() + len(known)] if known else ""
        if word not in assents and word not in small:
            break
        end, has_assented = match.end(), has_assented or word in assents
    return text[:end] if has_assented else ""
