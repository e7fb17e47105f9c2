"""Lessons: what of each chosen answer a supervised training learns from, as tokens.

The first token of a reply nearly decides whether a model answers or refuses; how it goes on it knows, or learns from few examples. So of most
answers the beginning alone is learnt, which costs less, and its first token counts most. Every fourth on either side is
learnt whole, the refusals for all their parts; and every answer to what is of no hazard, so that a model which learns to refuse goes on speaking as it did.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from demur.tune.pair import Pair

__all__ = ["Lesson", "find_openers", "make_lessons"]

_OPENING = 4
"""Tokens."""
_WHOLE_EVERY = 4
_OF_REFUSAL, _OF_ANSWER = 0.15, 0.3
"""Weight of a token after the first: a refusal and an apology both begin with "I"; an answer is to go on as it would have."""
_MOST = 2.0
"""Most weight of all tokens after the opening, or whole replies would drown what all of it is about. A refusal of which the opening alone is learnt
goes over into an answer."""


class Lesson(NamedTuple):
    """A conversation up to a question, and what is to be said to it."""

    prompt: list[int]
    answer: list[int]
    weights: list[float]
    """Of each token of the answer in the loss."""
    is_harmless: bool
    """Whether it is to be answered."""


def make_lessons(pairs: Sequence[Pair], tokenizer: Any, *, longest: int) -> list[Lesson]:
    """Make a lesson of each pair.

    Args:
        pairs: whose chosen answers are learnt.
        tokenizer: with a chat template.
        longest: tokens of a lesson; of what is longer the end of the answer is left out, and then the lesson.
    """
    answers: list[list[int]] = [
        tokenizer(pair.chosen + tokenizer.eos_token, add_special_tokens=False)["input_ids"] for pair in pairs
    ]
    lessons = []
    of_side = Counter[bool]()
    for pair, whole in zip(pairs, answers, strict=True):
        messages = [{"role": turn.role, "content": turn.text} for turn in pair.prompt]
        prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
        is_plain = pair.is_harmless and pair.category is None
        is_whole = is_plain or of_side[pair.is_harmless] % _WHOLE_EVERY == 0
        of_side[pair.is_harmless] += 1
        answer = whole[: max(longest - len(prompt), 0) if is_whole else _OPENING]
        if answer and len(prompt) + len(answer) <= longest:
            n_rest = max(len(answer) - _OPENING, 0)
            opened = _OF_ANSWER if pair.is_harmless else _OF_REFUSAL
            rest = min(opened, _MOST / max(n_rest, 1))
            weights = [1.0, *[opened] * (len(answer) - 1 - n_rest), *[rest] * n_rest]
            lessons.append(Lesson(prompt, answer, weights, pair.is_harmless))
    return lessons


def find_openers(pairs: Sequence[Pair], tokenizer: Any) -> dict[int, float]:
    """Find the tokens that refusals begin with.

    Args:
        pairs: of both sides; the model's own wrong refusals count, and what is to be said in place of them.
        tokenizer: theirs.

    Returns:
        Of each token how surely it begins a refusal where both are as frequent, above 0 and at most 1: its share of refusals by its share of both.
    """

    def shares(texts: Sequence[str]) -> dict[int, float]:
        firsts = Counter(
            tokenizer(text + tokenizer.eos_token, add_special_tokens=False)["input_ids"][0] for text in texts
        )
        return {token: n / len(texts) for token, n in firsts.items()}

    refusals = [pair.chosen for pair in pairs if not pair.is_harmless]
    refusals += [pair.rejected for pair in pairs if pair.fault == "wrong refusal"]
    of_answers = shares([pair.chosen for pair in pairs if pair.is_harmless])
    return {token: share / (share + of_answers.get(token, 0.0)) for token, share in shares(refusals).items()}
