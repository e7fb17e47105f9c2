"""Codes: a text whose letters are each written as something else: numbers, dots and dashes, words of the radio, raised dots.

Readers of the kind of `decodings`.
"""

import re

from demur.guard.views.decodings import is_readable
from demur.guard.views.origins import Edit
from demur.guard.views.sketches import DIGITS, kinds, sketch

__all__ = ["SPOKEN", "braille", "morse", "numbers", "spoken_letters"]

_BY_DIGIT = kinds((DIGITS, b"d"))
_BITS = re.compile(r"(?<!\d)[01]{8}(?:[ ,]{0,2}[01]{8}){3,}(?!\d)")
_OCTETS = re.compile(r"(?<!\d)\d{2,3}(?:(?:, ?| )\d{2,3}){5,}(?!\d)")
_MANY_NUMBERS = re.compile(rb"(?:d{2,3}\.{1,2}){5}d")
_OCTET = 256


def numbers(text: str) -> list[Edit]:
    """Read bytes of UTF-8 in binary (four at least) and in decimal (six at least)."""
    drawn = sketch(text, _BY_DIGIT)
    edits: list[Edit] = []
    if b"dddddddd" in drawn:
        for match in _BITS.finditer(text):
            digits = re.sub("[ ,]", "", match[0])
            edits += _as_bytes(match, [int(digits[at : at + 8], 2) for at in range(0, len(digits), 8)])
    if (b"dd.dd" in drawn or b"dd..dd" in drawn) and _MANY_NUMBERS.search(drawn):
        for match in _OCTETS.finditer(text):
            edits += _as_bytes(match, [int(number) for number in re.findall(r"\d+", match[0])])
    return sorted(edits)


def _as_bytes(match: re.Match[str], values: list[int]) -> list[Edit]:
    try:
        decoded = bytes(values).decode() if max(values) < _OCTET else ""
    except UnicodeDecodeError:
        return []
    return [Edit(*match.span(), decoded)] if is_readable(decoded) else []


_MORSE = {
    code: char
    for char, code in zip(
        "abcdefghijklmnopqrstuvwxyz0123456789.,?'!/()&:;=+-_\"@",
        """
        .- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --..
        ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----. .-.-.- --..-- ..--.. .----. -.-.-- -..-. -.--.
        -.--.- .-... ---... -.-.-. -...- .-.-. -....- ..--.- .-..-. .--.-.
        """.split(),  # noqa: SIM905
        strict=True,
    )
}
_BY_DOT = kinds((".-", b"m"), (" /|\n", b" "))
_DOTS = re.compile(r"(?<!\S)[.\-]{1,6}(?:[ /|\n]{1,5}[.\-]{1,6}){4,}")
_OTHERS = "_\u2013\u2014\u2212\u00b7\u2022"
_DASHES = str.maketrans(_OTHERS, "----..")


def morse(text: str) -> list[Edit]:
    """Read Morse code (ITU-R M.1677) of five letters or more; a slash, a bar, a line end or three spaces end a word."""
    if any(other in text for other in _OTHERS):
        text = text.translate(_DASHES)
    if sketch(text, _BY_DOT).count(b"m m") < _SHORTEST:
        return []
    edits = []
    for match in _DOTS.finditer(text):
        words = re.split(r" ?[/|\n] ?| {3,}", match[0])
        read = ["".join(_MORSE.get(code, "\ufffd") for code in word.split()) for word in words]
        if "\ufffd" not in (decoded := " ".join(read)):
            edits.append(Edit(*match.span(), decoded))
    return edits


_SHORTEST = 4
SPOKEN = {
    word: word[0]
    for word in """
    alfa alpha bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar papa quebec romeo
    sierra tango uniform victor whiskey whisky xray x-ray yankee zulu
    """.split()  # noqa: SIM905
}
"""Words of the alphabet of ICAO, and the letters they stand for."""
_SAID = "|".join(sorted(SPOKEN, key=len, reverse=True))
_SPELT = re.compile(rf"(?i)\b(?:{_SAID})(?:[ ,.\-/]{{1,3}}(?:{_SAID}|[ai0-9]))*\b")


def spoken_letters(text: str) -> list[Edit]:
    """Read letters spelt by the words of the radio, four or more in one place; other signs than a space or a hyphen end a word."""
    found = list(_SPELT.finditer(text))
    if all(len(re.findall(r"[\w-]+", match[0])) < _SHORTEST for match in found):
        return []
    return [Edit(*match.span(), _spelt(match[0].lower())) for match in found]


def _spelt(said: str) -> str:
    words = re.split(r"\s*[,./]\s*", said)
    return " ".join("".join(SPOKEN.get(part, part) for part in re.findall(r"x-ray|\w+", word)) for word in words)


_CELLS = dict(zip("⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵", "abcdefghijklmnopqrstuvwxyz", strict=True))
_USUAL = "⠁⠑⠊⠕⠥⠞⠝⠎"
"""One of the vowels and commonest consonants is in every text."""
_DOTTED = re.compile(f"[{''.join(_CELLS)}]+")


def braille(text: str) -> list[Edit]:
    """Read letters of uncontracted Braille."""
    if text.isascii() or not any(cell in text for cell in _USUAL):
        return []
    return [Edit(*match.span(), "".join(_CELLS[cell] for cell in match[0])) for match in _DOTTED.finditer(text)]
