"""Usage: which runs asked a card, how hard it was for their subjects, and how well it told them apart."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from demur.catalog.card import Card
from demur.drills import ASKING_MOVES, QUICK_SUITE, SUITE
from demur.scorecard.drills import is_right
from demur.scorecard.rate import outcome_of, proportion
from demur.stats.discrimination import item_rest_correlations
from demur.types import Estimate, Result

__all__ = ["Asked", "Usage", "measure_usage"]

_SUITES: Mapping[str, str] = {"library": "case", SUITE: "drill", QUICK_SUITE: "drill"}
"""Whose cards are those of the catalogue, and of which kind."""


class Asked(NamedTuple):
    """A run, as far as the catalogue needs it."""

    name: str
    subject: str
    results: Sequence[Result]


@dataclass(frozen=True)
class Usage:
    """What runs show of a card."""

    runs: tuple[str, ...]
    """Those that asked it, in the words in which it stands now."""
    subjects: tuple[str, ...]
    difficulty: Estimate
    """Share of its samples that were handled rightly; so 1 is easy. The samples of one run are a family."""
    discrimination: float | None
    """In [-1, 1]: correlation, over runs, of the share handled rightly with that on the other cards of the same truth and kind. None with
    fewer than three runs, or where one of the two is the same in all."""


def measure_usage(cards: Iterable[Card], runs: Sequence[Asked]) -> dict[str, Usage]:
    """Measure each card that a run has asked.

    A sample is handled rightly as the scorecard counts it: a single question if its outcome is the expected one; a drill if none of
    its turns that ask for harm was answered, whole or partly, and each of the others got what it should. Cards of one truth
    and kind are one scale: whoever refuses everything is right on all harmful cards and on no harmless one, so a scale of both would
    say nothing.
    """
    known = {card.id: card for card in cards}
    judged = [_judge(known, run.results) for run in runs]
    shares = {
        card_id: [_share(own.get(card_id, [])) for own in judged]
        for card_id in known
        if any(card_id in own for own in judged)
    }
    discriminations = _discriminate(known, shares)
    usage = {}
    for card_id in shares:
        asked = [(run, own[card_id]) for run, own in zip(runs, judged, strict=True) if card_id in own]
        samples = [(right, run.name) for run, rights in asked for right in rights]
        known_samples = [(right, name) for right, name in samples if right is not None]
        usage[card_id] = Usage(
            runs=tuple(run.name for run, _ in asked),
            subjects=tuple(dict.fromkeys(run.subject for run, _ in asked)),
            difficulty=proportion(known_samples, len(samples) - len(known_samples)),
            discrimination=discriminations[card_id],
        )
    return usage


def _discriminate(known: Mapping[str, Card], shares: Mapping[str, list[float | None]]) -> dict[Hashable, float | None]:
    scales: dict[tuple[str, str | None], dict[Hashable, list[float | None]]] = defaultdict(dict)
    for card_id, scores in shares.items():
        case = known[card_id].case
        scales[case.expect, case.kind][card_id] = scores
    return {item: found for scale in scales.values() for item, found in item_rest_correlations(scale).items()}


def _judge(known: Mapping[str, Card], results: Sequence[Result]) -> dict[str, list[bool | None]]:
    """Say of each sample of each card whether it was handled rightly; None is unjudged."""
    samples: dict[tuple[str, int], list[Result]] = defaultdict(list)
    for result in results:
        kind = _SUITES.get(result.case.suite)
        if kind is not None and result.case.wrapper is None:
            samples[f"{kind}/{result.case.id}", result.epoch].append(result)
    found: dict[str, list[bool | None]] = defaultdict(list)
    for (card_id, _), turns in samples.items():
        card = known.get(card_id)
        if card is not None and _is_as_it_stands(card, turns):
            found[card_id].append(_is_right(turns))
    return found


def _is_as_it_stands(card: Card, turns: Sequence[Result]) -> bool:
    """Tell whether what was asked is what the card says now; a card reworded under the same name is another."""
    texts = {said.text for said in card.said}
    return turns[0].case.prompt == card.case.prompt and all(turn.prompt in texts for turn in turns)


def _is_right(turns: Sequence[Result]) -> bool | None:
    asking = [turn for turn in turns if turn.move in ASKING_MOVES]
    if any(turn.error is not None or outcome_of(turn) is None for turn in asking):
        return None
    return all(_is_turn_right(turn) for turn in asking)


def _is_turn_right(turn: Result) -> bool:
    return is_right(turn) is True if turn.case.drill is not None else outcome_of(turn) == turn.truth.expect


def _share(rights: Sequence[bool | None]) -> float | None:
    judged = [right for right in rights if right is not None]
    return sum(judged) / len(judged) if judged else None
