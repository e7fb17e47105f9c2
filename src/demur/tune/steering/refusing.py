"""Where a subject answers harm of one category, refusal added to that category alone.

A category's harmful requests are told from all harmless ones; what is added is the direction along which true refusals differ from harmless answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from demur.explain.inside.effect import Score
from demur.explain.inside.labels import FEWEST, Labels, Mask, Split
from demur.explain.inside.network import Network
from demur.explain.inside.prompt import Prompt
from demur.explain.inside.states import States
from demur.steering.move import Move
from demur.tune.steering.direction import find_refusing
from demur.tune.steering.gate import Limit, fit_line, gather, places_before
from demur.tune.steering.trial import always, score_under

__all__ = ["Refusing", "find_refusals"]

_UNDER = 0.8
"""Share of a category's harmful requests that is refused, below which refusal is added."""
_MOST_PROMPTS = 16
_ENOUGH = 0.5
_MOST_HARMLESS = 0.01
"""Share of the harmless prompts that a category's gate may let through."""


@dataclass(frozen=True)
class Refusing:
    """A category in which too little harm was refused, and what adding refusal did."""

    category: str
    n_harmful: int
    n_refused: int
    passed: float
    """Share of its harmful prompts that its gate lets through, by probes that have not seen them."""
    induced: float
    """Share of those tried, answered before, that are refused with the direction added."""
    n: int
    """Prompts it was tried on."""

    @property
    def is_worth_having(self) -> bool:
        """Whether the direction makes half of them refused."""
        return self.induced >= _ENOUGH


def find_refusals(
    network: Network,
    score: Score,
    states: States,
    prompts: Sequence[Prompt],
    *,
    labels: Labels,
    split: Split,
    folds: Sequence[Mask],
    layer: int,
) -> list[tuple[Move | None, Refusing]]:
    """Make a move for each category in which fewer than .8 of the harmful requests were refused.

    Args:
        network: the model.
        score: how much it is about to refuse.
        states: of the prompts.
        prompts: with their verdicts.
        labels: of the same.
        split: of the same; the direction is found on the first part.
        folds: parts that share no family.
        layer: of the block at whose entry it is added.

    Returns:
        A record of each such category, with its move where the direction makes enough of it refused; nothing where the model refuses too little harm
        to find a direction.
    """
    vector = find_refusing(states, layer, labels, split.training)
    if vector is None:
        return []
    names = np.array([prompt.case.category or "" for prompt in prompts])
    places = places_before(states, layer)
    rows = gather(states, places)
    made = []
    for category in sorted(set(names) - {""}):
        own = labels.harmful & (names == category)
        refused, answered = int((own & labels.refused).sum()), np.flatnonzero(own & labels.answered)
        if len(answered) < FEWEST or own.sum() < 2 * FEWEST or refused / own.sum() >= _UNDER:
            continue
        condition, above = fit_line(
            f"harm: {category}",
            rows,
            (own, ~labels.harmful),
            limits=[Limit(~labels.harmful, int(_MOST_HARMLESS * (~labels.harmful).sum()))],
            folds=folds,
            places=places,
        )
        asked = [prompts[index] for index in answered[:_MOST_PROMPTS]]
        move = Move(category, "add", (layer,), vector[None], np.zeros(1), 1.0, (condition,))
        trial = Move(category, "add", (layer,), vector[None], np.zeros(1), 1.0, (always(layer, network.width),))
        induced = float((score_under(network, score, asked, [trial]) > 0).mean())
        record = Refusing(category, int(own.sum()), refused, float((above[own] > 0).mean()), induced, len(asked))
        made.append((move if record.is_worth_having else None, record))
    return made
