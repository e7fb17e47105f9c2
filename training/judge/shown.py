"""What a reply shows rather than says: code, quotations, dialogue, drafted letters; blanked out before lexicons read it."""

import re
from collections.abc import Iterator

from demur.judge.sentences import plain

__all__ = ["BLANK", "blank_shown"]

BLANK = "\x1a"
"""Stands in the plain form for a character that is shown, not said; no lexicon matches it."""

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
