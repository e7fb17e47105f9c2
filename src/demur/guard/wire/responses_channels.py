"""Texts of a response that come in deltas, each held until it is decided."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from demur.guard.rules.holdback import HoldBack
from demur.guard.rules.patterns import Match
from demur.guard.wire.responses_texts import tokens_of

__all__ = ["KINDS", "PARTS", "Channel", "Kind", "Place", "kind_of"]

Place = tuple[str | int, ...]
"""Keys, and numbers of items of lists, that lead to a text in an item; empty where it is in none."""


class Kind(NamedTuple):
    """A kind of text that comes in deltas."""

    stem: str
    """Its events' types without ``.delta`` and ``.done``."""
    keys: tuple[str | None, ...] = ()
    """Where it stands in an item; None is a number in a list."""
    number: str = ""
    """The field of its events that gives the number."""
    whole: str = ""
    """The field of its last event that gives all of it."""
    part: str = ""
    """Type of the part that it is the text of."""

    def place(self, event: Mapping[str, Any]) -> Place:
        """Give the place of the text that an event is about."""
        number = event.get(self.number)
        return tuple((number if isinstance(number, int) else 0) if key is None else key for key in self.keys)


_ALL = (
    Kind("response.output_text", ("content", None, "text"), "content_index", "text", "output_text"),
    Kind("response.refusal", ("content", None, "refusal"), "content_index", "refusal", "refusal"),
    Kind("response.reasoning_text", ("content", None, "text"), "content_index", "text", "reasoning_text"),
    Kind("response.reasoning_summary_text", ("summary", None, "text"), "summary_index", "text", "summary_text"),
    Kind("response.function_call_arguments", ("arguments",), whole="arguments"),
    Kind("response.mcp_call_arguments", ("arguments",), whole="arguments"),
    Kind("response.custom_tool_call_input", ("input",), whole="input"),
    Kind("response.code_interpreter_call_code", ("code",), whole="code"),
    Kind("response.shell_call_command", ("action", "commands", None), "command_index", "command"),
)
KINDS = {kind.stem: kind for kind in _ALL}
PARTS = {kind.part: kind for kind in _ALL if kind.part}


def kind_of(stem: str) -> Kind:
    """Give the kind of the events of a stem; one that is not known has no place in an item."""
    return KINDS.get(stem) or Kind(stem)


class Channel:
    """One such text, as it comes and as it leaves."""

    def __init__(self, kind: Kind, labels: Mapping[str, Any], held: HoldBack, *, inner: str | None = None) -> None:
        """Begin.

        Args:
            kind: of the text.
            labels: fields of its events that say which text they are about.
            held: what holds it back.
            inner: the key under which it stands in a delta that is an object, as the output of a shell does.
        """
        self.kind, self.labels, self._held, self._inner = kind, dict(labels), held, inner
        self._came: list[str] = []
        self._left: list[str] = []
        self._logprobs: list[Any] = []
        """Of tokens some of whose text may be held: what was said of them has the text in it."""
        self._has_ended = False
        self.is_done = False
        """Whether its last event has left."""

    @property
    def text(self) -> str:
        """What has left."""
        return "".join(self._left)

    @property
    def blocked(self) -> Match | None:
        """What was found in it."""
        return self._held.blocked

    @property
    def warned(self) -> list[Match]:
        """What rules that only warn found; complete when it has ended."""
        return self._held.warned

    def feed(self, text: str, logprobs: Any = None) -> Iterator[dict[str, Any]]:
        """Take more of the text, and give the event with what may leave, if anything may."""
        if self._has_ended:
            return
        self._came.append(text)
        if tokens_of(logprobs) == text:
            self._logprobs += logprobs
        yield from self._event(self._held.feed(text))

    def end(self, whole: Any = None) -> Iterator[dict[str, Any]]:
        """End it, and give the event with what was still held.

        Args:
            whole: all of the text, as an event says it whose deltas may have been left out. What does not begin with the
                deltas is another text, and is not looked at: it does not leave.
        """
        if self._has_ended:
            return
        came = "".join(self._came)
        if isinstance(whole, str) and whole.startswith(came) and len(whole) > len(came):
            yield from self.feed(whole[len(came) :])
        self._has_ended = True
        yield from self._event(self._held.end())

    def say(self, text: str) -> dict[str, Any]:
        """Give the event that adds a text of the guard's own."""
        self._logprobs = []
        self._left.append(text)
        return self._made(text)

    def last(self) -> dict[str, Any]:
        """Give the event that says that the text is whole."""
        self.is_done = True
        event = {"type": f"{self.kind.stem}.done", **self.labels, self.kind.whole: self.text}
        return {**event, "logprobs": []} if self.kind.part == "output_text" else event

    def _event(self, text: str) -> Iterator[dict[str, Any]]:
        if text:
            self._left.append(text)
            yield self._made(text)

    def _made(self, text: str) -> dict[str, Any]:
        delta: Any = text if self._inner is None else {self._inner: text}
        event = {"type": f"{self.kind.stem}.delta", **self.labels, "delta": delta}
        if self.kind.part == "output_text":
            event["logprobs"] = []
            if self._logprobs and not self._held.held and self._held.blocked is None:
                event["logprobs"], self._logprobs = self._logprobs, []
        return event
