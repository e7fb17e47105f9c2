"""What a model has said so far, as far as the record and the judge need it."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from demur.guard.wire.content import positive

__all__ = ["FIRST", "MOST_KEPT", "Said"]

FIRST = 0
"""Key of the first choice: what it says itself is the text of the reply."""
MOST_KEPT = 16_384
"""Characters of a text that are kept, half of them from either end: the judge reads the ends, and a preview is shorter."""
_HALF = MOST_KEPT // 2
_MOST_TEXTS = 512
"""Texts of a reply that are kept: 128 choices with reasoning and probabilities are 384."""
_LONGEST_NAME = 512
_GAP = "\n"
"""Between the ends of a text that was cut, as the judge itself puts it."""


@dataclass
class Said:
    """Gathered while a reply passes.

    Each text has a key: the number of a choice for what that says itself, and anything else for what stands beside it, such as
    reasoning and a call of a tool. A text with parts has them by their places.
    """

    id: str | None = None
    model: str | None = None
    finish: str | None = None
    """As the model or its provider gave it."""
    refusal: bool = False
    """Whether the model used the channel for refusals."""
    n_input_tokens: int | None = None
    n_output_tokens: int | None = None
    keeps_all: bool = True
    """Whether more than the first choice's own text is kept, for the judge; most requests are not suspect, and need no judge."""
    is_cut: bool = False
    """Whether there were more texts than are kept."""
    _texts: dict[Hashable, dict[Hashable, "_Ends"]] = field(default_factory=dict)
    _n_texts: int = 0

    def add(self, key: Hashable, place: Hashable, piece: str) -> None:
        """Add a piece to a part of a text."""
        if piece and (ends := self._ends(key, place)) is not None:
            ends.add(piece)

    def put(self, key: Hashable, place: Hashable, text: str) -> None:
        """Take a part of a text as a whole: in the place of its pieces, or beside them where it does not begin with them."""
        ends = self._ends(key, place) if text else None
        if ends is None or ends.text.startswith(_cut(text)):
            return
        if text.startswith(ends.text):
            ends.add(text[len(ends.text) :])
        else:
            self.put(key, (place, text), text)

    def drop(self) -> None:
        """Forget all but the text of the first choice, once the judge has read it."""
        self.keeps_all = False
        self._texts = {FIRST: self._texts[FIRST]} if FIRST in self._texts else {}

    def note_head(self, reply: Mapping[str, Any]) -> None:
        """Take what a reply or a part of one says of itself: id, model, usage."""
        if self.id is None and isinstance(reply.get("id"), str):
            self.id = reply["id"][:_LONGEST_NAME]
        if self.model is None and isinstance(reply.get("model"), str):
            self.model = reply["model"][:_LONGEST_NAME]
        usage = reply.get("usage")
        if isinstance(usage, Mapping):
            self.n_input_tokens = positive(usage.get("prompt_tokens") or usage.get("input_tokens"))
            self.n_output_tokens = positive(usage.get("completion_tokens") or usage.get("output_tokens"))

    @property
    def text(self) -> str:
        """What the first choice said itself, both ends of it."""
        return _cut("".join(self._parts(FIRST)))

    @property
    def further(self) -> list[str]:
        """What further choices said themselves."""
        return ["".join(self._parts(key)) for key in self._texts if isinstance(key, int) and key != FIRST]

    @property
    def beside(self) -> list[list[str]]:
        """What was said beside that: the parts of each text."""
        return [self._parts(key) for key in self._texts if not isinstance(key, int)]

    @property
    def has_more(self) -> bool:
        """Whether there is more than the text of the first choice."""
        return any(key != FIRST for key in self._texts)

    def _parts(self, key: Hashable) -> list[str]:
        return [ends.text for ends in self._texts.get(key, {}).values()]

    def _ends(self, key: Hashable, place: Hashable) -> "_Ends | None":
        """Give a part of a text, a new one where it is not known; None where it is not kept."""
        parts = self._texts.get(key, {})
        if place in parts:
            return parts[place]
        if not self.keeps_all and key != FIRST:
            return None
        if self._n_texts >= _MOST_TEXTS:
            self.is_cut = True
            return None
        self._n_texts += 1
        ends = self._texts.setdefault(key, {})[place] = _Ends()
        return ends


class _Ends:
    """Both ends of a text that comes in pieces."""

    def __init__(self) -> None:
        self._head: str | None = None
        """None while the whole text is there."""
        self._pieces: list[str] = []
        self._n_chars = 0

    def add(self, piece: str) -> None:
        """Take the next piece."""
        self._pieces.append(piece)
        self._n_chars += len(piece)
        if self._n_chars > 2 * MOST_KEPT:  # seldom: each time costs as much as what has come since the last
            came = "".join(self._pieces)
            if self._head is None:
                self._head = came[:_HALF]
            self._pieces, self._n_chars = [came[-_HALF:]], _HALF

    @property
    def text(self) -> str:
        """What is kept."""
        came = "".join(self._pieces)
        return _cut(came) if self._head is None else f"{self._head}{_GAP}{came[-_HALF:]}"


def _cut(text: str) -> str:
    return text if len(text) <= MOST_KEPT else f"{text[:_HALF]}{_GAP}{text[-_HALF:]}"
