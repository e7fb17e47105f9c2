"""Texts of a response that are there as a whole: looked at once, and known from then on."""

from collections.abc import Mapping
from typing import Any

from demur.guard.rules.patterns import Match
from demur.guard.wire.dialect import MakeHoldBack
from demur.guard.wire.responses_texts import FIELDS, is_text, texts_of

__all__ = ["Check"]


class Check:
    """Looks for what is forbidden in whole texts."""

    def __init__(self, make: MakeHoldBack) -> None:
        self._make = make
        self._free: set[str] = set()
        """Texts in which nothing forbidden was found; responses say most of theirs several times."""
        self.warned: list[Match] = []

    def find(self, text: str) -> Match | None:
        """Find the first match of a blocking rule in a text."""
        if not text or text in self._free:
            return None
        held = self._make()
        held.feed(text)
        held.end()
        self.warned += held.warned
        if held.blocked is None:
            self._free.add(text)
        return held.blocked

    def first(self, value: Any, key: str = "") -> Match | None:
        """Find the first match in the texts of a part of a response."""
        for text in texts_of(value, key):
            if (match := self.find(text)) is not None:
                return match
        return None

    def clean(self, value: Any, key: str = "") -> Any:
        """Give a part of a response with each text emptied in which something forbidden is found; itself if there is none."""
        return value if self.first(value, key) is None else self._emptied(value, key)

    def _emptied(self, value: Any, key: str) -> Any:
        if isinstance(value, str):
            return "" if is_text(key, value) and self.find(value) is not None else value
        if isinstance(value, Mapping):
            return {
                name: self._emptied(inner, name)
                for name, inner in value.items()
                if name in FIELDS or self.find(name) is None
            }
        return [self._emptied(inner, key) for inner in value] if isinstance(value, list) else value
