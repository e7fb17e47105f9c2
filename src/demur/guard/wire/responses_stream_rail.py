"""The output rail of streamed responses: what a model says, held until it is decided, in every text of every item.

Deltas are replaced by what may leave of them. Events that say a text as a whole come after all of it has left, and say what has
left. After a block the open items are closed as they stand, and a refusal ends the response.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from demur.errors import EndpointError
from demur.guard.rules.patterns import Match
from demur.guard.wire.conversation import Conversation
from demur.guard.wire.dialect import Found, MakeHoldBack
from demur.guard.wire.responses_answer import make_frame
from demur.guard.wire.responses_channels import KINDS, PARTS, Channel, Kind, Place, kind_of
from demur.guard.wire.responses_check import Check
from demur.guard.wire.responses_frame import Frame, finish_of, finish_of_error
from demur.guard.wire.responses_items import Item, Part, blank, text_at
from demur.guard.wire.responses_output import Output, labels_of, part_place
from demur.guard.wire.responses_said import is_speech, note_channels, note_item, note_piece, note_texts
from demur.guard.wire.responses_texts import FIELDS, is_too_deep, texts_of, tokens_of
from demur.guard.wire.said import Said

__all__ = ["ResponsesStreamRail"]

Event = dict[str, Any]

_NAMES = ("name", "namespace", "server_label")
"""Fields of an item that are whole when it begins."""
_ENDS = {
    "response.completed": "stop",
    "response.incomplete": "incomplete",
    "response.failed": "error",
    "response.cancelled": "cancelled",
}
"""Types of the last events, and how the reply ended where the response does not say it."""
_WHOLE = re.compile(r"(?:\.done|\.completed|\.failed|annotation\.added)\Z")
"""Types of events whose texts are whole."""
_TYPE = re.compile(r"[\w.]{1,80}", re.ASCII)
_AUDIO = "response.audio.delta"
"""Nobody here can hear what it says; it is left out."""


class ResponsesStreamRail:
    """Checks a reply event by event; of what is not decided nothing leaves."""

    def __init__(self, make: MakeHoldBack, found: Found, asked: Conversation) -> None:
        self._found = found
        self._own = make_frame(asked)
        self._check, self._frame = Check(make), Frame(Check(make))
        self._output = Output(make)
        self._match: Match | None = None
        self._n_sent = 0
        self._has_ended = False
        self.is_over = False
        self.said = Said()

    @property
    def warned(self) -> list[Match]:
        """What rules that only warn found."""
        return [*self._check.warned, *(match for channel in self._output.channels for match in channel.warned)]

    def feed(self, event: Mapping[str, Any]) -> Iterator[Event]:
        """Give the events that may leave now.

        Raises:
            EndpointError: the event is nested deeper than one is.
        """
        if is_too_deep(event):
            raise EndpointError("the upstream sent an event that is nested too deep")
        self._note_end(event)
        if not self._has_ended:
            yield from self._sent(self._take(event))

    def end(self) -> Iterator[Event]:
        """Give what is still held, where the stream ended before the response did."""
        if not self._has_ended:
            yield from self._sent(self._end_all())
            self._has_ended = True
        if self._match is None:
            note_channels(self.said, self._output.texts)

    def _note_end(self, event: Mapping[str, Any]) -> None:
        kind, response = event.get("type"), event.get("response")
        if isinstance(response, Mapping):
            self.said.note_head(response)
            self.said.finish = finish_of(response) or self.said.finish or _ENDS.get(str(kind))
        elif kind == "error" or (kind is None and event.get("error")):
            self.said.finish = finish_of_error(event.get("error") or event)

    def _sent(self, events: Iterator[Event]) -> Iterator[Event]:
        """Number the events; where something was found, put the end of a blocked response behind them."""
        for event in events:
            yield self._number(event)
        if self._match is not None:
            self.is_over = self._has_ended = True
            note_channels(self.said, self._output.texts)
            for event in self._stop(self._found(self._match)):
                yield self._number(event)

    def _number(self, event: Event) -> Event:
        if "type" in event:
            event = {**event, "sequence_number": self._n_sent}
        self._n_sent += 1
        return event

    def _take(self, event: Mapping[str, Any]) -> Iterator[Event]:
        kind = event.get("type", "error" if event.get("error") else None)
        if not isinstance(kind, str) or _TYPE.fullmatch(kind) is None:
            return
        stem, _, last = kind.rpartition(".")
        if kind == _AUDIO:
            return
        if kind == "error":
            yield from self._end_all()
            yield from self._give(self._frame.error(event))
            self._has_ended = True
        elif isinstance(response := event.get("response"), Mapping):
            yield from self._take_response(kind, response)
        elif isinstance(item := event.get("item"), Mapping):
            yield from self._take_item(kind, event, item)
        elif isinstance(part := event.get("part"), Mapping):
            yield from self._take_part(kind, event, part)
        elif last == "delta":
            yield from self._take_delta(kind_of(stem), event)
        elif stem in KINDS and last in ("added", "done"):
            yield from self._take_text(KINDS[stem], event, is_whole=last == "done")
        else:
            yield from self._take_other(kind, event)

    def _give(self, event: Event) -> Iterator[Event]:
        """Give an event, unless something was found on the way to it."""
        if self._match is None:
            yield event

    # -- what has a whole response, item or part in it

    def _take_response(self, kind: str, response: Mapping[str, Any]) -> Iterator[Event]:
        frame = self._frame.take(response)
        if kind not in _ENDS:
            yield {"type": kind, "response": {**frame, "output": []}}
            return
        output = response.get("output")
        raw = output if isinstance(output, list) else []
        items = [self._output.item_like(number, one) for number, one in enumerate(raw)]
        for item, one in zip(items, raw, strict=True):
            yield from self._end_item(item, one)
        yield from self._end_all()
        shown = [item.shown for item in items if item.shown is not None] if items else self._output.shown
        yield from self._give({"type": kind, "response": {**frame, "output": shown}})
        self._has_ended = True

    def _take_item(self, kind: str, event: Mapping[str, Any], raw: Mapping[str, Any]) -> Iterator[Event]:
        if kind.endswith(".done"):
            item = self._output.item(event)
            yield from self._end_item(item, raw)
            yield from self._give({"type": kind, "output_index": item.index, "item": item.shown})
        elif kind.endswith(".added"):
            first = {**blank(raw), **{name: self._seen(raw[name], name) for name in _NAMES if name in raw}}
            if self._match is None:
                item = self._output.add(event.get("output_index"), first)
                note_item(self.said, item.index, first)
                yield {"type": kind, "output_index": item.index, "item": first}

    def _take_part(self, kind: str, event: Mapping[str, Any], raw: Mapping[str, Any]) -> Iterator[Event]:
        item, place, labels = self._output.item(event), part_place(event), labels_of(event)
        text = PARTS.get(str(raw.get("type")))
        if kind.endswith(".added"):
            body = blank(raw)
            item.parts[place] = Part(kind.removesuffix(".added"), labels, body)
            if text is not None:
                self._output.channel(text, event)
            yield {"type": kind, **labels, "part": dict(body)}
        elif kind.endswith(".done"):
            if text is not None:
                yield from self._end(self._output.channel(text, event), raw.get(text.whole))
            shown = self._shown(item, raw, place)
            if self._match is None:
                if place in item.parts:
                    item.parts[place].is_open = False
                note_texts(self.said, item.index, shown, place, is_spoken=is_speech(raw.get("type")))
                yield {"type": kind, **labels, "part": shown}

    def _end_item(self, item: Item, raw: Any) -> Iterator[Event]:
        """End the texts of an item, and keep how it leaves."""
        for place, channel in tuple(item.channels.items()):
            yield from self._end(channel, text_at(raw, place))
        if self._match is None and (item.shown is None or item.raw != raw):
            shown = self._shown(item, raw, ())
            if self._match is None:
                item.raw, item.shown = raw, shown
                note_item(self.said, item.index, shown)

    def _shown(self, item: Item, value: Any, place: Place) -> Any:
        """Give a part of an item as it may leave: of a text that came in deltas what has left, any other if it is free."""
        key = next((str(step) for step in reversed(place) if isinstance(step, str)), "")
        if isinstance(value, str):
            channel = item.channels.get(place)
            return channel.text if channel is not None else self._seen(value, key)
        if isinstance(value, list):
            return [self._shown(item, inner, (*place, number)) for number, inner in enumerate(value)]
        if not isinstance(value, Mapping):
            return value
        shown = {}
        for name, inner in value.items():
            if name not in FIELDS:
                self._seen(name, "")
            if name != "logprobs":
                shown[name] = self._shown(item, inner, (*place, name))
        return {**shown, "logprobs": self._logprobs(value, shown.get("text"))} if "logprobs" in value else shown

    def _logprobs(self, value: Mapping[str, Any], text: Any) -> Any:
        """Give the probabilities that go with a whole text, if they are any and their tokens say nothing else that is forbidden."""
        logprobs = value["logprobs"]
        if (tokens := tokens_of(logprobs)) is None:
            return None
        return logprobs if tokens == text or self._check.find(tokens) is None else []

    def _seen(self, value: Any, key: str) -> Any:
        """Look at what is whole, and give it as it is; what is found stops the response."""
        if self._match is None:
            self._match = self._check.first(value, key)
        return value

    # -- what has a text in it

    def _take_delta(self, kind: Kind, event: Mapping[str, Any]) -> Iterator[Event]:
        delta = event.get("delta")
        if isinstance(delta, str):
            if is_speech(kind.part):
                note_piece(self.said, kind, (self._output.item(event).index, *kind.place(event)), delta)
            yield from self._feed(self._output.channel(kind, event), delta, event.get("logprobs"))
        elif isinstance(delta, Mapping):
            for name, inner in delta.items():
                if name in FIELDS and isinstance(inner, str) and self._match is None:
                    yield from self._feed(self._output.channel(Kind(kind.stem), event, inner=name), inner, None)

    def _take_text(self, kind: Kind, event: Mapping[str, Any], *, is_whole: bool) -> Iterator[Event]:
        channel = self._output.channel(kind, event)
        if not is_whole:
            yield {"type": event["type"], **labels_of(event), kind.whole: ""}
            return
        yield from self._end(channel, event.get(kind.whole))
        if self._match is None:
            last = channel.last()
            if "logprobs" in last and "logprobs" in event:
                last["logprobs"] = self._logprobs(event, channel.text) or []
            if isinstance(event.get("name"), str):
                last["name"] = self._seen(event["name"], "name")
            self._note_last(kind, event, last)
            yield from self._give(last)

    def _note_last(self, kind: Kind, event: Mapping[str, Any], last: Event) -> None:
        *before, name = kind.place(event)
        texts = {key: last[key] for key in (name, "name", "logprobs") if key in last}
        note_texts(self.said, self._output.item(event).index, texts, tuple(before), is_spoken=is_speech(kind.part))

    def _take_other(self, kind: str, event: Mapping[str, Any]) -> Iterator[Event]:
        """Take an event of which nothing is known: it passes if its texts are whole and free, or if it has none."""
        for channel in self._output.loose(kind.rpartition(".")[0], event):
            yield from self._end(channel, None)
        known = {name: value for name, value in event.items() if name in FIELDS or not isinstance(value, str)}
        if _WHOLE.search(kind) is not None:
            self._seen(known, "")
        elif any(text for name, value in known.items() for text in texts_of(value, name)):
            return
        if self._match is None:
            self._keep_annotation(known)
            note_texts(self.said, kind, known)
            yield known

    def _keep_annotation(self, event: Mapping[str, Any]) -> None:
        part = self._output.item(event).parts.get(part_place(event)) if "annotation" in event else None
        if part is not None and isinstance(part.body.get("annotations"), list):
            part.body["annotations"] = [*part.body["annotations"], event["annotation"]]

    def _feed(self, channel: Channel, text: str, logprobs: Any) -> Iterator[Event]:
        yield from channel.feed(text, logprobs)
        self._match = self._match or channel.blocked

    def _end(self, channel: Channel, whole: Any) -> Iterator[Event]:
        if self._match is None:
            yield from channel.end(whole)
            self._match = channel.blocked

    def _end_all(self) -> Iterator[Event]:
        for channel in self._output.channels:
            yield from self._end(channel, None)

    def _stop(self, instead: str) -> Iterator[Event]:
        """Give the end of a blocked response."""
        if self._n_sent == 0:
            yield {"type": "response.created", "response": {**self._own, **self._frame.last, "output": []}}
        yield from self._output.say(instead)
        yield {"type": "response.incomplete", "response": {**self._own, **self._frame.blocked(self._output.shown)}}
