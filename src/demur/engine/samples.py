"""Our records as Inspect's, and back: cases as samples, turns as messages, model outputs as replies."""

from collections.abc import Sequence
from typing import Any

from inspect_ai.dataset import Sample
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    ContentReasoning,
    ContentText,
    ModelOutput,
)

from demur.errors import IncompleteError
from demur.records import from_plain, to_plain
from demur.types import Case, Reply, Result, StopReason, Turn

__all__ = [
    "case_of_metadata",
    "messages_of_turns",
    "reply_of_output",
    "sample_of_case",
    "truth_of_message",
    "turns_of_messages",
]

_CASE = "demur_case"
_EPOCH = "demur_epoch"
_MOVE = "demur_move"
_STOP_REASONS: dict[str, StopReason] = {
    "stop": "stop",
    "max_tokens": "max_tokens",
    "model_length": "max_tokens",
    "content_filter": "content_filter",
}


def sample_of_case(case: Case, *, epoch: int | None = None) -> Sample:
    """Make the sample that asks a case, for the given time; without it, Inspect counts the epochs."""
    suffix = "" if epoch is None else f"@{epoch}"
    return Sample(
        id=f"{case.suite}:{case.id}{suffix}",
        input=list(messages_of_turns(case.turns)),
        target=case.expect,
        metadata={_CASE: to_plain(case), **({} if epoch is None else {_EPOCH: epoch})},
    )


def case_of_metadata(metadata: dict[str, Any], epoch: int) -> tuple[Case, int]:
    """Read the case back from a sample's metadata, and which time it is asked; ``epoch`` is Inspect's count."""
    return from_plain(Case, metadata[_CASE], "sample"), metadata.get(_EPOCH, epoch)


def messages_of_turns(turns: Sequence[Turn], *, asked: Result | None = None) -> tuple[ChatMessage, ...]:
    """Turn a conversation into messages; the user's carry the truth about what is asked, which no remote model is sent."""
    metadata = None
    if asked is not None:
        metadata = {_CASE: to_plain(asked.truth), _EPOCH: asked.epoch, _MOVE: asked.move}
    made: list[ChatMessage] = []
    for turn in turns:
        match turn.role:
            case "system":
                made.append(ChatMessageSystem(content=turn.text))
            case "user":
                made.append(ChatMessageUser(content=turn.text, metadata=metadata))
            case "assistant":
                made.append(ChatMessageAssistant(content=turn.text))
    return tuple(made)


def truth_of_message(message: ChatMessage) -> tuple[Case | None, int, str]:
    """Read the truth that a user's message carries, if it does, which time the case is asked, and by which move."""
    metadata = message.metadata or {}
    if _CASE not in metadata:
        return None, 1, "ask"
    return from_plain(Case, metadata[_CASE], "message"), metadata[_EPOCH], metadata[_MOVE]


def turns_of_messages(messages: Sequence[ChatMessage]) -> tuple[Turn, ...]:
    """Read the text of a conversation; the results of tools are passed over."""
    return tuple(Turn(message.role, message.text) for message in messages if message.role != "tool")


def reply_of_output(output: ModelOutput) -> Reply:
    """Read a reply, with what the model said apart from what it thought and from what a filter said for it.

    Raises:
        IncompleteError: the output is the provider's word that the conversation does not fit the model.
    """
    usage = output.usage
    said, thought = _split_content(output)
    details = output.choices[0].stop_details if output.choices else None
    filter_message = output.error
    if output.stop_reason == "content_filter":
        explanation = details.explanation if details else None
        filter_message = filter_message or explanation
        # Where a provider answers a blocked request with an error, Inspect puts the error's text in the model's place.
        if said == explanation:
            said = ""
    if output.stop_reason == "model_length" and not (usage and usage.output_tokens):
        raise IncompleteError(f"the conversation does not fit the model: {said}")
    return Reply(
        text=said,
        stop_reason=_STOP_REASONS.get(output.stop_reason, "unknown"),
        reasoning=thought,
        filter_message=filter_message,
        latency_s=output.time,
        n_input_tokens=usage.input_tokens if usage else None,
        n_output_tokens=usage.output_tokens if usage else None,
    )


def _split_content(output: ModelOutput) -> tuple[str, str | None]:
    if not output.choices:
        return "", None
    content = output.choices[0].message.content
    if isinstance(content, str):
        return content, None
    said = "\n".join(part.text for part in content if isinstance(part, ContentText))
    # What a provider keeps to itself comes as an opaque signature, and for people there is a summary.
    thoughts = [
        part.summary if part.redacted else part.reasoning for part in content if isinstance(part, ContentReasoning)
    ]
    return said, "\n".join(thought for thought in thoughts if thought) or None
