"""Encodings: ways to spell a text so that it can be read back, whatever characters it holds."""

import base64
import codecs
import json

__all__ = ["quote", "reverse", "split", "to_base64", "to_leet", "to_rot13"]

_LEET = str.maketrans("aeiost431057", "431057aeiost")


def to_base64(text: str) -> str:
    """Spell the UTF-8 of a text in Base64 (RFC 4648)."""
    return base64.b64encode(text.encode()).decode("ascii")


def to_rot13(text: str) -> str:
    """Move each of the letters A to Z on by 13 places; done twice it gives the text again."""
    return codecs.encode(text, "rot13")


def to_leet(text: str) -> str:
    """Let six digits and small letters change places; done twice it gives the text again, which plain leetspeak does not."""
    return text.translate(_LEET)


def reverse(text: str) -> str:
    """Turn a text round, character by character."""
    return text[::-1]


def quote(text: str) -> str:
    """Write a text as a string of JSON, on one line."""
    return json.dumps(text, ensure_ascii=False)


def split(text: str) -> str:
    """Assign three parts of about the same length to the names a, b and c, a line each, each part as a string of JSON."""
    third = -(-len(text) // 3)
    parts = (text[:third], text[third : 2 * third], text[2 * third :])
    return "\n".join(f"{name} = {quote(part)}" for name, part in zip("abc", parts, strict=True))
