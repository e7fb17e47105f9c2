"""A family of variants: one way to put a request so that it says the same and looks otherwise."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

__all__ = ["HIDING", "Family", "Kind", "Maker"]

Kind = Literal["encoding", "letters", "gaps", "typos", "layout", "two at once", "frame", "language"]
Maker = Callable[[str, np.random.Generator], str]
"""From a request and a source of chance to the variant; the request itself where it has nothing to change."""

HIDING: frozenset[Kind] = frozenset({"encoding", "letters", "gaps", "typos", "layout", "two at once"})
"""Kinds that hide the words of a request; the others leave them as they are and put something around them."""


@dataclass(frozen=True)
class Family:
    """One way of putting a request."""

    name: str
    kind: Kind
    what: str
    """One line."""
    make: Maker
