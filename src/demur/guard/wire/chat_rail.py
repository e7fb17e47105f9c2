"""The output rail of chat completions: what a model says, held until it is decided, in every channel of every choice.

Whole replies and streams go through the same hold-back, so that a verdict does not depend on how a reply was cut into chunks. Every
text of a message is a channel: content, refusal, reasoning, the names and arguments of tools, the tokens that probabilities are told
of, and what a server adds of its own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from demur.errors import EndpointError
from demur.guard.rules.patterns import Match
from demur.guard.wire.chat_choice import Choice, is_label, is_name
from demur.guard.wire.dialect import Found, MakeHoldBack
from demur.guard.wire.places import Place, channel_of, leaves_of
from demur.guard.wire.responses_check import Check
from demur.guard.wire.said import FIRST, Said

__all__ = ["ChatReplyRail", "ChatStreamRail"]

_HEAD = ("id", "object", "created", "model", "system_fingerprint", "service_tier", "provider", "usage", "timings")
"""What a reply says of itself; whatever else a server adds may hold what the model said."""
_NO_TEXT = frozenset({"bytes", "top_logprobs"})
"""Of a token with its probability, what its text says already, and the tokens that were not chosen."""
_SPOKEN = ("content",), ("refusal",)
"""Keys of a message under which is what its choice says itself."""
_MOST_CHOICES = 128
_LONGEST_ERROR = 500


class ChatReplyRail:
    """Checks a reply that is there as a whole."""

    def __init__(self, make: MakeHoldBack, found: Found) -> None:
        self._make, self._found, self._check = make, found, Check(make)
        self.said = Said()
        self.warned: list[Match] = []

    def check(self, completion: Mapping[str, Any]) -> dict[str, Any] | None:
        """Give the completion with blocked choices replaced; None if nothing is to be changed.

        Raises:
            EndpointError: it is nested deeper than any completion is.
        """
        choices = completion.get("choices")
        self.said.note_head(completion)
        choices = choices if isinstance(choices, list) else []
        for number, choice in enumerate(choices):
            _note(self.said, number, choice)
        self.said.finish = _finish_of(choices[0]) if choices else None
        beside = {key: value for key, value in completion.items() if key not in _HEAD}
        if choices:
            del beside["choices"]
        _note(self.said, None, beside)
        head = _head_of(completion, self._check)
        if (match := self._find(beside)) is not None:
            instead = self._found(match)
            return {**head, "choices": [_blocked(choice, instead) for choice in choices or [None]]}
        checked = [self._check_choice(choice) for choice in choices]
        if any(new is not old for new, old in zip(checked, choices, strict=True)):
            return {**head, "choices": checked}
        is_free = all(key in head for key in _HEAD if key in completion)
        return None if is_free else {**head, **beside, "choices": checked}

    def _check_choice(self, choice: Any) -> Any:
        match = self._find(choice)
        return choice if match is None else _blocked(choice, self._found(match))

    def _find(self, value: Any) -> Match | None:
        """Find the first match in the texts of a part of the reply."""
        channels: dict[Place, list[str]] = {}
        keys: set[str] = set()
        for place, leaf in _leaves_of(value):
            keys.update(step for step in place if isinstance(step, str))
            if isinstance(leaf, str) and not is_label(leaf, place):
                channels.setdefault(channel_of(place), []).append(leaf)
        for text in (*map("".join, channels.values()), *(key for key in keys if not is_name(key))):
            held = self._make()
            held.whole(text)
            self.warned += held.warned
            if held.blocked is not None:
                return held.blocked
        return None


class ChatStreamRail:
    """Checks a reply chunk by chunk; of what is not decided nothing leaves.

    Args:
        make: makes the hold-back of a channel.
        found: as `Found`.
        n_choices: how many were asked for.
    """

    def __init__(self, make: MakeHoldBack, found: Found, n_choices: int = 1) -> None:
        self._make, self._found, self._n_choices = make, found, n_choices
        self._check = Check(make)
        self._choices: dict[int, Choice] = {}
        self._raw: dict[str, Any] = {}
        self._head: dict[str, Any] = {}
        """Of the last chunk, as it came and as it may leave; most say the same."""
        self.said = Said()

    @property
    def warned(self) -> list[Match]:
        """What rules that only warn found, choice by choice."""
        return [match for choice in self._choices.values() for match in choice.warned]

    @property
    def is_over(self) -> bool:
        """Whether every choice has been blocked."""
        return len(self._choices) >= self._n_choices and all(choice.is_blocked for choice in self._choices.values())

    def feed(self, chunk: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Give the chunks that may leave now.

        Raises:
            EndpointError: the upstream tells of an error, or sends what is no chunk.
        """
        if chunk.get("error"):
            raise EndpointError(self._word_of(chunk["error"]))
        raw = {key: chunk[key] for key in _HEAD if key in chunk}
        if raw != self._raw:
            self._raw, self._head = raw, _head_of(raw, self._check)
        head = self._head
        self.said.note_head(chunk)
        choices = chunk.get("choices")
        came = [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []
        allowed = [new for choice in came for new in self._of(choice).feed(choice)]
        if allowed or not came or head.get("usage"):
            yield {**head, "choices": allowed}

    def end(self) -> Iterator[dict[str, Any]]:
        """Give what is still held of choices that never finished."""
        for choice in self._choices.values():
            for rest in choice.finish():
                head = {key: value for key, value in self._head.items() if key != "usage"}
                yield {**head, "choices": [rest]}

    def _of(self, choice: Mapping[str, Any]) -> Choice:
        index = choice.get("index")
        number = int(index) if isinstance(index, int) else 0
        if not 0 <= number < _MOST_CHOICES:
            raise EndpointError(f"the upstream sent choice {number}; expected 0 to {_MOST_CHOICES - 1}")
        delta = choice.get("delta")
        if type(delta) is dict and len(delta) == 1 and type(text := delta.get("content")) is str:
            self.said.add(number, _SPOKEN[0], text)  # as below, by a shorter way: most of a stream is such pieces
        else:
            _note(self.said, number, delta)
        if choice.get("logprobs"):
            _note(self.said, number, {"logprobs": choice["logprobs"]})
        if number == FIRST:
            self.said.finish = _finish_of(choice) or self.said.finish
        if number not in self._choices:
            self._choices[number] = Choice(number, self._make, found=self._found, check=self._check)
        return self._choices[number]

    def _word_of(self, error: Any) -> str:
        message = error.get("message") if isinstance(error, Mapping) else error
        word = message[:_LONGEST_ERROR] if isinstance(message, str) else ""
        if not word or self._check.find(word) is not None:
            return "the upstream broke off with an error"
        return f"the upstream broke off: {word}"


def _blocked(choice: Any, instead: str) -> dict[str, Any]:
    index = choice.get("index") if isinstance(choice, Mapping) else None
    return {
        "index": index if isinstance(index, int) else 0,
        "message": {"role": "assistant", "content": instead, "refusal": None},
        "finish_reason": "content_filter",
        "logprobs": None,
    }


def _finish_of(choice: Any) -> str | None:
    finish = choice.get("finish_reason") if isinstance(choice, Mapping) else None
    return finish if isinstance(finish, str) else None


def _leaves_of(value: Any) -> Iterator[tuple[Place, Any]]:
    """Give everything in a choice or a piece of one; elsewhere the model may have keys that are those of a token."""
    if not isinstance(value, dict):
        yield from leaves_of(value)
        return
    for key, inner in value.items():
        yield from leaves_of(inner, (key,), but=_NO_TEXT if key == "logprobs" else frozenset())


def _note(said: Said, number: int | None, value: Any) -> None:
    """Take what a choice says, or a piece of one; number None is what stands beside all choices."""
    if number != FIRST and not said.keeps_all:
        return
    for place, leaf in _leaves_of(value):
        for key in place:
            if isinstance(key, str) and not is_name(key):
                said.put((number, "keys"), key, key)
        if leaf and isinstance(leaf, str) and not is_label(leaf, place):
            _note_text(said, number, place[1:] if place[:1] == ("message",) else place, leaf)


def _note_text(said: Said, number: int | None, place: Place, text: str) -> None:
    if place[:1] in _SPOKEN:
        said.add(number, channel_of(place), text)
        said.refusal = said.refusal or (number == FIRST and "refusal" in place)
    else:
        call = place[:2] if place[:1] == ("tool_calls",) else place[:1]
        said.add((number, *call), channel_of(place), text)


def _head_of(reply: Mapping[str, Any], check: Check) -> dict[str, Any]:
    """Give what a reply says of itself, but what is forbidden."""
    return {key: reply[key] for key in _HEAD if key in reply and _is_free(reply[key], check)}


def _is_free(value: Any, check: Check) -> bool:
    if not isinstance(value, dict | list):
        return not isinstance(value, str) or is_name(value) or check.find(value) is None
    return all(
        is_name(word) or check.find(word) is None
        for place, leaf in leaves_of(value)
        for word in (*place, leaf)
        if isinstance(word, str)
    )
