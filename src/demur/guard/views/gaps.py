"""Gaps: letters that stand apart, words that are cut in two, words with signs between them, strings to be put together.

Readers of the kind of `decodings`. Each closes gaps, or makes spaces of them, in a text that is written so throughout, and leaves
alone what ordinary text has of them: initials, compounds, lists.
"""

import re

from demur.guard.views.origins import Edit
from demur.guard.views.sketches import BEYOND, DIGITS, LOWER, UPPER, kinds, sketch

__all__ = ["cut_words", "joined_letters", "joined_strings", "parted_words", "signed_letters"]

_LETTERS = "A-Za-z0-9@$!\u00c0-\u024f\u0370-\u052f\u1e00-\u1eff"
_SYLLABLES = "\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_APART = re.compile(
    rf"(?<!\w)(?:[{_LETTERS}](?P<gap> ?[.\-_*/|+~,:;'\u00b7] ?|[ \n])[{_LETTERS}](?:(?P=gap)[{_LETTERS}])+(?!\w)"
    rf"|[{_SYLLABLES}](?P<space> ?[.\-_*/|+~,:;'\u00b7\u30fb] ?|[ \n])[{_SYLLABLES}](?:(?P=space)[{_SYLLABLES}]){{2,}}(?!\w))"
)
_PAIR = re.compile(rf"(?:(?<=\s\s)|^)[{_LETTERS}][ \n][{_LETTERS}](?=\s\s|$)")
"""A word of two letters, among longer ones whose letters stand apart."""
_SHORTEST = 4
_BY_LETTER = kinds((LOWER + UPPER + DIGITS + BEYOND + "@$!", b"a"))
_EVENLY = (b".a.a.a.", b".a...a...a.")


def joined_letters(text: str) -> list[Edit]:
    """Close the gaps of letters that stand apart ("k i l l", "k.i.l.l"): three at least, four with dots, the same gap between all.

    Where words are two spaces apart or more, they stay words; where every letter is one space apart, the words are one.
    """
    drawn = b"." + sketch(text, _BY_LETTER) + b"."
    if not any(apart in drawn for apart in _EVENLY):
        return []
    edits: list[Edit] = []
    for match in _APART.finditer(text):
        gap = match["gap"] or match["space"]
        letters = match[0].split(gap)
        shortest = _SHORTEST if gap.strip() else _SHORTEST - 1
        if len(letters) < shortest or 2 * sum(map(str.isalpha, letters)) < len(letters):
            continue
        place = match.start() + 1
        for _ in letters[1:]:
            edits.append(Edit(place, place + len(gap), ""))
            place += len(gap) + 1
    if edits:
        edits += [Edit(match.start() + 1, match.end() - 1, "") for match in _PAIR.finditer(text)]
    return sorted(edits)


_SIGNED = re.compile(rf"(?<![^\W_])[{_LETTERS}](?:(?:[^\w\s]|_){{1,5}}[{_LETTERS}])+(?![^\W_])")
_SIGNS = re.compile(r"(?:[^\w\s]|_)+(?=\w)")
_SYMBOL = re.compile("[\u2020-\u2022\u2032-\u205e\u2190-\u2bff\U0001f000-\U0001faff]")
_UNEVENLY = (b".a.a.a.", b".a..a..a", b".a...a...a", b".a....a....a")


def signed_letters(text: str) -> list[Edit]:
    """Close the gaps of letters with any signs between them ("k*i+l:l", "**k****i****l****l**", "k🔥i✨l🌙l").

    In one place there are four letters at least; then shorter words that are written so are joined too.
    """
    drawn = b"." + sketch(text, _BY_LETTER) + b"."
    if not any(apart in drawn for apart in _UNEVENLY) and (text.isascii() or not _SYMBOL.search(text)):
        return []
    found = list(_SIGNED.finditer(text))
    if not any(_is_word(_SIGNS.sub("", match[0])) for match in found):
        return []
    # An apostrophe among other signs is the word's own: k.i.l.l.'.s
    return [
        Edit(*gap.span(), "'" if "'" in gap[0] and len(gap[0]) > 1 else "")
        for match in found
        for gap in _SIGNS.finditer(text, match.start() + 1, match.end())
    ]


