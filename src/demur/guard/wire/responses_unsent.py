"""What a model's server has not seen of a conversation that it keeps: what the guard answered itself, and to what.

A caller goes on from an answer by its id. Of the guard's own answers the model's server knows no id, so that a follow-up goes to
it with the last id that it knows, and with what was asked and said since as items before the input.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Unsent", "after_own_answer", "is_own_id", "resume"]


@dataclass(frozen=True)
class Unsent:
    """The end of a conversation that only the guard knows."""

    known: str | None
    """Id of the last response that the model's server knows; None where it knows none of them."""
    items: tuple[Any, ...]
    """What was asked and answered since, as a caller would send it."""

    @property
    def size(self) -> int:
        """Characters, roughly."""
        return len(str(self.items))


def after_own_answer(body: Mapping[str, Any], said: str, before: Unsent | None) -> Unsent:
    """Give what the model's server has not seen once the guard has answered a request itself.

    Args:
        body: the request, as the caller sent it.
        said: the answer.
        before: what it had not seen when the request came; None where it had seen everything.
    """
    known = before.known if before is not None else body.get("previous_response_id")
    items = (*(before.items if before is not None else ()), *_items(body), {"role": "assistant", "content": said})
    return Unsent(known if isinstance(known, str) else None, items)


def resume(body: Mapping[str, Any], unsent: Unsent) -> dict[str, Any]:
    """Give the request as the model's server can understand it."""
    kept = {key: value for key, value in body.items() if key != "previous_response_id"}
    if unsent.known is not None:
        kept["previous_response_id"] = unsent.known
    return {**kept, "input": [*unsent.items, *_items(body)]}


def is_own_id(name: str | None) -> bool:
    """Tell whether an id is one that the guard makes for its own answers."""
    return name is not None and name.startswith("resp_demur_")


def _items(body: Mapping[str, Any]) -> list[Any]:
    said = body.get("input")
    if isinstance(said, str):
        return [{"role": "user", "content": said}]
    return list(said) if isinstance(said, list) else []
