"""The output of a streamed response so far: its items and its texts, and where they are found."""

from collections.abc import Iterator, Mapping
from typing import Any

from demur.guard.wire.dialect import MakeHoldBack
from demur.guard.wire.responses_answer import make_message, make_part, new_message_id
from demur.guard.wire.responses_channels import KINDS, Channel, Kind, Place
from demur.guard.wire.responses_items import Item, Part, PartPlace
from demur.guard.wire.responses_texts import is_text

__all__ = ["Output", "labels_of", "part_place"]

_LABELS = ("item_id", "output_index", "content_index", "summary_index", "command_index")


class Output:
    """What has come of a response."""

    def __init__(self, make: MakeHoldBack) -> None:
        self._make = make
        self._items: dict[int, Item] = {}
        self._loose: dict[Place, Channel] = {}
        """Texts that have no place in an item, as far as is known; by the stem and the labels of their events."""

    @property
    def items(self) -> list[Item]:
        """The items in their order."""
        return [self._items[index] for index in sorted(self._items)]

    @property
    def channels(self) -> list[Channel]:
        """Every text."""
        return [channel for _, _, channel in self.texts]

    @property
    def texts(self) -> Iterator[tuple[int | None, Place, Channel]]:
        """Give every text with the number of its item, and its place in that; without a number where it has none."""
        for item in self.items:
            for place, channel in item.channels.items():
                yield item.index, place, channel
        for place, channel in self._loose.items():
            yield None, place, channel

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The items that have left as a whole."""
        return [item.shown for item in self.items if item.shown is not None]

    def add(self, index: Any, first: dict[str, Any]) -> Item:
        """Take in an item that begins."""
        item = Item(index if isinstance(index, int) else len(self._items), first)
        self._items[item.index] = item
        return item

    def item(self, event: Mapping[str, Any]) -> Item:
        """Give the item that an event is about; the last one, where it does not say."""
        index = event.get("output_index")
        number = index if isinstance(index, int) else max(self._items, default=0)
        if number not in self._items:
            self._items[number] = Item(number)
        return self._items[number]

    def item_like(self, number: int, raw: Any) -> Item:
        """Give the item that one of a whole response is, by its id or by its number and type; else a new one."""
        if not isinstance(raw, Mapping):
            return Item(number)
        for item in self.items:
            if item.first is not None and item.first.get("id") == raw.get("id") is not None:
                return item
        item = self._items.get(number) or Item(number)
        return item if item.first is None or item.first.get("type") == raw.get("type") else Item(number)

    def channel(self, kind: Kind, event: Mapping[str, Any], *, inner: str | None = None) -> Channel:
        """Give the text that an event is about; `inner` is the key of a delta that is an object."""
        labels = labels_of(event)
        if kind.keys:
            channels, place = self.item(event).channels, kind.place(event)
        else:
            channels, place = self._loose, (kind.stem, *labels.values(), inner or "")
        if place not in channels:
            channels[place] = Channel(kind, labels, self._make(), inner=inner)
        return channels[place]

    def loose(self, stem: str, event: Mapping[str, Any]) -> list[Channel]:
        """Give the texts that have no place in an item and that an event is about."""
        about = (stem, *labels_of(event).values())
        return [channel for place, channel in self._loose.items() if place[: len(about)] == about]

    def say(self, text: str) -> Iterator[dict[str, Any]]:
        """Close what is open, and end with a text of the guard's own: in the message that is open, or else in a new one."""
        speaking = [item for item in self.items if item.speaking is not None]
        last = speaking[-1] if speaking else None
        for item in self.items:
            if item is not last:
                yield from item.close()
        if last is None:
            last = Item(max(self._items, default=-1) + 1)
            self._items[last.index] = last
            yield from self._begin_message(last)
        channel = last.speaking
        if channel is not None:
            yield channel.say(f"\n\n{text}" if channel.text else text)
        yield from last.close()

    def _begin_message(self, item: Item) -> Iterator[dict[str, Any]]:
        name, kind = new_message_id(), KINDS["response.output_text"]
        labels = {"item_id": name, "output_index": item.index, "content_index": 0}
        item.first = make_message(name, [], status="in_progress")
        item.parts["content", 0] = Part("response.content_part", labels, make_part(""))
        item.channels[kind.place(labels)] = Channel(kind, labels, self._make())
        yield {"type": "response.output_item.added", "output_index": item.index, "item": item.first}
        yield {"type": "response.content_part.added", **labels, "part": make_part("")}


def labels_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields of an event that say which text it is about."""
    return {
        name: event[name]
        for name in _LABELS
        if isinstance(event.get(name), int) or (isinstance(event.get(name), str) and not is_text(name, event[name]))
    }


def part_place(event: Mapping[str, Any]) -> PartPlace:
    """Give the place of the part that an event is about."""
    name = "summary" if "summary_index" in event else "content"
    number = event.get(f"{name}_index")
    return name, number if isinstance(number, int) else 0
