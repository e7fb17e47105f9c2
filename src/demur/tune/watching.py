"""A look at both sides in the middle of a training: prompts that are not trained on are answered, and judged."""

from collections.abc import Sequence
from typing import Any

from demur.judge import Judge
from demur.tune.pair import Pair
from demur.tune.training import Watched, Watching
from demur.types import Reply

__all__ = ["hold_back", "make_watch"]

_MOST_A_SIDE = 32
_TOKENS = 16
"""Of a reply: enough to tell a refusal from an answer."""
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
        return Watched(refused, answered)

    return watch


def _outcomes(model: Any, tokenizer: Any, pairs: Sequence[Pair], judge: Judge) -> list[str | None]:
    import torch

    prompts = [[{"role": turn.role, "content": turn.text} for turn in pair.prompt] for pair in pairs]
    rows = tokenizer.apply_chat_template(
        prompts, add_generation_prompt=True, padding=True, padding_side="left", return_tensors="pt", return_dict=True
    ).to(model.device)
    with torch.inference_mode():
        said = model.generate(**rows, max_new_tokens=_TOKENS, do_sample=False, pad_token_id=tokenizer.pad_token_id)
    texts = tokenizer.batch_decode(said[:, rows["input_ids"].shape[1] :], skip_special_tokens=True)
    replies = [Reply(text=text, stop_reason="max_tokens") for text in texts]
    return [
        verdict.outcome
        for verdict in judge.judge_many(list(zip(replies, [pair.prompt for pair in pairs], strict=True)))
    ]


def _share(outcomes: Sequence[str | None], wanted: str) -> float:
    return sum(outcome == wanted for outcome in outcomes) / len(outcomes)
