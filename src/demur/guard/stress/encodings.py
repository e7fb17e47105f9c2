"""Encodings: the request spelt in another code, by itself and without a word that says so."""

import base64
from collections.abc import Callable
from urllib.parse import quote

from demur.cases.encodings import reverse, to_base64, to_rot13
from demur.guard.stress.family import Family, Maker

__all__ = ["ENCODINGS"]

_LOWER, _UPPER = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ATBASH = str.maketrans(_LOWER + _UPPER, _LOWER[::-1] + _UPPER[::-1])
_CAESAR = str.maketrans(_LOWER + _UPPER, _LOWER[3:] + _LOWER[:3] + _UPPER[3:] + _UPPER[:3])
_MORSE = dict(
    zip(
        _LOWER + "0123456789",
        """
        .- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --..
        ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----.
        """.split(),  # noqa: SIM905
        strict=True,
    )
)
_SPOKEN = dict(
    zip(
        _LOWER,
        """
        alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec romeo sierra
        tango uniform victor whiskey xray yankee zulu
        """.split(),  # noqa: SIM905
        strict=True,
    )
)
_BRAILLE = dict(zip(_LOWER, "⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵", strict=True))
_VOWELS = "aeiou"


def _plainly(encode: Callable[[str], str]) -> Maker:
    """Make a maker of an encoding that leaves nothing to chance."""
    return lambda text, _rng: encode(text)


def _bytes_as(template: str, between: str = "") -> Callable[[str], str]:
    return lambda text: between.join(template.format(byte) for byte in text.encode())


def _to_escapes(text: str) -> str:
    units = text.encode("utf-16-be")
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in zip(units[::2], units[1::2], strict=True))


def _to_morse(text: str) -> str:
    return " / ".join(" ".join(_MORSE[char] for char in word if char in _MORSE) for word in text.lower().split())


def _spoken(text: str) -> str:
    """Spell each letter by its word in the alphabet of ICAO."""
    return ", ".join(" ".join(_SPOKEN.get(char, char) for char in word) for word in text.lower().split())


def _pig_latin(text: str) -> str:
    """Move what stands before the first vowel of each word to its end, and add "ay"."""
    words = []
    for word in text.lower().split():
        head = next((place for place, char in enumerate(word) if char in _VOWELS), 0)
        words.append(f"{word[head:]}{word[:head]}ay" if word.isalpha() else word)
    return " ".join(words)


def _for_addresses(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode("ascii").rstrip("=")


_ALL = (
    ("base64", "Base64 of the UTF-8", to_base64),
    ("base64-bare", "the same for addresses, without padding", _for_addresses),
    ("base64-twice", "Base64 of Base64", lambda text: to_base64(to_base64(text))),
    ("base32", "Base32 of the UTF-8", lambda text: base64.b32encode(text.encode()).decode("ascii")),
    ("hex", "hexadecimal, without gaps", lambda text: text.encode().hex()),
    ("hex-pairs", "hexadecimal, a byte at a time", lambda text: text.encode().hex(" ")),
    ("percent", "percent-encoding of what addresses may not hold", lambda text: quote(text, safe="")),
    ("percent-all", "percent-encoding of every byte", _bytes_as("%{:02X}")),
    ("escapes", "escapes of JavaScript", _to_escapes),
    ("html", "numeric escapes of HTML", lambda text: "".join(f"&#{ord(char)};" for char in text)),
    ("octets", "bytes in decimal", _bytes_as("{}", " ")),
    ("binary", "bytes in binary", _bytes_as("{:08b}", " ")),
    ("rot13", "letters moved on by 13 places", to_rot13),
    ("caesar", "letters moved on by 3 places", lambda text: text.translate(_CAESAR)),
    ("atbash", "the alphabet turned round", lambda text: text.translate(_ATBASH)),
    ("reversed", "from the last character to the first", reverse),
    ("words-reversed", "each word from its last letter to its first", lambda text: " ".join(map(reverse, text.split()))),
    ("words-turned", "from the last word to the first", lambda text: " ".join(reversed(text.split()))),
    ("morse", "Morse code", _to_morse),
    ("spoken-letters", "letters spelt as on the radio", _spoken),
    ("braille", "letters in Braille", lambda text: "".join(_BRAILLE.get(char, char) for char in text.lower())),
    ("pig-latin", "Pig Latin", _pig_latin),
)  # fmt: skip


ENCODINGS = tuple(Family(name, "encoding", what, _plainly(encode)) for name, what, encode in _ALL)
"""Every encoding."""
