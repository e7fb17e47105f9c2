"""What was said before, where a caller sends only the id of the last reply."""

from collections import OrderedDict
from dataclasses import replace
from typing import NamedTuple

from demur.guard.wire.conversation import Conversation
from demur.types import Turn

__all__ = ["History"]

_MOST_KEPT = 10_000
"""Replies whose conversation is remembered."""
_MOST_TURNS, _MOST_CHARS = 16, 2_000
"""Of a conversation, the last ones, and of each turn, from its beginning: some 300 MB at the very most, and a few in practice."""


class _Past(NamedTuple):
    root: str
    turns: tuple[Turn, ...]


class History:
    """Conversations by the id of their last reply, the longest unused forgotten first.

    It lives in one process. What another gateway, or this one before a start, has seen is not known here, and is said not to be.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str | None, str], _Past] = OrderedDict()

    def complete(self, asked: Conversation, *, caller: str | None) -> Conversation:
        """Give a request with the turns before it, of the same caller; or with the word that they are not known."""
        if asked.previous is None:
            return asked
        past = self._known.get((caller, asked.previous))
        if past is None:
            return replace(asked, is_history_unknown=True, root=asked.previous)
        return replace(asked, turns=(*past.turns, *asked.turns), root=past.root)

    def remember(self, reply: str, said: str, asked: Conversation, *, caller: str | None) -> None:
        """Keep what was asked and said, under the id of the reply."""
        turns = [turn for turn in (*asked.turns, Turn("assistant", said)) if turn.role != "system"]
        kept = tuple(Turn(turn.role, turn.text[:_MOST_CHARS]) for turn in turns[-_MOST_TURNS:])
        self._known[caller, reply] = _Past(asked.root or reply, kept)
        if len(self._known) > _MOST_KEPT:
            self._known.popitem(last=False)
