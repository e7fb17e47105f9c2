"""One choice of a streamed chat completion: its texts held until they are decided, and given out where they belong."""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from demur.errors import EndpointError
from demur.guard.rules.holdback import HoldBack
from demur.guard.rules.patterns import Match
from demur.guard.wire.dialect import Found, MakeHoldBack
from demur.guard.wire.places import Place, channel_of, leaves_of, make_value, put
from demur.guard.wire.responses_check import Check
from demur.guard.wire.responses_texts import is_told

__all__ = ["Choice", "is_label", "is_name"]

_LABELS = frozenset(
    {"role", "type", "id", "index", "call_id", "signature", "finish_reason", "native_finish_reason", "stop_reason", "severity"}
)  # fmt: skip
"""Keys whose values are no text of the model's, as long as they look it."""
_NAME = re.compile(r"[\w.:/=+@-]*", re.ASCII)
_MOST_CHANNELS = 1024
_MOST_LOGPROBS = 8192
"""Tokens whose probabilities wait for their text to be decided; where more do, these are not told."""

_CONTENT: Place = ("content",)
_PLAIN, _PLAIN_CHOICE = frozenset(_CONTENT), frozenset({"index", "delta", "finish_reason", "logprobs"})

Tree = dict[Any, Any]


def is_name(word: str) -> bool:
    """Tell whether a string looks as if it names something and says nothing, as keys and ids do."""
    return _NAME.fullmatch(word) is not None


def is_label(word: str, place: Place) -> bool:
    """Tell whether the string at a place is a label, and no text of the model's."""
    return bool(place) and place[-1] in _LABELS and is_name(word)


