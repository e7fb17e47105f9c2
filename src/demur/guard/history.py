"""What was said before, where a caller sends only the id of the last reply."""

from collections import OrderedDict
from dataclasses import replace
from typing import NamedTuple

from demur.guard.wire.conversation import Conversation
from demur.guard.wire.responses_unsent import Unsent
from demur.types import Turn

__all__ = ["History"]

_MOST_KEPT = 10_000
"""Replies whose conversation is remembered."""
_MOST_TURNS, _MOST_CHARS = 16, 2_000
"""Of a conversation, the last ones, and of each turn, from its beginning: some 300 MB at the very most, and a few in practice."""


class _Past(NamedTuple):
    root: str
    turns: tuple[Turn, ...]
    unsent: Unsent | None


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
        if past is not None:
            self._known.move_to_end((caller, asked.previous))
        if past is None:
            return replace(asked, is_history_unknown=True, root=asked.previous)
        return replace(asked, turns=(*past.turns, *asked.turns), root=past.root)

    def unsent(self, asked: Conversation, *, caller: str | None) -> Unsent | None:
        """Give what the model's server has not seen of the conversation before; None where it has seen it, or nobody knows."""
        past = None if asked.previous is None else self._known.get((caller, asked.previous))
        return past.unsent if past is not None else None

    def remember(
        self, reply: str, said: str, asked: Conversation, *, caller: str | None, unsent: Unsent | None = None
    ) -> None:
        """Keep what was asked and said, under the id of the reply, and what of it the model's server has not seen."""
        turns = [turn for turn in (*asked.turns, Turn("assistant", said)) if turn.role != "system"]
        kept = tuple(Turn(turn.role, turn.text[:_MOST_CHARS]) for turn in turns[-_MOST_TURNS:])
        self._known[caller, reply] = _Past(asked.root or reply, kept, unsent)
        if len(self._known) > _MOST_KEPT:
            self._known.popitem(last=False)
