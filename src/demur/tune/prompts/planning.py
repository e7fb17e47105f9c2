"""What is to be asked to tune on a run: its cases split, what became of them, and how the budget is spent."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

import numpy as np

from demur.errors import UsageError
from demur.run import RunRecord
from demur.tune.prompts.halving import FEWEST_A_SIDE, Budget, Round, plan_budget, plan_rounds
from demur.tune.prompts.scoring import Answers, read_answers
from demur.tune.prompts.splitting import Split, count_sides, split_cases
from demur.types import Case, Result

__all__ = ["TuningPlan", "plan_tuning"]


class TuningPlan(NamedTuple):
    """What is to be asked."""

    split: Split
    before: Answers
    """Of the run: what became of every single question, the first time it was asked."""
    budget: Budget
    rounds: tuple[Round, ...]

    @property
    def faults(self) -> tuple[Case, ...]:
        """Cases to tune on that were answered wrongly."""
        return tuple(
            case for case in chain.from_iterable(self.split.tuning) if self.before[case.suite, case.id] is False
        )


def plan_tuning(
    record: RunRecord,
    cases: Sequence[Case],
    results: Sequence[Result],
    *,
    budget: int,
    path: str,
    rng: np.random.Generator,
) -> TuningPlan:
    """Plan the search for a prompt.

    Args:
        record: of a run, complete.
        cases: of the run.
        results: of the run.
        budget: most replies to ask for.
        path: of the run, for messages.
        rng: decides which cases are tuned on.

    Raises:
        UsageError: the run has too few cases of either side, or no fault, or the budget is too small.
    """
    split = split_cases([_without_system(case, record.subject.system) for case in cases], rng=rng)
    n_each = count_sides(split.held_out)
    if min(n_each) < FEWEST_A_SIDE:
        raise UsageError(
            f"{path}: too small: half of it, held out, has {n_each.harmful} harmful and {n_each.harmless} harmless single questions; "
            f"expected {FEWEST_A_SIDE} of either; check more, without --limit or with another --suite"
        )
    before = read_answers([result for result in results if result.epoch == 1])
    asked = [before[case.suite, case.id] for case in chain.from_iterable((*split.tuning, *split.held_out))]
    if False not in asked:
        raise UsageError(f"{path}: has no fault to mend: of {len(asked)} single questions none was answered wrongly")
    planned = plan_budget(budget, split.held_out, split.wrapped)
    return TuningPlan(split, before, planned, plan_rounds(planned.n_search, split.tuning))


def _without_system(case: Case, system: str | None) -> Case:
    """Take away the system prompt that was put before every case; one of the case's own stays."""
    return replace(case, turns=case.turns[1:]) if system is not None and case.system == system else case
