"""The output rail: what a model says, held until it is decided, in every channel of every choice.

Whole replies and streams go through the same hold-back, so that a verdict does not depend on how a reply was cut into chunks.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from demur.guard.holdback import HoldBack
from demur.guard.patterns import Match

__all__ = ["ReplyRail", "StreamRail"]

_TEXTS = ("content", "refusal", "reasoning_content", "reasoning")
"""Channels of text in a message or a delta; tool arguments are one more for each call."""

MakeHoldBack = Callable[[], HoldBack]
Found = Callable[[Match], str]
"""Is told of a block, and gives the text that takes the reply's place."""


class ReplyRail:
    """Checks a reply that is there as a whole."""

    def __init__(self, make: MakeHoldBack, found: Found) -> None:
        self._make, self._found = make, found

    def check(self, completion: Mapping[str, Any]) -> dict[str, Any] | None:
        """Give the completion with blocked choices replaced; None if none was."""
        choices = completion.get("choices")
        if not isinstance(choices, list):
            return None
        checked = [self._check_choice(choice) for choice in choices]
        if all(new is old for new, old in zip(checked, choices, strict=True)):
            return None
        return {**completion, "choices": checked}

    def _check_choice(self, choice: Any) -> Any:
        message = choice.get("message") if isinstance(choice, Mapping) else None
        if not isinstance(message, Mapping):
            return choice
        for text in _texts_of(message):
            held = self._make()
            held.feed(text)
            held.end()
            if held.blocked is not None:
                instead = self._found(held.blocked)
                return {
                    **choice,
                    "message": {"role": message.get("role", "assistant"), "content": instead, "refusal": None},
                    "finish_reason": "content_filter",
                    "logprobs": None,
                }
        return choice


