"""What a model has said so far, as far as the record and the judge need it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from demur.guard.wire.content import positive

__all__ = ["MOST_KEPT", "Said"]

MOST_KEPT = 16_384
"""Characters of a reply that are kept; the judge reads both ends, and a preview is shorter."""
_LONGEST_NAME = 512


@dataclass
class Said:
    """Gathered while a reply passes; only its first choice is kept as text."""

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

    def add(self, text: str) -> None:
        """Add to the text of the first choice."""
        if text and self._n_chars < MOST_KEPT:
            self._pieces.append(text)
            self._n_chars += len(text)

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
        """What was said, up to `MOST_KEPT` characters."""
        return "".join(self._pieces)[:MOST_KEPT]
