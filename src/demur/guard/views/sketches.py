"""Sketches: a text drawn as the kinds of its characters, a byte each, so that one quick search tells whether a closer look is due."""

__all__ = ["BEYOND", "DIGITS", "LOWER", "UPPER", "kinds", "sketch"]

LOWER, UPPER, DIGITS = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
BEYOND = "?" + "".join(map(chr, range(0xC0, 0x100)))
"""Letters of Latin-1, and what stands for any other character."""


def kinds(*named: tuple[str, bytes]) -> bytes:
    """Make a table for bytes.translate: each character of Latin-1 becomes its kind's byte, any other a full stop."""
    table = bytearray(b"." * 256)
    for chars, kind in named:
        for char in chars:
            table[ord(char)] = kind[0]
    return bytes(table)


def sketch(text: str, table: bytes) -> bytes:
    """Draw a text as the kinds of its characters."""
    return text.encode("latin-1", "replace").translate(table)
