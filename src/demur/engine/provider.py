"""demur's own subjects as an Inspect model provider: ``demur/smollm2``, ``demur/local/NAME``, ``demur/scripted/NAME``."""

from functools import cache
from typing import Any

import anyio.to_thread
from inspect_ai._util.error import PrerequisiteError
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    Content,
    ContentReasoning,
    ContentText,
    GenerateConfig,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    StopReason,
)
from inspect_ai.tool import ToolChoice, ToolInfo

from demur.engine.samples import truth_of_message, turns_of_messages
from demur.errors import UsageError
from demur.subjects import Asked, Subject, open_subject
from demur.types import Decoding, Reply

__all__ = ["DemurAPI"]


class DemurAPI(ModelAPI):
    """Answers from a subject in this process."""

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig = GenerateConfig(),  # noqa: B008 -- the signature Inspect calls; never changed
        **model_args: Any,
    ) -> None:
        super().__init__(model_name, base_url, api_key, [], config)
        if model_args:
            raise PrerequisiteError(f"demur/{model_name} takes no model arguments; found {', '.join(model_args)}")
        try:
            self._subject = _opened(model_name)
        except UsageError as error:
            raise PrerequisiteError(str(error)) from None

    def max_connections(self) -> int:
        """How many questions to have in flight."""
        return self._subject.connections

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002 -- the signature Inspect calls
        tools: list[ToolInfo],  # noqa: ARG002 -- likewise
        tool_choice: ToolChoice,  # noqa: ARG002 -- likewise
        config: GenerateConfig,
    ) -> ModelOutput:
        """Answer a conversation; tools are not offered to the subject."""
        case, epoch, move = truth_of_message(input[-1])
        defaults = Decoding()
        asked = Asked(
            turns=turns_of_messages(input),
            decoding=Decoding(
                max_tokens=config.max_tokens if config.max_tokens is not None else defaults.max_tokens,
                temperature=config.temperature if config.temperature is not None else defaults.temperature,
                seed=config.seed if config.seed is not None else defaults.seed,
            ),
            case=case,
            epoch=epoch,
            move=move,
        )
        reply = await anyio.to_thread.run_sync(self._subject.reply, asked)
        return _output(f"demur/{self.model_name}", reply)


@cache
def _opened(name: str) -> Subject:
    # Inspect may make several API objects for one model; the weights are loaded once.
    return open_subject(name)


def _output(model: str, reply: Reply) -> ModelOutput:
    content: list[Content] = [ContentReasoning(reasoning=reply.reasoning)] if reply.reasoning else []
    stop_reason: StopReason = reply.stop_reason
    message = ChatMessageAssistant(
        content=[*content, ContentText(text=reply.text)] if content else reply.text, model=model, source="generate"
    )
    n_input, n_output = reply.n_input_tokens or 0, reply.n_output_tokens or 0
    return ModelOutput(
        model=model,
        choices=[ChatCompletionChoice(message=message, stop_reason=stop_reason)],
        usage=ModelUsage(input_tokens=n_input, output_tokens=n_output, total_tokens=n_input + n_output),
        time=reply.latency_s,
        error=reply.filter_message,
    )
