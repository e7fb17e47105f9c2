"""Local subjects: a causal language model of a folder or of the hub, run by transformers inside this process.

Slower than a server, and good for models of a few billion parameters at most; what it is for are models in the making: those that `demur tune train`
trains, as they were and with the adapter on them, and those that are steered, the bundled one among them.
"""

import math
import queue
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from typing import NamedTuple

from demur.errors import DataError, IncompleteError
from demur.steering.bundle import Bundle
from demur.subjects.adapter import is_steering
from demur.subjects.generation import Generated, generate, write_prompt
from demur.subjects.steering import load_steering
from demur.subjects.subject import Asked
from demur.subjects.weights import Weights, find_device
from demur.subjects.whitebox import load_adapted, load_subject
from demur.types import Decoding, Reply

__all__ = ["Local", "open_local"]

_PARALLEL_REPLIES = 16
"""Replies generated at a time."""
_GATHER_S = 0.02
"""How long a batch that is not full waits for one more..."""
_AGAIN_S = 0.25
"""... and how long where the last one was of several: whoever asked those takes a moment to read the replies before the next questions come."""


def open_local(name: str, model: str, folder: Path | None = None, *, treated: str | None = None) -> "Local":
    """Load a model, with a treatment of it if there is one.

    Args:
        name: what its replies say they are from.
        model: the subject as it is without the treatment: ``demur/local/NAME``, or one on the bundled weights.
        folder: of an adapter or a steering for it. An adapter stands in the place of the subject's own, which it contains; a steering is beside it.
        treated: name of the subject that the treatment must have been made for; None of a candidate, which has no panel yet.

    Raises:
        MissingExtraError: torch, transformers or the bundled weights are not installed.
        DataError: there is no such model, it was not trained to answer, or the treatment is not one that may be loaded.
    """
    if folder is None:
        return Local(name, load_subject(model))
    if is_steering(folder, is_candidate=treated is None):
        weights = load_subject(model)
        return Local(name, weights, load_steering(folder, model, weights, treated=treated))
    return Local(name, load_adapted(model, folder, treated=treated))


class Local:
    """A local model behind the `Subject` protocol.

    Args:
        name: what its replies say they are from.
        weights: its weights and tokenizer.
        bundle: what it is steered by.
    """

    connections = _PARALLEL_REPLIES

    def __init__(self, name: str, weights: Weights, bundle: Bundle | None = None) -> None:
        self.name = name
        self._model, self._tokenizer = weights
        self._bundle = bundle
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
        batch: list[_Waiting] = []
        while True:
            batch = self._gather(len(batch))
            try:
                said = generate(
                    self._model,
                    self._tokenizer,
                    [one.prompt for one in batch],
                    [one.decoding for one in batch],
                    moves=self._bundle.moves if self._bundle else (),
                    acts_in_code=self._bundle is not None and self._bundle.acts_in_code,
                )
            except Exception as error:  # noqa: BLE001 -- whatever it is, those who wait are told, and the next are served
                reason = str(error).strip().partition("\n")[0] or type(error).__name__
                for one in batch:
                    one.said.set_exception(IncompleteError(f"{self.name} could not answer: {reason}"))
                continue
            for one, reply in zip(batch, said, strict=True):
                one.said.set_result(reply)

    def _gather(self, n_before: int) -> list["_Waiting"]:
        """Wait for a question, and take with it what else comes at about the same time.

        Args:
            n_before: questions of the batch before.
        """
        batch = [self._waiting.get()]
        while len(batch) < _PARALLEL_REPLIES:
            try:
                batch.append(self._waiting.get(timeout=_AGAIN_S if n_before > 1 else _GATHER_S))
            except queue.Empty:
                break
        return batch


class _Waiting(NamedTuple):
    """A question, and where its answer is waited for."""

    prompt: str
    decoding: Decoding
    said: "Future[Generated]"
