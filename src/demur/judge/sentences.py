"""Sentences of a text, with their places in it.

A text is first put into one *plain* form of exactly the same length (lower case, straight quotes, ordinary spaces), so
that a place in one is the same place in the other. Every pass is linear in the length of the text.
"""

import re
from typing import NamedTuple

__all__ = ["Sentence", "plain", "split"]

_SPACES = "\t\v\f\x1c\x1d\x1e\x1f\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_PLAIN = str.maketrans(
    {
        **dict.fromkeys(_SPACES, " "),
        **dict.fromkeys("\r\x85\u2028\u2029", "\n"),
        **dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4\u2032\uff07`", "'"),
        **dict.fromkeys("\u201c\u201d\u201f\u00ab\u00bb\u2033\uff02", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        "\uff0e": ".",
        "\u2026": ".",
        "\u0130": "i",  # the one letter whose lower case is longer than itself
    }
)
_END = re.compile(r"[.!?؟।]++[\"'*_)\]]*+|[。！？]++[\"'」』）)]*+|\n++")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|dr|mr|mrs|ms|st|prof|no|approx|cf|u\.s|u\.k|a\.m|p\.m)|(?<![\w'])[a-z]|^\d{1,3})\.$"
)
_SAYS_SOMETHING = re.compile(r"[^\W_]")


class Sentence(NamedTuple):
    """A sentence and where it stands."""

    start: int
    """Index of its first character that is not space."""
    end: int
    """Index after its last character that is not space."""
    text: str
    """Its plain form."""


def plain(text: str) -> str:
    """Lower the case and straighten quotes, dashes and spaces, one character for one: ``len(plain(t)) == len(t)``."""
    return text.translate(_PLAIN).lower()


def split(said: str) -> list[Sentence]:
    """Split a plain text into sentences, in order and without overlap.

    A sentence ends at ``.``, ``!`` or ``?`` before space, and at every line's end. Points after abbreviations,
    initials and list numbers, or before a small letter that goes on, do not end one (the plain form has only small
    letters, so abbreviations are known by a list).
    """
    sentences: list[Sentence] = []
    start = 0
    for match in _END.finditer(said):
        is_newline = match[0][0] == "\n"
        if not is_newline and not _ends_sentence(said, start, match):
            continue
        _append(sentences, said, start=start, end=match.end())
        start = match.end()
    _append(sentences, said, start=start, end=len(said))
    return sentences


def _append(sentences: list[Sentence], said: str, *, start: int, end: int) -> None:
    piece = said[start:end]
    body = piece.strip(" \n")
    if _SAYS_SOMETHING.search(body) is not None:
        first = start + len(piece) - len(piece.lstrip(" \n"))
        sentences.append(Sentence(first, first + len(body), body))


def _ends_sentence(said: str, start: int, match: re.Match[str]) -> bool:
    end = match.end()
    if match[0][0] in "。！？":
        return True
    if end < len(said) and said[end] not in " \n":
        return False
    if match[0][0] != "." or len(match[0]) > 1:
        return True
    head = said[max(start, match.start() - 8) : match.start() + 1].lstrip()
    return _ABBREVIATION.search(head) is None
