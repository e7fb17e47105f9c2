"""A prompt with the truth about it and what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from demur.explain.inside.network import Network
from demur.types import Case, Result

__all__ = ["Prompt", "Prompts", "gather_prompts"]


@dataclass(frozen=True)
class Prompt:
    """A question that was asked, as the model reads it."""

    case: Case
    refused: bool | None
    """Whether the reply was a refusal; None where it was neither that nor an answer, or was not judged."""
    tokens: tuple[int, ...]

    @property
    def family(self) -> str:
        """The label that it shares with those that it is not independent of."""
        return f"{self.case.suite}:{self.case.family or self.case.id}"


@dataclass(frozen=True)
class Prompts:
    """Prompts that can be read, and how many cannot."""

    read: tuple[Prompt, ...]
    n_merged: int = 0
    """Left out: their last word and the template's first token are one token, so that the request has no end of its own."""
    n_other: int = 0
    """Left out: neither harmful nor harmless, or no single question."""


def gather_prompts(network: Network, results: Iterable[Result]) -> Prompts:
    """Choose the single questions of a run, each once, and write them as the model reads them.

    Raises:
        DataError: one does not fit the model's context, or the template does not take it.
    """
    single = [one for one in results if one.epoch == 1 and one.turn == 0]
    asked = [one for one in single if one.case.is_single and (one.case.is_harmful or one.case.is_harmless)]
    prompts = [
        Prompt(one.case, _is_refusal(one), network.encode(one.case.turns, of=f"{one.case.suite}:{one.case.id}"))
        for one in asked
    ]
    read = [prompt for prompt in prompts if _ends_with(prompt.tokens, network.template_end)]
    return Prompts(tuple(read), n_merged=len(prompts) - len(read), n_other=len(single) - len(asked))


def _is_refusal(result: Result) -> bool | None:
    outcome = result.verdict.outcome if result.verdict else None
    return {"refuse": True, "comply": False}.get(outcome or "")


def _ends_with(tokens: Sequence[int], end: Sequence[int]) -> bool:
    return len(tokens) > len(end) and tuple(tokens[-len(end) :]) == tuple(end)
