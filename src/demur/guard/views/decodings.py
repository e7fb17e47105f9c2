"""Decodings: stretches of a text that hold another text.

Each reader takes a text and gives the edits that make it readable where it stands, or none. What does not decode to readable
text is left alone: a hash, a key and a picture are no message. Readers test for what they look for with one pass over bytes
first, since nearly every text has nothing for them.
"""

import base64
import binascii
import re
from collections.abc import Callable
from contextlib import suppress

from demur.guard.views.origins import Edit
from demur.guard.views.sketches import DIGITS, LOWER, UPPER, kinds, sketch

__all__ = ["base32_runs", "base64_runs", "escapes", "hex_runs", "hidden_letters", "is_readable", "percent_escapes"]

_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff\ufdd0-\ufdef]")
_NEITHER = re.compile(r"[\W_]+")
_READABLE_SHARE = 0.5
_SHORTEST = 4


def is_readable(text: str) -> bool:
    """Whether a decoded text is mostly letters, digits and spaces, without control characters; it may be encoded once more."""
    if len(text) < _SHORTEST or _UNREADABLE.search(text):
        return False
    return len(_NEITHER.sub("", text)) + text.count(" ") >= _READABLE_SHARE * len(text)


_BY_CASE = kinds((LOWER + DIGITS, b"l"), (UPPER, b"U"))
_BY_HEX = kinds(("0123456789abcdefABCDEF", b"h"))
_BY_BASE32 = kinds((UPPER + "234567", b"U"))


def _decoded(data: bytes) -> str | None:
    """Read bytes as UTF-8, or as UTF-16 where every other byte is zero."""
    utf16 = len(data) >= 2 * _SHORTEST and not any(data[1::2])
    try:
        text = data.decode("utf-16-le" if utf16 else "utf-8")
    except UnicodeDecodeError:
        return None
    return text if is_readable(text) else None


_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{6,}(?:\r?\n[A-Za-z0-9+/_-]{4,})*={0,2}")
_LONG_RUN = 12
_URL_SAFE = str.maketrans("-_", "+/", "\r\n=")


def base64_runs(text: str) -> list[Edit]:
    """Read runs of Base64 (RFC 4648, both alphabets, with or without padding and line ends) of 12 characters, or 8 with padding."""
    if "=" not in text and b"lU" not in sketch(text, _BY_CASE):
        return []
    edits = []
    for match in _BASE64.finditer(text):
        whole = _base64(match[0])
        if whole is not None:
            edits.append(Edit(*match.span(), whole))
        elif "\n" in match[0]:
            start = match.start()
            for line in match[0].splitlines(keepends=True):
                if (decoded := _base64(line.strip())) is not None:
                    edits.append(Edit(start, start + len(line.rstrip()), decoded))
                start += len(line)
    return edits


def _base64(run: str) -> str | None:
    """Read one run."""
    digits = run.translate(_URL_SAFE)
    if (len(digits) < _LONG_RUN and not run.endswith("=")) or digits.islower() or len(digits) % 4 == 1:
        return None
    try:
        return _decoded(base64.b64decode(digits + "=" * (-len(digits) % 4)))
    except binascii.Error:
        return None


_BASE32 = re.compile(r"(?<![A-Z0-9])[A-Z2-7]{16,}={0,6}")


def base32_runs(text: str) -> list[Edit]:
    """Read runs of Base32 (RFC 4648) of 16 characters, in capitals."""
    if b"UUUU" not in sketch(text, _BY_BASE32):
        return []
    edits = []
    for match in _BASE32.finditer(text):
        digits = match[0].rstrip("=")
        with suppress(binascii.Error):
            decoded = _decoded(base64.b32decode(digits + "=" * (-len(digits) % 8)))
            if decoded is not None:
                edits.append(Edit(*match.span(), decoded))
    return edits


