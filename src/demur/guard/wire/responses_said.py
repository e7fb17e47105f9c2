"""What is said in a response, for the record and for the judge: every text that leaves, each once.

A text is known by the number of its item and its place in that. So what comes in deltas, and is said again as a whole when it ends,
when its part does, its item and the response, is one text.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from demur.guard.wire.responses_channels import Channel, Kind, Place
from demur.guard.wire.responses_frame import finish_of, is_of_frame
from demur.guard.wire.responses_texts import FIELDS, is_text, tokens_of
from demur.guard.wire.said import FIRST, Said

__all__ = ["is_speech", "note_channels", "note_item", "note_piece", "note_reply", "note_texts"]

_SPEECH = ("message", "output_text", "refusal")
"""Types of an item and of its parts whose texts are what the model says itself."""


def is_speech(kind: object) -> bool:
    """Tell whether a type is that of a message, or of one of its parts."""
    return kind in _SPEECH


def note_piece(said: Said, kind: Kind, place: Place, piece: str) -> None:
    """Take a piece of what the model says itself, as it comes: the record has also what a rule stops.

    Args:
        said: where to.
        kind: of the text.
        place: the number of its item, and its place in that.
        piece: the next of it.
    """
    said.add(FIRST, place, piece)
    said.refusal = said.refusal or (kind.part == "refusal" and piece != "")


def note_item(said: Said, index: int, item: Any) -> None:
    """Take the texts of an item as it leaves."""
    note_texts(said, index, item, is_spoken=isinstance(item, Mapping) and is_speech(item.get("type")))


def note_channels(said: Said, texts: Iterable[tuple[int | None, Place, Channel]]) -> None:
    """Take what has left of the texts that come in deltas, as `Output.texts` gives them."""
    for index, place, channel in texts:
        note_texts(said, index, channel.text, place, is_spoken=is_speech(channel.kind.part))


def note_reply(said: Said, reply: Mapping[str, Any]) -> None:
    """Take what a response says that is there as a whole."""
    said.note_head(reply)
    said.finish = finish_of(reply)
    output = reply.get("output")
    for index, item in enumerate(output if isinstance(output, list) else [output]):
        note_item(said, index, item)
    note_texts(said, None, {key: value for key, value in reply.items() if key != "output" and not is_of_frame(key)})


def note_texts(said: Said, index: object, value: Any, place: Place = (), *, is_spoken: bool = False) -> None:
    """Take the texts of what leaves as a whole.

    Args:
        said: where to.
        index: of the item that it is of, or what else it is known by.
        value: the item, a part of it, or a text.
        place: of the value in the item.
        is_spoken: whether it is a message, or of one.
    """
    for at, text in _texts_of(value, place):
        if is_spoken and at[:1] == ("content",) and at[2:] in ((), ("text",), ("refusal",)):
            said.put(FIRST, (index, *at), text)
            said.refusal = said.refusal or at[2:] == ("refusal",)
        else:
            said.put((index, *at[:1]), at, text)


def _texts_of(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Give every text in a value and its place; keys that are none of the API's and tokens that are not the text's have their own."""
    if isinstance(value, str):
        key = next((step for step in reversed(place) if isinstance(step, str)), "")
        if value and is_text(key, value):
            yield place, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in FIELDS:
                yield ("keys", *place, name), name
            tokens = tokens_of(inner) if name == "logprobs" else None
            if tokens is None:
                yield from _texts_of(inner, (*place, name))
            elif tokens != value.get("text"):
                yield ("logprobs", *place), tokens
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts_of(inner, (*place, number))
