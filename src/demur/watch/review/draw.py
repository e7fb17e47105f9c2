"""Chance that can be done again: the same id is always drawn alike."""

import hashlib
import math
from typing import Literal

__all__ = ["Purpose", "draw"]

Purpose = Literal["sample", "order", "double"]
"""Draws for different purposes are independent."""

_BITS = 53
"""Of a number in [0, 1) as Python has it."""


def draw(item: str, purpose: Purpose) -> float:
    """Draw a number in [0, 1), evenly: the first bits of a hash of the id and of what it is drawn for."""
    digest = hashlib.blake2b(f"{purpose}:{item}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return math.ldexp(int.from_bytes(digest) >> (64 - _BITS), -_BITS)