_HEX = re.compile(
    r"(?<![0-9a-fA-F])(?:0x|\\x)?(?:[0-9a-fA-F]{2}(?:[ :,-]|,? ?0x|\\x)?){3,}[0-9a-fA-F]{2}(?![0-9a-fA-F])"
)
_HEX_SKETCH = re.compile(rb"hh(?:hhhhhh|\.hh\.hh\.hh|\.\.hh\.\.hh|\.{1,2}h\.hh)")
_NO_HEX = re.compile(r"0x|\\x|[^0-9a-fA-F]")
_LONG_NUMBER = 16


def hex_runs(text: str) -> list[Edit]:
    r"""Read runs of four or more bytes in hexadecimal: 6b696c6c, 6b 69 6c 6c, 0x6b 0x69 ..., \x6b\x69 ..."""
    if not _HEX_SKETCH.search(sketch(text, _BY_HEX)):
        return []
    edits = []
    for match in _HEX.finditer(text):
        digits = _NO_HEX.sub("", match[0])
        if len(digits) % 2 or (match[0].isdigit() and len(digits) < _LONG_NUMBER):
            continue
        if (decoded := _decoded(bytes.fromhex(digits))) is not None:
            edits.append(Edit(*match.span(), decoded))
    return edits


_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_ESCAPE = re.compile(r"(?:\\u[0-9a-fA-F]{4}|\\u\{[0-9a-fA-F]{1,6}\}|&#[0-9]{1,7};|&#[xX][0-9a-fA-F]{1,6};)+")
_NUMBER = re.compile(r"\\u\{?([0-9a-fA-F]+)|&#[xX]([0-9a-fA-F]+)|&#([0-9]+)")
_FEWEST = 3
"""Single escapes are the way addresses and pages are written."""


def percent_escapes(text: str) -> list[Edit]:
    """Read percent-encoding (RFC 3986), where there are three escapes or more."""
    if text.count("%") < _FEWEST:
        return []
    return _runs(_PERCENT, text, read=lambda run: bytes.fromhex(run.replace("%", "")).decode("utf-8", "replace"))


def escapes(text: str) -> list[Edit]:
    r"""Read escapes of JavaScript and JSON (\u006b) and numeric ones of HTML (&#107;), where there are three or more."""
    if "\\" not in text and "&" not in text:
        return []
    if text.count("\\u") + text.count("&#") < _FEWEST:
        return []
    return _runs(_ESCAPE, text, read=_characters)


def _runs(pattern: re.Pattern[str], text: str, *, read: Callable[[str], str]) -> list[Edit]:
    """Read each find of a pattern, unless what it gives cannot be read."""
    edits = [Edit(*match.span(), read(match[0])) for match in pattern.finditer(text)]
    return [edit for edit in edits if not _UNREADABLE.search(edit.text)]


def _characters(run: str) -> str:
    """Read a run of escapes; what is no character becomes the replacement character."""
    codes = (int(h or x or d, 10 if d else 16) for h, x, d in _NUMBER.findall(run))
    units = (chr(code) if code <= 0x10FFFF else "\ufffd" for code in codes)  # noqa: PLR2004
    return "".join(units).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


_TAGS = re.compile("[\U000e0020-\U000e007e]{2,}")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
_FLAG_TAGS = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,6}\U000e007f")


def hidden_letters(text: str) -> list[Edit]:
    """Read what is written in tag characters (as ASCII) or in variation selectors (as bytes), both of which nobody sees."""
    edits = []
    flags = {match.start() + 1 for match in _FLAG_TAGS.finditer(text)}
    for match in _TAGS.finditer(text):
        if match.start() not in flags:
            letters = "".join(chr(ord(char) - 0xE0000) for char in match[0])
            edits.append(Edit(*match.span(), f" {letters} "))
    for match in _SELECTORS.finditer(text):
        data = bytes(ord(char) - (0xFE00 if char < "\U000e0000" else 0xE0100 - 16) for char in match[0])
        if (decoded := _decoded(data)) is not None:
            edits.append(Edit(*match.span(), f" {decoded} "))
    return sorted(edits)
