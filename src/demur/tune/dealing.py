"""The order in which lessons are learnt from."""

from collections.abc import Sequence

import numpy as np

from demur.tune.lessons import Lesson

__all__ = ["deal"]


def deal(lessons: Sequence[Lesson], *, batch: int, epochs: int, seed: int) -> list[Lesson]:
    """Put lessons into the order in which they are learnt from, each once in every epoch.

    Both sides are spread evenly, so that each batch has as much of either as the whole: after batches of one side a model leans to it.
    Grouping lessons by length over a whole training, as is usual, makes such batches, since refusals are longer. Within a batch the short stand
    before the long, so that those that go through the model together need little padding.

    Args:
        lessons: of both sides or one.
        batch: lessons between two steps.
        epochs: how often each is learnt from.
        seed: of the draw.
    """
    generator = np.random.default_rng(seed)
    sides = [[one for one in lessons if one.is_harmless == is_harmless] for is_harmless in (True, False)]
    order: list[Lesson] = []
    for _ in range(epochs):
        placed = [
            ((place + generator.random()) / len(side), side[number])
            for side in sides
            for place, number in enumerate(generator.permutation(len(side)))
        ]
        order += [one for _, one in sorted(placed, key=lambda pair: pair[0])]
    batches = [order[first : first + batch] for first in range(0, len(order), batch)]
    return [one for each in batches for one in sorted(each, key=lambda lesson: len(lesson.prompt) + len(lesson.answer))]
