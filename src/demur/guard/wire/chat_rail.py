"""The output rail: what a model says, held until it is decided, in every channel of every choice.

Whole replies and streams go through the same hold-back, so that a verdict does not depend on how a reply was cut into chunks. Every
text of a message is a channel: content, refusal, reasoning, the arguments of tools, and what a server adds of its own.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from demur.guard.rules.holdback import HoldBack
from demur.guard.rules.patterns import Match

__all__ = ["ReplyRail", "StreamRail"]

_LABELS = frozenset({"role", "type", "id", "name", "index", "call_id", "signature"})
"""Keys whose values are no text of the model's."""
_HEAD = ("id", "object", "created", "model", "system_fingerprint", "service_tier", "provider", "usage", "timings")
"""What a chunk may have beside its choices; whatever else a server adds may hold what is held back."""

MakeHoldBack = Callable[[], HoldBack]
Found = Callable[[Match], str]
"""Is told of a block, and gives the text that takes the reply's place."""
Place = tuple[str | int, ...]
"""Keys, and numbers of items, that lead to a text in a message."""


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
        return {**_head_of(completion), "choices": checked}

    def _check_choice(self, choice: Any) -> Any:
        message = choice.get("message") if isinstance(choice, Mapping) else None
        for _, text in _texts_of(message, ()):
            held = self._make()
            held.feed(text)
            held.end()
            if held.blocked is not None:
                instead = self._found(held.blocked)
                return {
                    "index": choice.get("index", 0),
                    "message": {"role": "assistant", "content": instead, "refusal": None},
                    "finish_reason": "content_filter",
                    "logprobs": None,
                }
        return choice