class StreamRail:
    """Checks a reply chunk by chunk; of what is not decided nothing leaves."""

    def __init__(self, make: MakeHoldBack, found: Found) -> None:
        self._make, self._found = make, found
        self._choices: dict[int, _Choice] = {}
        self._last: Mapping[str, Any] = {}

    @property
    def is_over(self) -> bool:
        """Whether every choice that was begun has been blocked."""
        return bool(self._choices) and all(choice.is_blocked for choice in self._choices.values())

    def feed(self, chunk: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Give the chunks that may leave now."""
        choices = chunk.get("choices")
        if not isinstance(choices, list) or not choices:
            yield dict(chunk)  # the usage at the end, or what is not ours
            return
        self._last = {key: value for key, value in chunk.items() if key not in {"choices", "usage"}}
        allowed = [new for choice in choices if isinstance(choice, Mapping) for new in self._of(choice).feed(choice)]
        if allowed:
            yield {**chunk, "choices": allowed}

    def end(self) -> Iterator[dict[str, Any]]:
        """Give what is still held of choices that never finished."""
        for index, choice in self._choices.items():
            rest = choice.finish(index)
            if rest is not None:
                yield {**self._last, "choices": [rest]}

    def _of(self, choice: Mapping[str, Any]) -> "_Choice":
        index = choice.get("index", 0)
        if index not in self._choices:
            self._choices[index] = _Choice(self._make, self._found)
        return self._choices[index]


class _Choice:
    """One choice of a stream."""

    def __init__(self, make: MakeHoldBack, found: Found) -> None:
        self._make, self._found = make, found
        self._held: dict[str, HoldBack] = {}
        self._tools: dict[int, HoldBack] = {}
        self._logprobs: deque[tuple[int, Any]] = deque()
        """Of tokens whose text is held: where each ends, and what was said of it."""
        self._n_came = self._n_left = 0
        """Characters of the content that came, and that left."""
        self._has_ended = False
        self.is_blocked = False

    def feed(self, choice: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Give what may leave of a choice in one chunk, as choices."""
        if self.is_blocked or self._has_ended:
            return
        index, delta = choice.get("index", 0), choice.get("delta")
        delta = dict(delta) if isinstance(delta, Mapping) else {}
        finish = choice.get("finish_reason")
        self._note_logprobs(choice, delta)
        allowed = self._filter(delta)
        if finish is not None and not self.is_blocked:
            allowed = self._with_rest(allowed)
            self._has_ended = True
        if self.is_blocked:
            yield self._replaced(index, allowed)
            return
        if allowed or finish is not None:
            yield {**choice, "delta": allowed, "logprobs": self._logprobs_of(), "finish_reason": finish}

    def finish(self, index: int) -> dict[str, Any] | None:
        """Give what is still held, where the stream ended before the choice did; None if there is nothing."""
        if self.is_blocked or self._has_ended:
            return None
        self._has_ended = True
        allowed = self._with_rest({})
        if self.is_blocked:
            return self._replaced(index, allowed)
        return {"index": index, "delta": allowed, "finish_reason": None} if allowed else None

    def _filter(self, delta: dict[str, Any]) -> dict[str, Any]:
        allowed = {key: value for key, value in delta.items() if key not in {*_TEXTS, "tool_calls"}}
        for channel in _TEXTS:
            text = delta.get(channel)
            if isinstance(text, str):
                if said := self._through(self._held.setdefault(channel, self._make()), text):
                    allowed[channel] = said
                if channel == "content":
                    self._n_left += len(said)
            elif channel in delta:
                allowed[channel] = text
        calls = delta.get("tool_calls")
        if isinstance(calls, list):
            allowed["tool_calls"] = [self._filter_call(call) for call in calls if isinstance(call, Mapping)]
        return allowed

    def _filter_call(self, call: Mapping[str, Any]) -> dict[str, Any]:
        function = call.get("function")
        if not isinstance(function, Mapping) or not isinstance(function.get("arguments"), str):
            return dict(call)
        held = self._tools.setdefault(call.get("index", 0), self._make())
        return {**call, "function": {**function, "arguments": self._through(held, function["arguments"])}}

    def _through(self, held: HoldBack, text: str) -> str:
        said = held.feed(text)
        self._see(held)
        return said

    def _with_rest(self, allowed: dict[str, Any]) -> dict[str, Any]:
        for channel, held in self._held.items():
            if rest := held.end():
                allowed[channel] = allowed.get(channel, "") + rest
                self._n_left += len(rest) if channel == "content" else 0
            self._see(held)
        for number, held in self._tools.items():
            if rest := held.end():
                calls = allowed.setdefault("tool_calls", [])
                calls.append({"index": number, "function": {"arguments": rest}})
            self._see(held)
        return allowed

    def _see(self, held: HoldBack) -> None:
        if held.blocked is not None and not self.is_blocked:
            self.is_blocked = True
            self._instead = self._found(held.blocked)

    def _replaced(self, index: int, allowed: Mapping[str, Any]) -> dict[str, Any]:
        """Give the last of a blocked choice: what may still leave, and then the refusal."""
        said = allowed.get("content") or ""
        gap = "\n\n" if self._n_left else ""
        delta = {**allowed, "content": f"{said}{gap}{self._instead}"}
        return {"index": index, "delta": delta, "finish_reason": "content_filter", "logprobs": None}

    def _note_logprobs(self, choice: Mapping[str, Any], delta: Mapping[str, Any]) -> None:
        """A token's probability has its text with it: it leaves when the text does."""
        said = choice.get("logprobs")
        entries = said.get("content") if isinstance(said, Mapping) else None
        end = self._n_came
        for entry in entries if isinstance(entries, list) else ():
            end += len(str(entry.get("token", ""))) if isinstance(entry, Mapping) else 0
            self._logprobs.append((end, entry))
        text = delta.get("content")
        self._n_came += len(text) if isinstance(text, str) else 0

    def _logprobs_of(self) -> dict[str, Any] | None:
        entries = []
        while self._logprobs and (self._logprobs[0][0] <= self._n_left or self._has_ended):
            entries.append(self._logprobs.popleft()[1])
        return {"content": entries, "refusal": None} if entries else None


def _texts_of(message: Mapping[str, Any]) -> Iterator[str]:
    for channel in _TEXTS:
        text = message.get(channel)
        if isinstance(text, str):
            yield text
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function") if isinstance(call, Mapping) else None
        if isinstance(function, Mapping) and isinstance(function.get("arguments"), str):
            yield function["arguments"]
