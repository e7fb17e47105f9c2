"""Where a reply is code or a tool call: followed token by token, so that steering can keep out of it.

Inside are: what stands between a fence (three or more backticks) and one as long; between ``<tool_call>`` and ``</tool_call>``; and the whole of a reply
that begins with ``{`` or ``[{``, which is taken for JSON.
"""

from collections.abc import Sequence
from typing import Any

__all__ = ["Spans"]

_OPEN, _CLOSE = "<tool_call>", "</tool_call>"
_FENCE = 3
_JSON = ("{", "[{")


class Spans:
    """The replies of a batch.

    Args:
        tokenizer: that their tokens are from.
        n_rows: how many there are.
    """

    def __init__(self, tokenizer: Any, n_rows: int) -> None:
        self._tokenizer = tokenizer
        self._pieces: dict[int, str] = {}
        self._replies = [_Reply() for _ in range(n_rows)]

    @property
    def inside(self) -> tuple[bool, ...]:
        """Of each row, whether its reply so far ends inside code or a tool call."""
        return tuple(reply.is_inside for reply in self._replies)

    def read(self, tokens: Sequence[int]) -> None:
        """Read one more token of each reply."""
        for reply, token in zip(self._replies, tokens, strict=True):
            if token not in self._pieces:
                # What opens a tool call is a special token to some.
                self._pieces[token] = self._tokenizer.decode([token], skip_special_tokens=False)
            for character in self._pieces[token]:
                reply.read(character)


class _Reply:
    """One reply, read character by character: a mark may be several tokens, and a token more than a mark."""

    def __init__(self) -> None:
        self._place = "start"
        self._head = ""
        self._tail = ""
        self._ticks = 0
        """Backticks in a row, up to the last character."""
        self._fence = 0
        """Backticks of the fence that it is inside of."""
        self._is_opening = False
        """Whether that fence may still be getting longer."""

    @property
    def is_inside(self) -> bool:
        return self._place in {"fence", "call", "json"}

    def read(self, character: str) -> None:
        self._tail = (self._tail + character)[-len(_CLOSE) :]
        self._ticks = self._ticks + 1 if character == "`" else 0
        if self._place == "start" and not character.isspace():
            self._begin(character)
        if self._place == "text":
            self._enter()
        elif self._place == "fence":
            self._go_on_in_fence(character)
        elif self._place == "call" and self._tail == _CLOSE:
            self._place = "text"

    def _begin(self, character: str) -> None:
        self._head += character
        if self._head in _JSON:
            self._place = "json"
        elif not any(begin.startswith(self._head) for begin in _JSON):
            self._place = "text"

    def _enter(self) -> None:
        if self._ticks == _FENCE:
            self._place, self._fence, self._is_opening = "fence", _FENCE, True
        elif self._tail.endswith(_OPEN):
            self._place = "call"

    def _go_on_in_fence(self, character: str) -> None:
        if self._is_opening and character == "`":
            self._fence += 1
        elif self._is_opening:
            self._is_opening = False
        elif self._ticks == self._fence:
            self._place = "text"
