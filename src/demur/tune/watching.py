"""A look at both sides in the middle of a training: prompts that are not trained on are answered, and judged."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from demur.judge import Judge
from demur.records import content_hash
from demur.subjects.generation import generate, write_prompt
from demur.tune.balance import count_sides
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
    """Part pairs into those to train on and those to look at: of either side enough, and none of a family that is trained on.

    Families with both sides are taken first, in which a model has to tell them apart; which of them is drawn by their names.
    """
    families: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        families[_family(pair)].append(pair)
    n_harmful, n_harmless = (min(_MOST_A_SIDE, int(_SHARE * n)) for n in count_sides(pairs))
    lacking = {False: n_harmful, True: n_harmless}
    held: dict[str, list[Pair]] = {}
    for family in sorted(families, key=lambda name: (not min(count_sides(families[name])), content_hash(name))):
        sides = Counter(pair.is_harmless for pair in families[family])
        if any(lacking[side] > 0 for side in sides):
            held[family] = families[family]
            lacking = {side: n - sides[side] for side, n in lacking.items()}
    kept = [pair for pair in pairs if _family(pair) not in held]
    return kept, [pair for family in held.values() for pair in family]


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
