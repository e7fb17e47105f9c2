"""Disguises: whole texts written so that each character stands for another: leetspeak, rot13, back to front."""

import re

__all__ = ["is_reversed", "is_rot13", "leet", "rot13"]

_LOWER, _UPPER = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ROT13 = str.maketrans(_LOWER + _UPPER, _LOWER[13:] + _LOWER[:13] + _UPPER[13:] + _UPPER[:13])


def rot13(text: str) -> str:
    """Move each of the letters A to Z on by 13 places."""
    return text.translate(_ROT13)


_COMMON = frozenset(
    """
    the you for with that this how what make have from your without someone should could would about which their there where
    when want need give tell write explain people steps into my me to of is it do not can are who why them they will get
    que para como pour comment une les des est dans und wie ich ein eine nicht mit uma com por per che come een het van
    """.split()  # noqa: SIM905
)
"""Words that hardly a sentence does without, in English and a few more languages of Latin letters."""
_AMBIGUOUS = frozenset(
    "gb bs vg vf qb zr om ot of si od em ton nac era iut mut moc rop rep ehc emoc nee teh nav tse sel sed yb tim nie ni saw no".split()  # noqa: SIM905
)
"""What is a word, a name or an abbreviation of its own when it is turned."""
_TURNED_BY_13 = frozenset(map(rot13, _COMMON)) - _COMMON - _AMBIGUOUS
_TURNED_ROUND = frozenset(word[::-1] for word in _COMMON | _TURNED_BY_13) - _COMMON - _AMBIGUOUS


def is_rot13(words: list[str]) -> bool:
    """Whether words, folded, hold common words that were moved by 13: two different ones, or one in four."""
    return not _TURNED_BY_13.isdisjoint(words) and _tells(words, _TURNED_BY_13)


def is_reversed(words: list[str]) -> bool:
    """Whether words, folded, hold common words back to front: two different ones, or one in four."""
    return not _TURNED_ROUND.isdisjoint(words) and _tells(words, _TURNED_ROUND)


def _tells(words: list[str], turned: frozenset[str]) -> bool:
    """Weigh the turned words: against the words that stand as they should, if there are only few."""
    found = turned.intersection(words)
    return len(found) > 1 or len(words) <= 4 * len(found)


_SIGNS = "013457@$!8"
_DIGITS = str.maketrans(_SIGNS, "oieastasib")
_ONE_AS_L = str.maketrans("1", "l")
_KINDS = bytes(ord("a" if chr(code) in _LOWER else "1" if chr(code) in _SIGNS else ".") for code in range(256))
_TOKEN = re.compile(rf"(?<![\w.@%#])[a-z{_SIGNS}]*[a-z][a-z{_SIGNS}]*(?![\w@]|\.\w)")
_WRITTEN_SO = re.compile(rf"[a-z][{_SIGNS}]+[a-z]|^[01345$]{{1,2}}[a-z]{{5}}|^[a-z]{{1,4}}(?:11|\$\$)$")
_ENDS = "!@"
_NUMERONYMS = ("i18n", "l10n", "a11y")
_SHORTEST = 4


def leet(text: str) -> list[str]:
    """Read digits and signs within words as the letters they stand for ("b0mb", "k1ll", "ki11", "3xpl0s1v3"), in a folded text.

    Returns:
        Readings of the same length, character for character: with 1 read as i, and as l where there is one. Empty if no word of the
        text is written so; "10min", "h2o", "mp3" and addresses of mail are not.
    """
    drawn = text.encode("latin-1", "replace").translate(_KINDS)
    if b"1" not in drawn or not any(sign in drawn for sign in (b"a1a", b"a11", b"1aaaaa")):
        return []
    if not any(_is_leet(match[0].rstrip(_ENDS)) for match in _TOKEN.finditer(text)):
        return []
    as_i = _TOKEN.sub(lambda match: _read(match[0], _DIGITS), text)
    as_l = _TOKEN.sub(lambda match: _read(match[0], _DIGITS | _ONE_AS_L), text)
    return list(dict.fromkeys((as_i, as_l)))


def _is_leet(token: str) -> bool:
    """Whether a word has signs where letters belong, and no more of them than letters."""
    if len(token) < _SHORTEST - token.endswith("$$") or token.isalpha() or token in _NUMERONYMS:
        return False
    return bool(_WRITTEN_SO.search(token)) and 2 * sum(map(str.isalpha, token)) >= len(token)


def _read(token: str, table: dict[int, int]) -> str:
    """Read one word; signs at its end are punctuation."""
    word = token.rstrip(_ENDS)
    return word.translate(table) + token[len(word) :]
