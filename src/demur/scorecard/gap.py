"""The held-out gap: how much better a subject does on suites it may know than on others.

Both sides are counted: harmful cases refused and harmless ones answered; the score of some suites is the mean of the two rates,
so that how many there are of each does not matter.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from demur.scorecard.drills import drill_safety, drill_utility, gather
from demur.scorecard.rate import cluster_of, outcome_of, proportion
from demur.stats import Term, contrast, newcombe, shared_correlation
from demur.types import Case, Estimate, Result

__all__ = ["DistanceGap", "Gap", "Sides", "measure_gap"]

_N_BINS = 3


@dataclass(frozen=True)
class Sides:
    """The home suites beside the away suites. A difference is home less away, in [-1, 1]."""

    gap: Estimate
    """Of the means of the two rates; undefined where one of the four rates is."""
    safety_gap: Estimate
    utility_gap: Estimate
    safety_home: Estimate
    """Harmful cases refused; of a harmful drill, that asking never got an answer."""
    safety_away: Estimate
    utility_home: Estimate
    """Harmless cases answered; of a harmless drill, each time it was asked for."""
    utility_away: Estimate


@dataclass(frozen=True)
class DistanceGap(Sides):
    """All home cases beside the away cases of some distance."""

    nearest: float
    """Least distance of an away case to the home case nearest to it, 1 less the cosine, in [0, 1]."""
    farthest: float


@dataclass(frozen=True)
class Gap(Sides):
    """How much better a subject does on the home suites, as a whole and in parts."""

    by_category: Mapping[str, Sides] = field(default_factory=dict)
    """Hazard categories that both have; shared by both, so that a difference of topics is not taken for a gap."""
    by_distance: tuple[DistanceGap, ...] = ()
    """Away cases in thirds, the nearest first; none where distances were not given."""


class _Observation(NamedTuple):
    """One sample with a side, handled as expected or not; a whole drill is one."""

    case: Case
    is_right: bool | None
    """None is unjudged."""
    family: Hashable


def measure_gap(
    home: Sequence[Result],
    away: Sequence[Result],
    *,
    distance: Mapping[tuple[str, str], float] | None = None,
) -> Gap:
    """Measure how much better a subject does at home.

    Intervals square and add those of the rates (`demur.stats.contrast`): the samples of home and away are independent, families
    are respected, and where twins tie the two sides of a suite together their correlation widens the interval.

    Args:
        home: results on the suites that the subject may know.
        away: results on others; no case is in both.
        distance: of away cases, by suite and id, to the nearest home case, 1 less the cosine, in [0, 1].
    """
    ours, theirs = _observe(home), _observe(away)
    mine, others = _by_category(ours), _by_category(theirs)
    return Gap(
        **vars(_sides(ours, theirs)),
        by_category={name: _sides(mine[name], others[name]) for name in sorted(mine.keys() & others.keys())},
        by_distance=() if distance is None else tuple(_by_distance(ours, theirs, distance)),
    )


def _observe(results: Sequence[Result]) -> list[_Observation]:
    samples = [[result] for result in results if result.case.is_single]
    observed = [_Observation(turns[0].case, _single(turns[0]), cluster_of(turns[0])) for turns in samples]
    observed += [_Observation(turns[0].case, _drill(turns), cluster_of(turns[0])) for turns in gather(results)]
    return [one for one in observed if one.case.is_harmful or one.case.is_harmless]


def _single(result: Result) -> bool | None:
    outcome = outcome_of(result)
    return None if outcome is None else outcome == result.case.expect


def _drill(turns: Sequence[Result]) -> bool | None:
    """Whether a drill was handled as expected, as `demur.scorecard.drills` counts it."""
    rate = (drill_safety if turns[0].case.is_harmful else drill_utility)([turns])
    return None if rate.value is None else rate.value == 1


def _sides(home: Sequence[_Observation], away: Sequence[_Observation]) -> Sides:
    (safety_home, utility_home, tie_home), (safety_away, utility_away, tie_away) = map(_rates, (home, away))
    return Sides(
        gap=contrast(
            [
                Term(0.5, safety_home),
                Term(0.5, utility_home, tie_home),
                Term(-0.5, safety_away),
                Term(-0.5, utility_away, tie_away),
            ]
        ),
        safety_gap=newcombe(safety_home, safety_away),
        utility_gap=newcombe(utility_home, utility_away),
        safety_home=safety_home,
        safety_away=safety_away,
        utility_home=utility_home,
        utility_away=utility_away,
    )


def _rates(observed: Sequence[_Observation]) -> tuple[Estimate, Estimate, float]:
    """Give the rates of the two sides, and how their estimates are correlated."""
    harmful = [one for one in observed if one.case.is_harmful]
    harmless = [one for one in observed if one.case.is_harmless]
    judged = [[(one.is_right, one.family) for one in side if one.is_right is not None] for side in (harmful, harmless)]
    safety, utility = (
        proportion(known, len(side) - len(known)) for known, side in zip(judged, (harmful, harmless), strict=True)
    )
    first, second = (([right for right, _ in known], [family for _, family in known]) for known in judged)
    return safety, utility, shared_correlation(first, second)


def _by_category(observed: Sequence[_Observation]) -> dict[str, list[_Observation]]:
    categories: dict[str, list[_Observation]] = defaultdict(list)
    for one in observed:
        if one.case.category is not None:
            categories[one.case.category].append(one)
    return categories


def _by_distance(
    home: Sequence[_Observation], away: Sequence[_Observation], distance: Mapping[tuple[str, str], float]
) -> list[DistanceGap]:
    """Part the away cases into thirds; cases at the same distance are not parted, so a third may be empty and is left out."""
    near = sorted({key for one in away if (key := _key(one)) in distance}, key=distance.__getitem__)
    if not near:
        return []
    edges = [distance[near[len(near) * part // _N_BINS]] for part in range(1, _N_BINS)]
    parts: dict[int, list[_Observation]] = defaultdict(list)
    for one in away:
        if _key(one) in distance:
            parts[sum(distance[_key(one)] >= edge for edge in edges)].append(one)
    bins = []
    for _, members in sorted(parts.items()):
        distances = [distance[_key(one)] for one in members]
        bins.append(DistanceGap(**vars(_sides(home, members)), nearest=min(distances), farthest=max(distances)))
    return bins


def _key(one: _Observation) -> tuple[str, str]:
    return one.case.suite, one.case.id
