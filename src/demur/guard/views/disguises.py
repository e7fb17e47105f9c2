"""Disguises: whole texts written so that each character stands for another: shifted alphabets, leetspeak, back to front, upside down."""

import re
from collections.abc import Mapping

from demur.guard.views.codes import SPOKEN
from demur.guard.views.origins import Edit

__all__ = ["disguises_of", "leet", "mirrored_words", "telltales", "turn", "turned_over"]

_LOWER, _UPPER = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _alphabet(lower: str) -> dict[int, int]:
    """Give the table that puts an alphabet in the place of the usual one."""
    return str.maketrans(_LOWER + _UPPER, lower + lower.upper())


def _backwards(text: str) -> str:
    return text[::-1]


_TABLES: Mapping[str, dict[int, int]] = {
    "rot13": _alphabet(_LOWER[13:] + _LOWER[:13]),
    "atbash": _alphabet(_LOWER[::-1]),
    **{f"caesar-{by}": _alphabet(_LOWER[-by:] + _LOWER[:-by]) for by in range(1, 26) if by != 13},  # noqa: PLR2004 -- that is rot13
}
"""From a disguise to the table that undoes it; ``caesar-3`` moved each letter on by three places."""


def turn(name: str, text: str) -> str:
    """Undo a disguise, character for character."""
    return _backwards(text) if name == "reversed" else text.translate(_TABLES[name])


_COMMON = frozenset(
    """
    the you for with that this how what make have from your without someone should could would about which their there where
    when want need give tell write explain people steps into my me to of is it do not can are who why them they will get
    que para como pour comment une les des est dans und wie ich ein eine nicht mit uma com por per che come een het van
    """.split()  # noqa: SIM905
)
"""Words that hardly a sentence does without, in English and a few more languages of Latin letters."""
_AMBIGUOUS = frozenset(
    "gb bs vg vf qb zr om ot of si od em ton nac era iut mut moc rop rep ehc emoc nee teh nav tse sel sed yb tim nie ni saw no alex".split()  # noqa: SIM905
)
"""What is a word, a name or an abbreviation of its own when it is turned."""
_ENGLISH = frozenset(
    """
    the you for with that this how what make have from your without someone should could would about which their there where
    when want need give tell write explain people steps into not can are who why them they will get and use
    """.split()  # noqa: SIM905
)
"""Such words of three letters and more; the shorter ones are each other's when they are shifted."""


def _encoded(words: frozenset[str], table: Mapping[int, int]) -> frozenset[str]:
    """Give what words look like in the disguise that a table undoes."""
    back = {new: old for old, new in table.items()}
    return frozenset(word.translate(back) for word in words)


_ROT13 = _encoded(_COMMON, _TABLES["rot13"]) - _COMMON - _AMBIGUOUS
_TURNED: Mapping[str, frozenset[str]] = {
    "rot13": _ROT13,
    "reversed": frozenset(map(_backwards, _COMMON | _ROT13)) - _COMMON - _AMBIGUOUS,
    **{name: _encoded(_ENGLISH, table) - _COMMON - _AMBIGUOUS for name, table in _TABLES.items() if name != "rot13"},
}
"""What common words look like in each disguise."""
_SURE = frozenset({"rot13", "reversed"})
_ALL = frozenset(SPOKEN).union(*_TURNED.values())
_SHARE = 4
"""Words of a text for each turned one, at most, where one is enough."""
_FEWEST_SHIFTED, _SHARE_SHIFTED = 4, 3
"""Letters of turned words in a shifted alphabet, at least; words of the text for each of these letters, at most."""


def telltales(words: list[str]) -> frozenset[str]:
    """Give those words of a text, folded, that tell of a disguise: common words in it, words of the radio; most texts have none."""
    return _ALL.intersection(words)


