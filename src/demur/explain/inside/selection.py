"""Choosing the refusal direction among candidates (Arditi et al. 2024, section 2.3 and appendix C), at a tenth of the cost.

There every difference in means, at each position and layer, is tried on the model. Here those are that tell refusals from answers best on
prompts they were not found on, which costs no pass: first on four prompts, then those that do best on all. A direction is chosen by what it does when it is added, never by what a model without it gives away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from demur.explain.inside.candidate import Place, unit
from demur.explain.inside.control import Control, draw_directions, read_control
from demur.explain.inside.effect import Score, divergence, score_with
from demur.explain.inside.network import Network
from demur.explain.inside.prompt import Prompt

__all__ = ["MOST_KL_NATS", "N_PRESCREENED", "Trial", "Tried", "choose", "control_kl", "look_first", "try_places"]

N_PRESCREENED = 24
"""Candidates that are tried on a few prompts."""
_N_TRIED = 4
"""Of these, candidates that are tried on all."""
_FEW = 4
MOST_KL_NATS = 0.1
"""By which what comes next may move on harmless prompts when a direction is taken out, even where directions of chance move it less."""
_N_RANDOM = 8
_RANDOM_PROMPTS = 8
_ROWS_AT_A_TIME = 12
"""Directions in one pass."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Trial:
    """What a candidate does."""

    position: int
    """From the end of the prompt: -1 is the token after which the reply begins."""
    layer: int
    norm: float
    """Length of the difference in means."""
    induced: float | None
    """Mean refusal score of harmless prompts with the difference added; above 0 they are refused. None where none was judged."""
    kl_nats: float | None
    """How far what comes next moves on harmless prompts with the direction taken out; None where it was not asked, as nothing was induced."""

    fault: str | None
    """Why it is no refusal direction; None if it can be."""


class Tried(NamedTuple):
    """A trial with its place and what was seen of each prompt."""

    place: Place
    trial: Trial
    scores: Floats
    """With the difference added, shape (prompts,)."""


def try_places(
    network: Network,
    score: Score,
    prompts: Sequence[Prompt],
    means: Floats,
    *,
    places: Iterable[Place],
    most_kl_nats: float,
) -> list[Tried]:
    """Try candidates on harmless prompts, several in one pass, and take only those out that induce refusals.

    Args:
        network: what is asked.
        score: how much it is about to refuse.
        prompts: harmless ones that it answers, held out.
        means: the differences, shape (positions, layers, width).
        places: of the candidates.
        most_kl_nats: by which what comes next may move when one is taken out.
    """
    places = list(places)
    tried: list[Tried] = []
    for start in range(0, len(places), _ROWS_AT_A_TIME):
        part = places[start : start + _ROWS_AT_A_TIME]
        vectors = np.stack([means[place] for place in part])
        scores = score_with(network, score, prompts, layers=[place.layer for place in part], vectors=vectors)
        induced = [_mean(row) for row in scores]
        able = [index for index, value in enumerate(induced) if value is not None and value >= 0]
        kl = divergence(network, prompts, unit(vectors[able]), apart_from=score.tokens).mean(axis=1) if able else []
        moved = dict(zip(able, (float(value) for value in kl), strict=True))
        for index, place in enumerate(part):
            trial = Trial(
                position=place.position - means.shape[0],
                layer=place.layer,
                norm=float(np.linalg.norm(vectors[index])),
                induced=induced[index],
                kl_nats=moved.get(index),
                fault=_find_fault(induced[index], moved.get(index), most_kl_nats),
            )
            tried.append(Tried(place, trial, scores[index]))
    return tried


def control_kl(network: Network, score: Score, prompts: Sequence[Prompt], *, rng: np.random.Generator) -> Control:
    """Measure how far what comes next moves on harmless prompts when a direction of chance is taken out: in a small model, not a little."""
    drawn = draw_directions(network.width, rng=rng, n=_N_RANDOM)
    moved = divergence(network, prompts[:_RANDOM_PROMPTS], drawn, apart_from=score.tokens)
    return read_control("random directions", moved.mean(axis=1).tolist())


def look_first(
    network: Network,
    score: Score,
    prompts: Sequence[Prompt],
    means: Floats,
    *,
    places: Iterable[Place],
    most_kl_nats: float,
) -> list[Place]:
    """Choose four candidates by four harmless prompts: what they do differs far more between places than between prompts.

    Those that could be refusal directions come first, and of these those that induce refusals most. Arguments as for `try_places`.
    """
    tried = try_places(network, score, prompts[:_FEW], means, places=places, most_kl_nats=most_kl_nats)
    ranked = sorted(tried, key=lambda one: (one.trial.fault is not None, -_induced(one)))
    return [one.place for one in ranked[:_N_TRIED]]


def _find_fault(induced: float | None, kl_nats: float | None, most_kl_nats: float) -> str | None:
    if induced is None or induced < 0:
        return "induce no refusals"
    if kl_nats is None or kl_nats > most_kl_nats:
        return "change what harmless prompts are answered"
    return None


def choose(tried: Sequence[Tried]) -> Tried | None:
    """Choose the candidate that induces refusals most, or an earlier one that is as good.

    As good is what is within a standard error of the best, on the same prompts. The earliest of these comes first, as it is nearest to where the
    direction is written; of one layer the one that induces more.

    Returns:
        None where no candidate is a refusal direction.
    """
    able = [one for one in tried if one.trial.fault is None]
    if not able:
        return None
    best = max(able, key=_induced)
    return min((one for one in able if _is_as_good(one, best)), key=lambda one: (one.place.layer, -_induced(one)))


def _is_as_good(one: Tried, best: Tried) -> bool:
    gap = best.scores - one.scores
    gap = gap[~np.isnan(gap)]
    return bool(gap.mean() <= gap.std(ddof=1) / np.sqrt(len(gap))) if len(gap) > 1 else one is best


def _induced(one: Tried) -> float:
    return one.trial.induced if one.trial.induced is not None else -np.inf


def _mean(scores: Floats) -> float | None:
    judged = scores[~np.isnan(scores)]
    return float(judged.mean()) if len(judged) else None
