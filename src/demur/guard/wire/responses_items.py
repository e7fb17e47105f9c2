"""Items of a streamed response, as far as they have left."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from demur.guard.wire.responses_answer import make_message
from demur.guard.wire.responses_channels import Channel, Place
from demur.guard.wire.responses_texts import FIELDS, is_text

__all__ = ["Item", "Part", "PartPlace", "blank", "text_at"]

_UNFINISHED = {
    "image_generation_call": "failed",
    "apply_patch_call": "in_progress",
    "apply_patch_call_output": "failed",
}
"""The word for an item that was cut off; ``incomplete`` where none is given."""

PartPlace = tuple[str, int]
"""Name of the list and the number in it."""


@dataclass
class Part:
    """A part of an item, of its content or of its summary, that an event has told of."""

    stem: str
    """Its events' types without ``.added`` and ``.done``."""
    labels: Mapping[str, Any]
    """Fields of its events that say which part they are about."""
    body: dict[str, Any]
    """Without its text."""
    is_open: bool = True


@dataclass
class Item:
    """An item of the output."""

    index: int
    first: dict[str, Any] | None = None
    """As it was when it was added, without its texts; None where no event has told of it."""
    shown: dict[str, Any] | None = None
    """As it left when it was done."""
    raw: Any = None
    """As it came when it was done."""
    channels: dict[Place, Channel] = field(default_factory=dict)
    parts: dict[PartPlace, Part] = field(default_factory=dict)

    @property
    def is_message(self) -> bool:
        """Whether it is a message, as far as is known."""
        if self.first is not None:
            return self.first.get("type") == "message"
        return any(channel.kind.part in ("output_text", "refusal") for channel in self.channels.values())

    @property
    def speaking(self) -> Channel | None:
        """The text of a message that is under way, the last of several."""
        if self.shown is not None or not self.is_message:
            return None
        said = [one for one in self.channels.values() if one.kind.part == "output_text" and not one.is_done]
        return said[-1] if said else None

    def close(self) -> Iterator[dict[str, Any]]:
        """End what is under way: give the last events of its texts, of its parts, and its own."""
        if self.shown is not None:
            return
        for place, channel in self.channels.items():
            if not channel.is_done:
                yield channel.last()
            yield from self._close_part(_part_of(place))
        for place in self.parts:
            yield from self._close_part(place)
        self.shown = self._cut_off()
        if self.first is not None:
            yield {"type": "response.output_item.done", "output_index": self.index, "item": self.shown}

    def _close_part(self, place: PartPlace | None) -> Iterator[dict[str, Any]]:
        part = self.parts.get(place) if place is not None else None
        if place is not None and part is not None and part.is_open:
            part.is_open = False
            yield {"type": f"{part.stem}.done", **part.labels, "part": self._body(place)}

    def _cut_off(self) -> dict[str, Any] | None:
        """Give the item with what has left of its texts; None where nothing is known of it."""
        if self.first is None and not self.is_message:
            return None
        body = deepcopy(self.first) if self.first is not None else make_message(self._name(), [], status="")
        if "status" in body:
            body["status"] = _UNFINISHED.get(str(body.get("type")), "incomplete")
        places = sorted({*self.parts, *filter(None, map(_part_of, self.channels))})
        for name in {name for name, _ in places}:
            body[name] = [self._body(place) for place in places if place[0] == name]
        for place, channel in self.channels.items():
            if _part_of(place) is None:
                _put(body, place, channel.text)
        return body

    def _body(self, place: PartPlace) -> dict[str, Any]:
        """Give a part with what has left of its text."""
        part = self.parts.get(place)
        body = deepcopy(part.body) if part is not None else {}
        for at, channel in self.channels.items():
            if _part_of(at) == place:
                kind = channel.kind
                plain: dict[str, Any] = {"annotations": [], "logprobs": []} if kind.part == "output_text" else {}
                body = {"type": kind.part, **plain, **body, kind.whole: channel.text}
        return body

    def _name(self) -> str:
        return next((str(one.labels.get("item_id")) for one in self.channels.values()), "")


def _part_of(place: Place) -> PartPlace | None:
    """Give the place of the part that a text is of; None where it is of none."""
    match place:
        case [str(name), int(number), *_]:
            return name, number
    return None


def text_at(raw: Any, place: Place) -> str | None:
    """Give the text at a place of an item; None if there is none."""
    at = raw
    for step in place:
        if isinstance(at, list) and isinstance(step, int) and 0 <= step < len(at):
            at = at[step]
        elif isinstance(at, Mapping) and isinstance(step, str):
            at = at.get(step)
        else:
            return None
    return at if isinstance(at, str) else None


def blank(value: Any, key: str = "") -> Any:
    """Give a part of a response without its texts: what has only begun says in them what is not decided."""
    if isinstance(value, str):
        return "" if is_text(key, value) else value
    if isinstance(value, Mapping):
        return {
            name: [] if name == "logprobs" else blank(inner, name) for name, inner in value.items() if name in FIELDS
        }
    return [blank(inner, key) for inner in value] if isinstance(value, list) else value


def _put(body: dict[str, Any], place: Place, text: str) -> None:
    """Put a text at its place: under keys, the last of which may be a number in a list."""
    at: Any = body
    for step, following in zip(place, (*place[1:], None), strict=True):
        if following is None and isinstance(at, list):
            at.append(text)  # in the order in which they came: a number may be anything
        elif following is None:
            at[step] = text
        else:
            inner = at.get(step)
            if not isinstance(inner, list if isinstance(following, int) else dict):
                inner = at[step] = [] if isinstance(following, int) else {}
            at = inner
