"""Two runs, sample by sample: the same case in the same words, the same epoch."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from demur.compare.caveat import find_caveats
from demur.compare.comparison import Change, Comparison, Flip, Profile
from demur.compare.measuring import Observation, measure_changes
from demur.compare.side import SIDES, Sample
from demur.run import RunRecord
from demur.scorecard.drills import gather
from demur.scorecard.rate import cluster_of, outcome_of
from demur.types import Case, Result

__all__ = ["compare"]


class _Pair(NamedTuple):
    before: Sample
    after: Sample

    @property
    def case(self) -> Case:
        return self.before[0].case


def compare(
    before: tuple[RunRecord, Sequence[Result]],
    after: tuple[RunRecord, Sequence[Result]],
    *,
    paths: tuple[str, str] = ("", ""),
    seed: int = 0,
) -> Comparison:
    """Compare two runs.

    Args:
        before: record and results of the earlier run, or of the one that is compared with.
        after: of the other.
        paths: where they are.
        seed: of the resamples behind the intervals.
    """
    asked = [_without_system(*run) for run in (before, after)]
    singles, n_unpaired = _pair(*map(_single_questions, asked))
    drills, n_drills_unpaired = _pair(*map(gather, asked))
    flips = list(_flips(singles))
    return Comparison(
        before=_profile(before[0], paths[0]),
        after=_profile(after[0], paths[1]),
        n_pairs=len(singles),
        n_unjudged=sum(None in (outcome_of(one[0]), outcome_of(other[0])) for one, other in singles),
        n_unpaired=n_unpaired,
        n_drill_pairs=len(drills),
        n_drills_unpaired=n_drills_unpaired,
        caveats=tuple(find_caveats(before[0], after[0])),
        changes=_measure([("", pair) for pair in singles], drills, seed=seed).get("", {}),
        by_category=_measure(
            sorted(((pair.case.category, pair) for pair in singles if pair.case.category), key=lambda named: named[0]),
            seed=seed,
        ),
        flips=tuple(sorted(flips, key=lambda flip: (flip.is_better is None, flip.is_better))),
    )


def _without_system(record: RunRecord, results: Sequence[Result]) -> list[Result]:
    """Take the run's own system prompt from its cases: asked under another, a case is the same case."""
    system = record.subject.system
    if system is None:
        return list(results)
    return [
        replace(one, case=replace(one.case, turns=one.case.turns[1:])) if one.case.system == system else one
        for one in results
    ]


def _single_questions(results: Iterable[Result]) -> list[Sample]:
    return [(result,) for result in results if result.case.is_single]


def _pair(before: Iterable[Sample], after: Iterable[Sample]) -> tuple[list[_Pair], int]:
    one, other = ({_key(sample[0]): sample for sample in samples} for samples in (before, after))
    pairs = [_Pair(sample, other[key]) for key, sample in one.items() if key in other]
    return pairs, len(one) + len(other) - 2 * len(pairs)


def _key(result: Result) -> Hashable:
    """Name a sample by what was asked: a case that was reworded under the same name is another."""
    case = result.case
    return case.suite, case.id, case.turns, case.expect, case.drill, result.epoch


def _measure(
    singles: Iterable[tuple[str, _Pair]], drills: Iterable[_Pair] = (), *, seed: int
) -> dict[str, dict[str, Change]]:
    """Measure every figure that some pair belongs to, by group and figure.

    Args:
        singles: pairs of single questions, each with the name of its group.
        drills: pairs of drills; they are of the group without a name.
        seed: of the resamples.
    """
    observed: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for is_drill, named in ((False, singles), (True, (("", pair) for pair in drills))):
        for group, pair in named:
            for figure, side in SIDES.items():
                if side.is_of_drills == is_drill and side.belongs(pair.before):
                    observed[group, figure].append(
                        Observation(side.counts(pair.before), side.counts(pair.after), cluster_of(pair.before[0]))
                    )
    table: dict[str, dict[str, Change]] = defaultdict(dict)
    found = measure_changes(observed, seed=seed)
    order = list(SIDES)
    for group, figure in sorted(found, key=lambda name: (name[0], order.index(name[1]))):
        table[group][figure] = found[group, figure]
    return dict(table)


def _flips(pairs: Iterable[_Pair]) -> Iterable[Flip]:
    for (one,), (other,) in pairs:
        before, after = outcome_of(one), outcome_of(other)
        if before is not None and after is not None and before != after:
            yield Flip(
                case=f"{one.case.suite}:{one.case.id}",
                epoch=one.epoch,
                expect=one.case.expect,
                category=one.case.category,
                prompt=one.prompt,
                before=before,
                after=after,
                reply_before=one.reply.text if one.reply else "",
                reply_after=other.reply.text if other.reply else "",
            )


def _profile(record: RunRecord, path: str) -> Profile:
    return Profile(
        path=path,
        subject=record.subject.model,
        system=record.subject.system,
        judge=f"{record.judge.name} {record.judge.version}",
        started=record.started,
    )
