"""Local subjects: a causal language model of a folder or of the hub, run by transformers inside this process.

Slower than a server, and good for models of a few billion parameters at most; what it is for are models in the making: those that `demur tune train`
trains, as they were and with the adapter on them.
"""

import math
import queue
import threading
import time
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import NamedTuple

from demur.errors import DataError, IncompleteError
from demur.subjects.adapter import WEIGHTS, check_adapter
from demur.subjects.generation import Generated, generate, write_prompt
from demur.subjects.subject import Asked
from demur.subjects.weights import find_device, hash_weights, load_weights, merge_adapter
from demur.types import Decoding, Reply

__all__ = ["LOCAL", "Local"]

LOCAL = "demur/local/"
"""What the names of local subjects begin with; a folder, or the name of a model of the hub, follows."""
_PARALLEL_REPLIES = 16
"""Replies generated at a time."""
_GATHER_S = 0.02
"""How long a batch that is not full waits for one more."""


class Local:
    """A local model behind the `Subject` protocol.

    Args:
        name: what its replies say they are from.
        path: a folder, or a name of the hub.
        adapter: folder of an adapter for it.
        treated: name of the subject that the adapter must have been made for; None of a candidate, which has no panel yet.

    Raises:
        MissingExtraError: torch or transformers is not installed.
        DataError: there is no such model, it was not trained to answer, or the adapter is not one that may be loaded.
    """

    connections = _PARALLEL_REPLIES

    def __init__(self, name: str, path: str, adapter: Path | None = None, *, treated: str | None = None) -> None:
        self.name = name
        self._model, self._tokenizer = load_weights(path)
        if adapter is not None:
            check_adapter(adapter, hash_base=partial(hash_weights, self._model), treated=treated, file=WEIGHTS)
            self._model = merge_adapter(self._model, adapter)
        self._model.to(find_device()).eval()
        self._context = getattr(self._model.config, "max_position_embeddings", None) or math.inf
        self._waiting: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True, name=name).start()

    def reply(self, asked: Asked) -> Reply:
        """Generate one reply, with whatever others are waited for.

        Raises:
            DataError: the conversation does not fit its context, or its chat template does not take it.
            IncompleteError: the model could not answer.
        """
        begun = time.perf_counter()
        prompt = self._write(asked)
        waiting = _Waiting(prompt, asked.decoding, Future())
        self._waiting.put(waiting)
        said = waiting.said.result()
        return Reply(
            text=said.text,
            stop_reason="max_tokens" if said.is_cut else "stop",
            latency_s=time.perf_counter() - begun,
            n_input_tokens=said.n_input_tokens,
            n_output_tokens=said.n_output_tokens,
        )

    def _write(self, asked: Asked) -> str:
        try:
            prompt = write_prompt(self._tokenizer, asked.turns)
        except Exception as error:  # noqa: BLE001 -- a template raises what its author likes
            raise DataError(f"{self.name}: its chat template does not take this conversation: {error}") from None
        n_tokens = len(self._tokenizer(prompt, add_special_tokens=False)["input_ids"])
        if n_tokens + asked.decoding.max_tokens > self._context:
            raise DataError(
                f"{self.name}: found a conversation of {n_tokens:,} tokens, to be answered in {asked.decoding.max_tokens:,}; "
                f"expected {self._context:,} at most in all"
            )
        return prompt

    def _work(self) -> None:
        while True:
            batch = self._gather()
            try:
                said = generate(
                    self._model, self._tokenizer, [one.prompt for one in batch], [one.decoding for one in batch]
                )
            except Exception as error:  # noqa: BLE001 -- whatever it is, those who wait are told, and the next are served
                reason = str(error).strip().partition("\n")[0] or type(error).__name__
                for one in batch:
                    one.said.set_exception(IncompleteError(f"{self.name} could not answer: {reason}"))
                continue
            for one, reply in zip(batch, said, strict=True):
                one.said.set_result(reply)

    def _gather(self) -> list["_Waiting"]:
        """Wait for a question, and take with it what else comes at about the same time."""
        batch = [self._waiting.get()]
        while len(batch) < _PARALLEL_REPLIES:
            try:
                batch.append(self._waiting.get(timeout=_GATHER_S))
            except queue.Empty:
                break
        return batch


class _Waiting(NamedTuple):
    """A question, and where its answer is waited for."""

    prompt: str
    decoding: Decoding
    said: "Future[Generated]"
