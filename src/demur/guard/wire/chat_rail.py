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
from demur.guard.wire.said import Said

__all__ = ["ChatReplyRail", "ChatStreamRail"]

_HEAD = ("id", "object", "created", "model", "system_fingerprint", "service_tier", "provider", "usage", "timings")
"""What a reply says of itself; whatever else a server adds may hold what the model said."""
_NO_TEXT = frozenset({"bytes", "top_logprobs"})
"""Of a token, what its text says already, and the tokens that were not chosen."""
_CALLS = "tool_calls", "function_call"
_ARGUMENTS = ("arguments",), ("input",)
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
            if isinstance(choice, Mapping):
                _note(self.said, number, choice.get("message"), choice.get("finish_reason"))
        beside = {key: value for key, value in completion.items() if key not in _HEAD}
        if choices:
            del beside["choices"]
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
        for place, leaf in leaves_of(value, but=_NO_TEXT):
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
        number = index if isinstance(index, int) else 0
        if not 0 <= number < _MOST_CHOICES:
            raise EndpointError(f"the upstream sent choice {number}; expected 0 to {_MOST_CHOICES - 1}")
        _note(self.said, int(number), choice.get("delta"), choice.get("finish_reason"))
        if number not in self._choices:
            self._choices[number] = Choice(int(number), self._make, found=self._found, check=self._check)
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


def _note(said: Said, number: int, message: Any, finish: Any) -> None:
    """Take what a choice says, whole or a piece of it."""
    if number == 0 and isinstance(finish, str):
        said.finish = finish
    if not isinstance(message, Mapping):
        return
    for key in ("content", "refusal"):
        for text in _texts_at(message.get(key)):
            if number:
                said.add_beside(number, text)
            else:
                said.add(text)
                said.refusal = said.refusal or (key == "refusal" and text != "")
    for key in _CALLS:
        if message.get(key):
            for place, leaf in leaves_of(message[key]):
                if isinstance(leaf, str) and place[-1:] in _ARGUMENTS:
                    said.add_beside((number, key, *place), leaf)


def _texts_at(value: Any) -> list[str]:
    if isinstance(value, list):  # of parts
        return [leaf for place, leaf in leaves_of(value) if isinstance(leaf, str) and not is_label(leaf, place)]
    return [value] if isinstance(value, str) else []


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