class StreamRail:
    """Checks a reply chunk by chunk; of what is not decided nothing leaves.

    Args:
        make: makes the hold-back of a channel.
        found: as `Found`.
        n_choices: how many were asked for.
    """

    def __init__(self, make: MakeHoldBack, found: Found, n_choices: int = 1) -> None:
        self._make, self._found, self._n_choices = make, found, n_choices
        self._choices: dict[int, _Choice] = {}
        self._last: dict[str, Any] = {}

    @property
    def is_over(self) -> bool:
        """Whether every choice has been blocked."""
        return len(self._choices) >= self._n_choices and all(choice.is_blocked for choice in self._choices.values())

    def feed(self, chunk: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Give the chunks that may leave now."""
        head = _head_of(chunk)
        self._last = {key: value for key, value in head.items() if key != "usage"}
        choices = chunk.get("choices")
        came = [choice for choice in choices if isinstance(choice, Mapping)] if isinstance(choices, list) else []
        allowed = [new for choice in came for new in self._of(choice).feed(choice)]
        if allowed or not came or head.get("usage"):
            yield {**head, "choices": allowed}

    def end(self) -> Iterator[dict[str, Any]]:
        """Give what is still held of choices that never finished."""
        for choice in self._choices.values():
            rest = choice.finish()
            if rest is not None:
                yield {**self._last, "choices": [rest]}

    def _of(self, choice: Mapping[str, Any]) -> "_Choice":
        index = choice.get("index")
        number = index if isinstance(index, int) else 0
        if number not in self._choices:
            self._choices[number] = _Choice(number, self._make, self._found)
        return self._choices[number]


class _Choice:
    """One choice of a stream."""

    def __init__(self, index: int, make: MakeHoldBack, found: Found) -> None:
        self._index, self._make, self._found = index, make, found
        self._held: dict[Place, HoldBack] = {}
        self._logprobs: list[Any] = []
        """Of tokens some of whose text may be held: what was said of them has the text in it."""
        self._has_spoken = self._has_ended = False
        self.is_blocked = False

    def feed(self, choice: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Give what may leave of a choice in one chunk, as choices."""
        if self.is_blocked or self._has_ended:
            return
        logprobs = choice.get("logprobs")
        entries = logprobs.get("content") if isinstance(logprobs, Mapping) else None
        self._logprobs += entries if isinstance(entries, list) else []
        allowed = self._filter(choice.get("delta"))
        finish = choice.get("finish_reason") or None
        if finish is not None and not self.is_blocked:
            self._add_rest(allowed)
            self._has_ended = True
        if self.is_blocked:
            yield self._replaced(allowed)
        elif allowed or finish is not None:
            yield self._made(allowed, finish)

    def finish(self) -> dict[str, Any] | None:
        """Give what is still held, where the stream ended before the choice did; None if there is nothing."""
        if self.is_blocked or self._has_ended:
            return None
        self._has_ended = True
        allowed: dict[str, Any] = {}
        self._add_rest(allowed)
        if self.is_blocked:
            return self._replaced(allowed)
        return self._made(allowed, None) if allowed else None

    def _filter(self, delta: Any) -> dict[str, Any]:
        """Give what may leave of a delta: labels as they are, of each text what is decided."""
        allowed: dict[str, Any] = {}
        if not isinstance(delta, Mapping):
            return allowed
        allowed.update({key: value for key, value in delta.items() if key in _LABELS or value is None})
        calls = delta.get("tool_calls")
        if isinstance(calls, list):
            allowed["tool_calls"] = [
                _labels_of(call, number) for number, call in enumerate(calls) if isinstance(call, Mapping)
            ]
        for place, text in _texts_of(delta, ()):
            if place not in self._held:
                self._held[place] = self._make()
            self._add(allowed, place, self._held[place].feed(text), may_be_empty=text == "")
            self._see(self._held[place])
        return allowed

    def _add_rest(self, allowed: dict[str, Any]) -> None:
        for place, held in self._held.items():
            self._add(allowed, place, held.end())
            self._see(held)

    def _add(self, allowed: dict[str, Any], place: Place, text: str, *, may_be_empty: bool = False) -> None:
        if text or (may_be_empty and len(place) == 1):
            _put(allowed, place, text)
            self._has_spoken = self._has_spoken or bool(text and place == ("content",))

    def _see(self, held: HoldBack) -> None:
        if held.blocked is not None and not self.is_blocked:
            self.is_blocked = True
            self._instead = self._found(held.blocked)

    def _made(self, allowed: dict[str, Any], finish: str | None) -> dict[str, Any]:
        told: dict[str, Any] | None = None
        if self._logprobs and not any(held.held for held in self._held.values()):
            told, self._logprobs = {"content": self._logprobs, "refusal": None}, []
        return {"index": self._index, "delta": allowed, "finish_reason": finish, "logprobs": told}

    def _replaced(self, allowed: dict[str, Any]) -> dict[str, Any]:
        """Give the last of a blocked choice: what may still leave, and then the refusal."""
        gap = "\n\n" if self._has_spoken else ""
        delta = {**allowed, "content": f"{allowed.get('content') or ''}{gap}{self._instead}"}
        return {"index": self._index, "delta": delta, "finish_reason": "content_filter", "logprobs": None}


def _head_of(chunk: Mapping[str, Any]) -> dict[str, Any]:
    return {key: chunk[key] for key in _HEAD if key in chunk}


def _texts_of(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Give every text in a message or a delta, and its place; an item of a list is known by its index, if it says one."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in _LABELS:
                yield from _texts_of(inner, (*place, str(key)))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts_of(item, (*place, _number_of(item, number)))


def _number_of(item: Any, number: int) -> int:
    index = item.get("index") if isinstance(item, Mapping) else None
    return index if isinstance(index, int) else number


def _labels_of(call: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Give a tool call without its texts."""
    labels = {key: value for key, value in call.items() if key in _LABELS}
    for kind in ("function", "custom"):
        inner = call.get(kind)
        if isinstance(inner, Mapping):
            labels[kind] = {key: value for key, value in inner.items() if key in _LABELS}
    return {"index": _number_of(call, number), **labels}


def _put(allowed: dict[str, Any], place: Place, text: str) -> None:
    """Add a text at its place; items of a list are found by their index."""
    at: Any = allowed
    for step, following in zip(place, (*place[1:], None), strict=True):
        empty: Any = "" if following is None else [] if isinstance(following, int) else {}
        if isinstance(step, int):
            item = next((one for one in at if isinstance(one, dict) and one.get("index") == step), None)
            if item is None:
                item = {"index": step}
                at.append(item)
            at = item
        elif following is None:
            at[step] = (at.get(step) or "") + text
        else:
            at[step] = at.get(step) or empty
            at = at[step]
