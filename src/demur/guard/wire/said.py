"""What a model has said so far, as far as the record and the judge need it."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from demur.guard.wire.content import positive

__all__ = ["MOST_KEPT", "Said"]

MOST_KEPT = 16_384
"""Characters of a reply that are kept; the judge reads both ends, and a preview is shorter."""
_LONGEST_NAME = 512
_MOST_BESIDE = 256
"""Texts beside the first choice's that are kept, each up to a quarter of that; no reply has more that are read."""


@dataclass
class Said:
    """Gathered while a reply passes."""

    id: str | None = None
    model: str | None = None
    finish: str | None = None
    """As the model or its provider gave it."""
    refusal: bool = False
    """Whether the model used the channel for refusals."""
    n_input_tokens: int | None = None
    n_output_tokens: int | None = None
    _pieces: list[str] = field(default_factory=list)
    _n_chars: int = 0
    _beside: dict[Hashable, str] = field(default_factory=dict)

    def add(self, text: str) -> None:
        """Add to the text of the first choice."""
        if text and self._n_chars < MOST_KEPT:
            self._pieces.append(text)
            self._n_chars += len(text)

    def add_beside(self, key: Hashable, text: str) -> None:
        """Add to another text: that of a further choice, or of the arguments of a call.

        Args:
            key: which one; the same for all pieces of it.
            text: the next piece.
        """
        known = self._beside.get(key, "")
        if text and len(known) < MOST_KEPT // 4 and (known or len(self._beside) < _MOST_BESIDE):
            self._beside[key] = (known + text)[: MOST_KEPT // 4]

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
        """What was said in the first choice, up to `MOST_KEPT` characters."""
        return "".join(self._pieces)[:MOST_KEPT]

    @property
    def beside(self) -> tuple[str, ...]:
        """What was said in further choices and to tools."""
        return tuple(self._beside.values())
