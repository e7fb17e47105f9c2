"""Sentences of a reply, with their places in it: the unit the rules read.

A reply is first put into one *plain* form of exactly the same length (lower case, straight quotes, ordinary spaces), so
that a place in one is the same place in the other. Text that is shown rather than said (code, quotations, dialogue,
drafted letters) is blanked out of it. Every pass is linear in the length of the text.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["BLANK", "Sentence", "blank_shown", "index_at", "plain", "split"]

BLANK = "\x1a"
"""Stands in the plain form for a character that is shown, not said; no rule matches it."""

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
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)
_INLINE_CODE = re.compile(r"`[^`\n]{1,200}`")
_PLACEHOLDER = re.compile(r"\[[^\]\n]{1,200}\]")
_QUOTED = re.compile(r'"[^"\n]{1,400}"|「[^」\n]{1,200}」|『[^』\n]{1,200}』')
_SINGLE_QUOTED = re.compile(r"(?<![\w'])'(?=\w)(?:[^'\n]|(?<=\w)'(?=\w)){2,300}'(?!\w)")
_SHOWN_LINE = re.compile(r"^(?:    |\t|>)[^\n]*", re.MULTILINE)
_LETTER = re.compile(r"^\W{0,4}(?:dear |subject: |to whom it may)", re.MULTILINE)
_SIGN_OFF = re.compile(
    r"^\W{0,4}(?:sincerely|(?:best|kind|warm) (?:regards|wishes)|regards|yours|love|cheers)\b", re.MULTILINE
)
_SPEAKER = re.compile(r"^\W{0,4}([a-z][a-z .'-]{0,29}):[* ]+(?=\S)[^\n]*", re.MULTILINE)
_PERSON = re.compile(r"\b(?:i|i'm|i'll|me|my|you|your|we)\b")
_END = re.compile(r"[.!?؟।]++[\"'*_)\]]*+|[。！？]++[\"'」』）)]*+|\n++")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|dr|mr|mrs|ms|st|prof|no|approx|cf|u\.s|u\.k|a\.m|p\.m)|(?<![\w'])[a-z]|^\d{1,3})\.$"
)
_SAYS_SOMETHING = re.compile(rf"[^\W_]|{BLANK}")
_LIST_MARK = re.compile(r" *(?:[-*+•‣–] +|\(?\d{1,3}[.)] +|\(?[a-z][.)] +|step \d)")


class Sentence(NamedTuple):
    """A sentence and where it stands."""

    start: int
    """Index of its first character that is not space."""
    end: int
    """Index after its last character that is not space."""
    text: str
    """Its plain form."""
    is_item: bool
    """Whether it stands in a list item."""


def plain(text: str) -> str:
    """Lower the case and straighten quotes, dashes and spaces, one character for one: ``len(plain(t)) == len(t)``."""
    return text.translate(_PLAIN).lower()


def blank_shown(text: str) -> str:
    """Give the plain form of a reply with what it only shows blanked out.

    Shown are fenced, indented and inline code, block quotes, quotations, what stands in square brackets, the lines of a dialogue with at least two
    named speakers, and a drafted letter from its salutation to its sign-off. A quotation that is nearly the whole
    reply is not blanked: some models put quotation marks round all they say.
    """
    found = _blank_fences(plain(text), text) if "```" in text or "~~~" in text else plain(text)
    if "`" in text:
        found = _blank_spans(found, _INLINE_CODE.finditer(text))
    if "\n    " in found or "\n>" in found or found.startswith(("    ", ">")):
        found = _blank_spans(found, _SHOWN_LINE.finditer(found))
    if "[" in found:
        found = _blank_quotations(found, _PLACEHOLDER)
    if '"' in found or "「" in found or "『" in found:
        found = _blank_quotations(found, _QUOTED)
    if " '" in found or found.startswith("'"):
        found = _blank_quotations(found, _SINGLE_QUOTED)
    if ":" in found or "dear " in found or "to whom" in found:
        found = _blank_dialogue(_blank_letters(found))
    return found


def split(said: str) -> list[Sentence]:
    """Split a plain text into sentences, in order and without overlap.

    A sentence ends at ``.``, ``!`` or ``?`` before space, and at every line's end. Points after abbreviations,
    initials and list numbers, or before a small letter that goes on, do not end one (the plain form has only small
    letters, so abbreviations are known by a list).
    """
    sentences: list[Sentence] = []
    start, is_item = 0, _LIST_MARK.match(said) is not None
    for match in _END.finditer(said):
        is_newline = match[0][0] == "\n"
        if not is_newline and not _ends_sentence(said, start, match):
            continue
        _append(sentences, said, start=start, end=match.end(), is_item=is_item)
        start = match.end()
        if is_newline:
            is_item = _LIST_MARK.match(said, start) is not None
    _append(sentences, said, start=start, end=len(said), is_item=is_item)
    return sentences


def index_at(starts: list[int], position: int) -> int:
    """Give the index of the sentence that holds a position, from the sentences' starts in rising order."""
    return max(0, bisect_right(starts, position) - 1)


def _append(sentences: list[Sentence], said: str, *, start: int, end: int, is_item: bool) -> None:
    piece = said[start:end]
    body = piece.strip(" \n")
    if _SAYS_SOMETHING.search(body) is not None:
        first = start + len(piece) - len(piece.lstrip(" \n"))
        sentences.append(Sentence(first, first + len(body), body, is_item))


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


def _blank(text: str, start: int, end: int) -> str:
    # Line ends stay, so that lines and list items keep their shape.
    return re.sub(r"[^\n]", BLANK, text[start:end])


def _blank_spans(text: str, matches: Iterator[re.Match[str]]) -> str:
    pieces, last = [], 0
    for match in matches:
        pieces += [text[last : match.start()], _blank(text, match.start(), match.end())]
        last = match.end()
    return "".join([*pieces, text[last:]]) if pieces else text


def _blank_fences(text: str, original: str) -> str:
    marks = [match.start() for match in _FENCE.finditer(original)]
    pieces, last = [], 0
    for opening, closing in zip(marks[::2], [*marks[1::2], len(text)], strict=False):
        pieces += [text[last:opening], _blank(text, opening, closing)]
        last = closing
    return "".join([*pieces, text[last:]])


def _blank_quotations(text: str, quoted: re.Pattern[str]) -> str:
    spans = [match for match in quoted.finditer(text) if not _is_nearly_all(match, text)]
    return _blank_spans(text, iter(spans))


def _is_nearly_all(match: re.Match[str], text: str) -> bool:
    return match.end() - match.start() >= 0.8 * len(text.strip())


def _blank_letters(text: str) -> str:
    opening = _LETTER.search(text)
    if opening is None:
        return text
    closing = _SIGN_OFF.search(text, opening.end())
    end = len(text) if closing is None else closing.end()
    return text[: opening.start()] + _blank(text, opening.start(), end) + text[end:]


def _blank_dialogue(text: str) -> str:
    lines = list(_SPEAKER.finditer(text))
    spoken = sum(_PERSON.search(line[0]) is not None for line in lines)
    if len({line[1].strip() for line in lines}) < 2 or 2 * spoken < len(lines):  # noqa: PLR2004 -- a dialogue takes two
        return text
    return _blank_spans(text, iter(lines))
