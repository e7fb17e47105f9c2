"""What was said before, where a caller sends only the id of the last reply."""

from collections import OrderedDict
from dataclasses import replace
from typing import NamedTuple

from demur.guard.wire.conversation import Conversation
from demur.guard.wire.responses_unsent import Unsent
from demur.types import Turn

__all__ = ["History"]

_MOST_KEPT = 8 * 1024 * 1024
"""Characters of all conversations together."""
_MOST_TURNS, _MOST_CHARS = 16, 2_000
"""Of a conversation, the last ones, and of each turn, from its beginning."""
_LEAST = 200
"""Characters that the shortest conversation counts for: it has an id, too."""


class _Past(NamedTuple):
    root: str
    turns: tuple[Turn, ...]
    unsent: Unsent | None
    size: int


class History:
    """Conversations by the id of their last reply, the longest unused forgotten first.

    It lives in one process. What another gateway, or this one before a start, has seen is not known here, and is said not to be.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str | None, str], _Past] = OrderedDict()
        self._size = 0

    def complete(self, asked: Conversation, *, caller: str | None) -> Conversation:
        """Give a request with the turns before it, of the same caller; or with the word that they are not known."""
        if asked.previous is None:
            return asked
        past = self._known.get((caller, asked.previous))
        if past is not None:
            self._known.move_to_end((caller, asked.previous))
        if past is None:
            return replace(asked, is_history_unknown=True)
        return replace(asked, turns=(*past.turns, *asked.turns), root=past.root)

    def has(self, reply: str, *, caller: str | None) -> bool:
        """Tell whether a reply is one of this caller's."""
        return (caller, reply) in self._known

    def unsent(self, asked: Conversation, *, caller: str | None) -> Unsent | None:
        """Give what the model's server has not seen of the conversation before; None where it has seen it, or nobody knows."""
        past = None if asked.previous is None else self._known.get((caller, asked.previous))
        return past.unsent if past is not None else None

    def remember(
        self, reply: str, said: str, asked: Conversation, *, caller: str | None, root: str, unsent: Unsent | None = None
    ) -> None:
        """Keep what was asked and said.

        Args:
            reply: id of the reply, as the caller saw it.
            said: the reply.
            asked: with the turns before.
            caller: whose it is; to nobody else it is known.
            root: what the exchanges of this conversation have in common.
            unsent: what of it the model's server has not seen.
        """
        turns = [turn for turn in (*asked.turns, Turn("assistant", said)) if turn.role != "system"]
        kept = tuple(type(turn)(turn.role, turn.text[:_MOST_CHARS]) for turn in turns[-_MOST_TURNS:])
        size = _LEAST + sum(len(turn.text) for turn in kept) + (unsent.size if unsent is not None else 0)
        known = self._known.pop((caller, reply), None)
        self._known[caller, reply] = _Past(root, kept, unsent, size)
        self._size += size - (known.size if known is not None else 0)
        while self._size > _MOST_KEPT and len(self._known) > 1:
            _, forgotten = self._known.popitem(last=False)
            self._size -= forgotten.size