def _is_word(letters: str) -> bool:
    return len(letters) >= _SHORTEST and 2 * sum(map(str.isalpha, letters)) >= len(letters)


_CUT = re.compile(r"(?<![\w-])[^\W\d_]{2,}-(?=[^\W\d_]{2,}(?![\w-]))")
_FEWEST_CUTS = 2
_UNCUT = 6
"""Words for each cut one, at most. Of compounds with one hyphen, prose has one in thirty words."""


def cut_words(text: str) -> list[Edit]:
    """Take the hyphen out of words that have one ("Pyt-hon pro-cess"), where two words or more, and one in six, do."""
    fewest = max(_FEWEST_CUTS, (text.count(" ") + 1) / _UNCUT)
    if text.count("-") < fewest:
        return []
    edits = [Edit(match.end() - 1, match.end(), "") for match in _CUT.finditer(text)]
    return edits if len(edits) >= fewest else []


_BY_WORD = kinds((LOWER + UPPER + DIGITS, b"a"), (" \n", b" "))
_TAG = re.compile(r"</?\w[^<>]{0,40}>")
_PARTED = re.compile(rf"(?<!\s)\s*(?:{_TAG.pattern}|[^\w\s']|_)(?:{_TAG.pattern}|[^\w'])*")
_TURNS = re.compile(r"[a-z](?=[A-Z])|[A-Z](?=[A-Z][a-z])")
_FEWEST_WORDS = 4
_PARTED_SHARE = 0.8
"""Of the gaps between words. In prose it is one in six, in programs one in two."""
_WORD_LENGTH = 3.0
_LONG_WORDS = 40
"""Characters of the words on average, at least and at most: initials and formulas have fewer, and whole sentences more."""


def parted_words(text: str) -> list[Edit]:
    """Make spaces of what stands between words ("kill_a_process", "kill 🔥 a 🌙 process", "killAProcess"), where nearly every gap is so."""
    drawn = sketch(_TAG.sub("|", text) if text.count(">") >= _FEWEST_WORDS else text, _BY_WORD)
    n_letters = drawn.count(b"a")
    n_gaps = drawn.count(b"a.") + drawn.count(b"a ")
    n_plain = drawn.count(b"a a")
    if 3 * n_letters < len(drawn) or n_plain > (1 - _PARTED_SHARE) * max(n_gaps, n_letters / _LONG_WORDS):
        return []
    turns = [Edit(*match.span(), f"{match[0]} ") for match in _TURNS.finditer(text)]
    n_words = n_gaps + len(turns)
    if n_words < _FEWEST_WORDS or n_letters < _WORD_LENGTH * n_words:
        return []
    return sorted([Edit(*match.span(), " ") for match in _PARTED.finditer(text)] + turns)


_JOINT = re.compile(
    r"""(?<!\\)(?P<quote>["'`])\s{0,8}(?:[+&]|[;,\n]\s{0,8}(?:let |var |const |\$)?[A-Za-z]\w{0,11}\s{0,2}:?=)\s{0,8}(?P=quote)(?!(?P=quote))"""
)
_FEWEST_JOINTS = 2


def joined_strings(text: str) -> list[Edit]:
    """Put together strings that a program would ('"ki" + "ll"', 'a = "ki"; b = "ll"'), where there are three or more."""
    if text.count("+") + text.count("&") + text.count("=") < _FEWEST_JOINTS:
        return []
    edits = [Edit(*match.span(), "") for match in _JOINT.finditer(text)]
    return edits if len(edits) >= _FEWEST_JOINTS else []