class Choice:
    """Takes the deltas of one choice, and gives of them what may leave.

    Args:
        index: of the choice.
        make: makes the hold-back of a channel.
        found: as `Found`.
        check: of what is no channel and there as a whole, such as keys.
    """

    def __init__(self, index: int, make: MakeHoldBack, *, found: Found, check: Check) -> None:
        self._index, self._make, self._found, self._check = index, make, found, check
        self._channels: dict[Place, _Channel] = {}
        self._tokens: HoldBack | None = None
        self._logprobs: list[Any] = []
        """Of tokens some of whose text may be held: what was said of them has the text in it."""
        self._has_spoken = self._has_ended = False
        self._instead = ""
        self.is_blocked = False

    @property
    def warned(self) -> list[Match]:
        """What rules that only warn found, channel by channel."""
        return [match for channel in self._channels.values() for match in channel.held.warned]

    def feed(self, choice: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Give what may leave of a choice in one chunk, as choices.

        Raises:
            EndpointError: it has more texts than any choice has, or is nested deeper.
        """
        if self.is_blocked or self._has_ended:
            return
        delta = choice.get("delta")
        if delta and type(delta) is dict and delta.keys() == _PLAIN and self._is_plain(choice, delta["content"]):
            yield from self._pass(delta["content"])
            return
        trees: list[Tree] = [{}]
        for place, leaf in leaves_of(delta) if delta and isinstance(delta, dict) else ():
            self._take(trees, place, leaf)
        self._take_logprobs(choice.get("logprobs"))
        finish = choice.get("finish_reason") or None
        if finish is not None:
            self._add_rest(trees)
            finish = finish if isinstance(finish, str) and is_name(finish) else "stop"
        yield from self._made(trees, finish)

    def _is_plain(self, choice: Mapping[str, Any], text: Any) -> bool:
        """Tell whether a delta is like most: a piece of the content alone, with nothing held before it."""
        channel = self._channels.get(_CONTENT)
        return (
            channel is not None
            and not channel.held.held
            and type(text) is str
            and text != ""
            and choice.keys() <= _PLAIN_CHOICE
            and choice.get("finish_reason") is None
            and choice.get("logprobs") is None
            and not self._logprobs
        )

    def _pass(self, text: str) -> Iterator[dict[str, Any]]:
        """Do with a plain piece what is done with any, by a shorter way: most of a stream is such pieces."""
        channel = self._channels[_CONTENT]
        allowed = channel.pass_on(text)
        self._has_spoken = self._has_spoken or allowed != ""
        self._see(channel.held)
        if self.is_blocked:
            yield from self._made([{"content": allowed} if allowed else {}], None)
        elif allowed:
            yield {"index": self._index, "delta": {"content": allowed}, "finish_reason": None, "logprobs": None}

    def finish(self) -> Iterator[dict[str, Any]]:
        """Give what is still held, where the stream ended before the choice did."""
        if not self.is_blocked and not self._has_ended:
            trees: list[Tree] = [{}]
            self._add_rest(trees)
            yield from self._made(trees, None)

    def _take(self, trees: list[Tree], place: Place, leaf: Any) -> None:
        """Take what stands at a place: a text is fed to its channel, what is not known to be harmless is left out."""
        if self.is_blocked:
            return
        channel = channel_of(place)
        if channel not in self._channels:
            self._see_keys(place)
        if isinstance(leaf, str) and not is_label(leaf, place):
            if not self.is_blocked:
                self._give(trees, self._channel(channel).feed(place, leaf))
                self._see(self._channels[channel].held)
        elif not self.is_blocked and (leaf is None or (place[-1] in _LABELS and isinstance(leaf, str | int))):
            put(trees[-1], place, leaf)

    def _channel(self, channel: Place) -> "_Channel":
        if channel not in self._channels:
            if len(self._channels) >= _MOST_CHANNELS:
                raise EndpointError(f"the upstream sent a choice with more than {_MOST_CHANNELS} texts")
            self._channels[channel] = _Channel(self._make())
        return self._channels[channel]

    def _take_logprobs(self, logprobs: Any) -> None:
        entries = logprobs.get("content") if isinstance(logprobs, dict) else None
        told = list(filter(is_told, entries)) if isinstance(entries, list) else []
        if not told or self.is_blocked:
            return
        if len(self._logprobs) > _MOST_LOGPROBS:
            self._logprobs.clear()
        self._logprobs += told
        self._tokens = self._tokens or self._make()
        self._tokens.feed("".join(entry["token"] for entry in told))
        self._see(self._tokens)

    def _add_rest(self, trees: list[Tree]) -> None:
        self._has_ended = True
        if self._tokens is not None and not self.is_blocked:
            self._tokens.end()
            self._see(self._tokens)
        for channel in self._channels.values():
            if self.is_blocked:
                return
            self._give(trees, channel.end())
            self._see(channel.held)

    def _give(self, trees: list[Tree], pieces: Iterator[tuple[Place, str]]) -> None:
        """Put pieces of text where they belong; a delta in which their place is taken by something else is followed by another."""
        for place, text in pieces:
            if not put(trees[-1], place, text):
                trees.append({})
                put(trees[-1], place, text)
            self._has_spoken = self._has_spoken or bool(text and place[0] == "content")

    def _see(self, held: HoldBack) -> None:
        if held.blocked is not None:
            self._block(held.blocked)

    def _see_keys(self, place: Place) -> None:
        for step in place:
            if isinstance(step, str) and not is_name(step) and (match := self._check.find(step)) is not None:
                self._block(match)

    def _block(self, match: Match) -> None:
        if not self.is_blocked:
            self.is_blocked = True
            self._instead = self._found(match)

    def _made(self, trees: list[Tree], finish: str | None) -> Iterator[dict[str, Any]]:
        """Make choices of what may leave; of a blocked one the last says the refusal."""
        if self.is_blocked:
            finish = "content_filter"
            gap = "\n\n" if self._has_spoken else ""
            self._give(trees, iter([(("content",), f"{gap}{self._instead}")]))
        *others, last = map(make_value, trees)
        for delta in others:
            yield {"index": self._index, "delta": delta, "finish_reason": None, "logprobs": None}
        if last or finish is not None:
            yield {"index": self._index, "delta": last, "finish_reason": finish, "logprobs": self._told()}

    def _told(self) -> dict[str, Any] | None:
        is_held = any(channel.held.held for channel in self._channels.values())
        if self.is_blocked or not self._logprobs or is_held or (self._tokens is not None and self._tokens.held):
            return None
        told, self._logprobs = {"content": self._logprobs, "refusal": None}, []
        return told


class _Channel:
    """A text: held as one, and given out at the places that its pieces came from."""

    def __init__(self, held: HoldBack) -> None:
        self.held = held
        self._pieces: deque[tuple[Place, int]] = deque()
        """Of what is held, where each stretch belongs, and its length."""

    def feed(self, place: Place, text: str) -> Iterator[tuple[Place, str]]:
        """Take a piece, and give what may leave."""
        if not text:
            yield place, ""
        elif self._pieces and self._pieces[-1][0] == place:
            self._pieces[-1] = place, self._pieces[-1][1] + len(text)
        else:
            self._pieces.append((place, len(text)))
        yield from self._placed(self.held.feed(text))

    def pass_on(self, text: str) -> str:
        """Take a piece of the content where nothing is held, and give what may leave."""
        allowed = self.held.feed(text)
        if len(allowed) < len(text):
            self._pieces.append((_CONTENT, len(text) - len(allowed)))
        return allowed

    def end(self) -> Iterator[tuple[Place, str]]:
        """Give the rest."""
        return self._placed(self.held.end())

    def _placed(self, text: str) -> Iterator[tuple[Place, str]]:
        while text:
            place, length = self._pieces.popleft()
            if length > len(text):
                self._pieces.appendleft((place, length - len(text)))
            yield place, text[:length]
            text = text[length:]