def disguises_of(words: list[str], found: frozenset[str]) -> list[str]:
    """Name the disguises of a text, or of a line.

    Args:
        words: of it, folded.
        found: those that `telltales` gave, for the text or more.

    Returns:
        The names of those that two different common words are in, or one in four of the words, or one where no common word stands as it
        should; of the alphabets beside rot13 only the likeliest, and only where such words have four letters together, and one for
        every three words.
    """
    mine = found.intersection(words)
    if not mine:
        return []
    is_foreign = len(words) >= _SHARE and _COMMON.isdisjoint(words)
    names = [name for name in ("rot13", "reversed") if _tells(words, mine & _TURNED[name], is_foreign=is_foreign)]
    shifted = {name: sum(map(len, mine & turned)) for name, turned in _TURNED.items() if name not in _SURE}
    likeliest = max(shifted, key=lambda name: shifted[name])
    if shifted[likeliest] >= _FEWEST_SHIFTED and len(words) <= _SHARE_SHIFTED * shifted[likeliest]:
        names.append(likeliest)
    return names


def _tells(words: list[str], found: frozenset[str], *, is_foreign: bool) -> bool:
    """Weigh the turned words: against the words that stand as they should, if there are only few."""
    return len(found) > 1 or len(words) <= _SHARE * len(found) or (is_foreign and any(len(word) > 2 for word in found))  # noqa: PLR2004 -- two letters are anything


def mirrored_words(text: str) -> list[Edit]:
    """Turn each word round where it stands: for words that are back to front in their right order."""
    return [Edit(*match.span(), match[0][::-1]) for match in _WORDS.finditer(text)]


_WORDS = re.compile(r"[^\s.,;:!?\"()]{2,}")

_OVER = str.maketrans("ɐɔǝɟƃɓɥᴉıɾʞʅɯɹʇʌʍʎnuqpbd¿¡", "acefgghiijklmrtvwyunbdqp?!")
_OVER_ONLY = "ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎ"
_FEWEST_OVER = 3


def turned_over(text: str) -> str:
    """Read letters that stand on their heads ("ʞᴉll"), where there are three different ones; the text itself where there are not.

    In such a text n, u, b, q, d and p stand for one another; letters are read where they are, so that a text that was turned
    with them is back to front now.
    """
    if text.isascii() or sum(char in text for char in _OVER_ONLY) < _FEWEST_OVER:
        return text
    return text.translate(_OVER)


_SIGNS = "013457@$!8"
_DIGITS = str.maketrans(_SIGNS, "oieastasib")
_ONE_AS_L = str.maketrans("1", "l")
_KINDS = bytes(ord("a" if chr(code) in _LOWER else "1" if chr(code) in _SIGNS else ".") for code in range(256))
_TOKEN = re.compile(rf"(?<![\w.@%#])[a-z{_SIGNS}]*[a-z][a-z{_SIGNS}]*(?![\w@]|\.\w)")
_ANY_TOKEN = re.compile(rf"{_TOKEN.pattern}|(?<![\w.@%#$])[{_SIGNS}]{{1,4}}(?![\w@$]|[.,]\w)")
_MANY = 3
_WRITTEN_SO = re.compile(rf"[a-z][{_SIGNS}]+[a-z]|^[01345$]{{1,2}}[a-z]{{5}}|^[a-z]{{1,4}}(?:11|\$\$)$")
_ENDS = "!@"
_NUMERONYMS = ("i18n", "l10n", "a11y")
_SHORTEST = 4


def leet(text: str) -> list[str]:
    """Read digits and signs within words as the letters they stand for ("b0mb", "k1ll", "ki11", "3xpl0s1v3"), in a folded text.

    Where three words are written so, numbers of up to four digits are words too ("70" is "to").

    Returns:
        Readings of the same length, character for character: with 1 read as i, and as l where there is one. Empty if no word of the
        text is written so; "10min", "h2o", "mp3" and addresses of mail are not.
    """
    drawn = text.encode("latin-1", "replace").translate(_KINDS)
    if b"1" not in drawn or not any(sign in drawn for sign in (b"a1a", b"a11", b"1aaaaa")):
        return []
    n_written_so = sum(_is_leet(match[0].rstrip(_ENDS)) for match in _TOKEN.finditer(text))
    if not n_written_so:
        return []
    token = _TOKEN if n_written_so < _MANY else _ANY_TOKEN
    as_i = token.sub(lambda match: _read(match[0], _DIGITS), text)
    as_l = token.sub(lambda match: _read(match[0], _DIGITS | _ONE_AS_L), text)
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
