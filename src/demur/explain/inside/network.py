"""A model opened up: its blocks, the tokens it reads, and what it says first."""

import inspect
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from demur.errors import DataError, UsageError
from demur.explain.inside.positions import find_template_end
from demur.records import content_hash
from demur.steering.blocks import find_blocks
from demur.subjects.generation import write_prompt
from demur.subjects.weights import find_device, hash_template
from demur.types import Turn

__all__ = ["Network", "batches"]

_TOKENS_A_BATCH = 2048


class Network:
    """A causal language model that is read.

    Args:
        model: a `transformers.PreTrainedModel`.
        tokenizer: its own.
        sha256: of the weights, or whatever else tells the model from others.

    Raises:
        UsageError: the tokenizer has no chat template or belongs to another model, or the model has no blocks that can be found.
    """

    def __init__(self, model: Any, tokenizer: Any, *, sha256: str) -> None:
        n_known = model.get_input_embeddings().num_embeddings
        if len(tokenizer) > n_known:
            raise UsageError(
                f"the tokenizer has {len(tokenizer):,} tokens and the model knows {n_known:,}; expected a model with its own tokenizer"
            )
        self.model = model.to(find_device()).eval()
        self.tokenizer = tokenizer
        self.blocks = find_blocks(model)
        self.template_end = find_template_end(tokenizer)
        """The tokens between a request and its reply."""
        self.n_rows = 0
        """Prompts that were passed through the model so far, each time counted."""
        self.key = content_hash([sha256, hash_template(tokenizer)])
        """Of the weights, the template and the vocabulary: what was read of one network says nothing of another."""
        self._takes_last = "logits_to_keep" in inspect.signature(model.forward).parameters
        self._takes_places = "position_ids" in inspect.signature(model.forward).parameters

    @property
    def n_layers(self) -> int:
        """How many blocks there are."""
        return len(self.blocks)

    @property
    def width(self) -> int:
        """Numbers of a state."""
        return int(self.model.config.get_text_config().hidden_size)

    @property
    def device(self) -> Any:
        """Where it runs."""
        return self.model.device

    def encode(self, turns: Sequence[Turn], *, of: str) -> tuple[int, ...]:
        """Write a conversation as tokens, up to where the reply begins.

        Args:
            turns: the last is the user's.
            of: what a message calls it.

        Raises:
            DataError: it does not fit the model's context, or the template does not take it.
        """
        try:
            text = write_prompt(self.tokenizer, turns)
        except Exception as error:  # noqa: BLE001 -- a template raises what its author likes
            raise DataError(f"{of}: the chat template does not take this conversation: {error}") from None
        tokens = tuple(self.tokenizer(text, add_special_tokens=False)["input_ids"])
        context = getattr(self.model.config.get_text_config(), "max_position_embeddings", None)
        if context is not None and len(tokens) >= context:
            raise DataError(
                f"{of}: found a prompt of {len(tokens):,} tokens; expected fewer than {context:,}, the model's context; try without it"
            )
        return tokens

    def last_log_probs(self, prompts: Sequence[Sequence[int]]) -> Any:
        """Give the logarithms of the probabilities of what comes next, shape (rows, vocabulary), in 32 bits."""
        import torch

        rows, mask = self._pad(prompts)
        self.n_rows += len(prompts)
        arguments: dict[str, Any] = {"use_cache": False}
        if self._takes_last:
            arguments["logits_to_keep"] = 1
        if self._takes_places:
            # Of models with learnt positions those of padding must not count.
            arguments["position_ids"] = (mask.cumsum(1) - 1).clamp(min=0)
        with torch.inference_mode():
            said = self.model(input_ids=rows, attention_mask=mask, **arguments).logits[:, -1]
        return said.float().log_softmax(-1)

    def mask(self, prompts: Sequence[Sequence[int]]) -> Any:
        """Give 1 for every token and 0 for padding, as `last_log_probs` pads: shape (rows, tokens)."""
        return self._pad(prompts)[1]

    def _pad(self, prompts: Sequence[Sequence[int]]) -> tuple[Any, Any]:
        """Pad on the left, whatever the tokenizer does, so that all rows end together."""
        import torch

        length = max(map(len, prompts))
        padding = self.tokenizer.pad_token_id or 0
        rows = [[padding] * (length - len(prompt)) + list(prompt) for prompt in prompts]
        mask = [[0] * (length - len(prompt)) + [1] * len(prompt) for prompt in prompts]
        return torch.tensor(rows, device=self.device), torch.tensor(mask, device=self.device)


def batches(lengths: Iterable[int], *, rows_each: int = 1) -> Iterator[list[int]]:
    """Put rows of like length together, so that little is padded.

    Args:
        lengths: tokens of each row.
        rows_each: how often each row is to be there.

    Yields:
        Indices of rows, the longest first; of as many as are `_TOKENS_A_BATCH` tokens, and one at least.
    """
    lengths = list(lengths)
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda one: -lengths[one]):
        if batch and lengths[batch[0]] * rows_each * (len(batch) + 1) > _TOKENS_A_BATCH:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
