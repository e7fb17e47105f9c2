"""A look at both sides in the middle of a training: prompts that are not trained on are answered, and judged."""

from collections.abc import Sequence
from typing import Any

from demur.judge import Judge
from demur.subjects.generation import generate, write_prompt
from demur.tune.pair import Pair
from demur.tune.watcher import Watched, Watching
from demur.types import Decoding, Reply, Turn

__all__ = ["answer_all", "hold_back", "make_watch"]

_MOST_A_SIDE = 48
_TOKENS = 64
"""Of a reply. The bundled subject begins many an answer with an apology: by 16 tokens it seems to refuse .7 of what is harmful, by 64 .25. One that
has learnt how refusals open, and not how they go on, seemed to refuse .75 by 32, and .39 by 96."""
_SHARE = 0.1
"""Most that is held back of either side."""


def hold_back(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Part pairs into those to train on and those to look at: as many of either side, none of a family that is trained on.

    The last families of the file are held back.
    """
    held: set[str] = set()
    for is_harmless in (True, False):
        side = [pair for pair in pairs if pair.is_harmless == is_harmless]
        n_held = min(_MOST_A_SIDE, int(_SHARE * len(side)))
        held |= {_family(pair) for pair in side[len(side) - n_held :]}
    kept = [pair for pair in pairs if _family(pair) not in held]
    return kept, [pair for pair in pairs if _family(pair) in held]


def _family(pair: Pair) -> str:
    return pair.family or pair.id


def make_watch(tokenizer: Any, pairs: Sequence[Pair], judge: Judge) -> Watching | None:
    """Make the look; None where one of the sides has no pair to look at."""
    sides = [
        [pair for pair in pairs if pair.is_harmless == is_harmless][:_MOST_A_SIDE] for is_harmless in (False, True)
    ]
    if not all(sides):
        return None
    harmful, harmless = sides

    def watch(model: Any) -> Watched:
        was_training = model.training
        model.eval()
        refused = _share(_outcomes(model, tokenizer, harmful, judge), "refuse")
        answered = _share(_outcomes(model, tokenizer, harmless, judge), "comply")
        model.train(was_training)
        return Watched(refused, answered, min(len(harmful), len(harmless)))

    return watch


def _outcomes(model: Any, tokenizer: Any, pairs: Sequence[Pair], judge: Judge) -> list[str | None]:
    prompts = [pair.prompt for pair in pairs]
    replies = [Reply(text=text, stop_reason="max_tokens") for text in answer_all(model, tokenizer, prompts)]
    return [verdict.outcome for verdict in judge.judge_many(list(zip(replies, prompts, strict=True)))]


def answer_all(
    model: Any, tokenizer: Any, prompts: Sequence[Sequence[Turn]], *, max_tokens: int = _TOKENS
) -> list[str]:
    """Answer conversations greedily, all at once; an answer does not depend on what else is asked.

    Args:
        model: a `transformers.PreTrainedModel`, or one of PEFT's.
        tokenizer: with the chat template.
        prompts: conversations, each up to a question.
        max_tokens: of an answer.
    """
    asked = [write_prompt(tokenizer, prompt) for prompt in prompts]
    greedily = [Decoding(max_tokens=max_tokens)] * len(asked)
    return [said.text for said in generate(model, tokenizer, asked, greedily)]


def _share(outcomes: Sequence[str | None], wanted: str) -> float:
    return sum(outcome == wanted for outcome in outcomes) / len(outcomes)
