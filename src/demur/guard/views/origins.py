"""Origins: from a span of a text that was rewritten back to the span of the text it was made from."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

__all__ = ["Edit", "Edited", "Hop", "Mirrored", "splice"]


class Edit(NamedTuple):
    """A stretch of a text and what stands in its place; edits of one text are in order and do not overlap."""

    start: int
    end: int
    """One past the last character of the stretch."""
    text: str


class Hop(Protocol):
    """One step back from a text to the text it was made from."""

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Give the span of the earlier text that a span of the later one comes from."""
        ...


@dataclass(frozen=True)
class Edited:
    """The step back over edits. They are asked for at the first use: most texts are read and never matched."""

    edits: Callable[[], Iterable[Edit]]

    @cached_property
    def _table(self) -> tuple[list[int], list[int], list[Edit]]:
        """Where each edit's text starts and ends in the later text, beside the edits."""
        edits = list(self.edits())
        starts, ends, shift = [], [], 0
        for edit in edits:
            starts.append(edit.start + shift)
            ends.append(edit.start + shift + len(edit.text))
            shift += len(edit.text) - (edit.end - edit.start)
        return starts, ends, edits

    def _before(self, place: int) -> tuple[int, int]:
        """Give the stretch that the character at `place` comes from; outside the edits it is one character."""
        starts, ends, edits = self._table
        found = bisect_right(starts, place) - 1
        if found < 0:
            return place, place + 1
        if place < ends[found]:
            return edits[found].start, edits[found].end
        exact = edits[found].end + place - ends[found]
        return exact, exact + 1

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Give the span before the edits; a span that touches an edit's text takes in all that the edit stands for."""
        first = self._before(start)[0]
        return (first, self._before(end - 1)[1]) if end > start else (first, first)


@dataclass(frozen=True)
class Mirrored:
    """The step back over a text that was turned round."""

    length: int

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Give the span counted from the other end."""
        return self.length - end, self.length - start


def splice(text: str, edits: Iterable[Edit]) -> str:
    """Carry out edits."""
    parts: list[str] = []
    done = 0
    for start, end, new in edits:
        parts += (text[done:start], new)
        done = end
    parts.append(text[done:])
    return "".join(parts)
