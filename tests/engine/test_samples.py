"""What Inspect hands over becomes a reply, with every voice in its place."""

from dataclasses import replace

import pytest
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessageAssistant,
    ContentReasoning,
    ContentText,
    ModelOutput,
    ModelUsage,
    StopDetails,
)

from demur.engine.samples import messages_of_turns, reply_of_output, truth_of_message, turns_of_messages
from demur.errors import IncompleteError
from demur.types import Case, Result, Turn

USAGE = ModelUsage(input_tokens=3, output_tokens=4, total_tokens=7)


def output(content, stop_reason="stop", *, usage=USAGE, details=None, error=None):
    """Make what a provider gives."""
    choice = ChatCompletionChoice(
        message=ChatMessageAssistant(content=content), stop_reason=stop_reason, stop_details=details
    )
    return ModelOutput(model="m", choices=[choice], usage=usage, error=error)


def test_reasoning_is_no_part_of_the_text():
    """Thought and word are kept apart."""
    reply = reply_of_output(output([ContentReasoning(reasoning="I must refuse."), ContentText(text="No.")]))
    assert (reply.text, reply.reasoning) == ("No.", "I must refuse.")


def test_of_redacted_reasoning_the_summary_is_read():
    """What a provider encrypts is no text; its summary is."""
    redacted = ContentReasoning(reasoning="EqQBCkYIBxgCKkA==", summary="I weighed it.", redacted=True)
    assert reply_of_output(output([redacted, ContentText(text="No.")])).reasoning == "I weighed it."
    bare = ContentReasoning(reasoning="EqQBCkYIBxgCKkA==", redacted=True)
    assert reply_of_output(output([bare, ContentText(text="No.")])).reasoning is None


def test_the_filters_words_are_not_the_models():
    """Where the text is the filter's own explanation the model has said nothing."""
    blocked = output("Blocked.", "content_filter", details=StopDetails(explanation="Blocked."))
    reply = reply_of_output(blocked)
    assert (reply.text, reply.filter_message, reply.stop_reason) == ("", "Blocked.", "content_filter")
    cut = reply_of_output(output("First you take", "content_filter"))
    assert (cut.text, cut.filter_message) == ("First you take", None)


def test_a_conversation_that_does_not_fit_is_no_reply():
    """A context error in the model's place is an error; a reply that ran into the limit is a reply."""
    with pytest.raises(IncompleteError, match="does not fit"):
        reply_of_output(output("maximum context length is 10", "model_length", usage=None))
    assert reply_of_output(output("It went on", "model_length")).stop_reason == "max_tokens"


def test_a_conversation_survives_the_way_there_and_back():
    """Turns become messages and turns again, and the user's carry the case, with the truth about this turn, and the move."""
    turns = (Turn("system", "Be kind."), Turn("user", "Hi"), Turn("assistant", "Hello"), Turn("user", "How?"))
    case = Case("a", turns, "comply")
    asked = Result(case, 2, 1, 2, "rephrase", "How?", expect="refuse")
    messages = messages_of_turns(turns, asked=asked)
    assert turns_of_messages(messages) == turns
    assert truth_of_message(messages[-1]) == (replace(case, expect="refuse", kind="safety"), 2, "rephrase")
    assert truth_of_message(messages[0]) == (None, 1, "ask")
