"""What a run must have for a prompt to be tuned on it."""

from itertools import chain

import numpy as np
import pytest
from prompt_cases import pairs
from run_samples import run

from demur.errors import UsageError
from demur.run import SubjectRecord
from demur.tune.prompts.planning import plan_tuning
from demur.types import Decoding, Turn


def plan(cases, outcomes=None, *, system=None, budget=1000):
    """Plan the search on a run in which everything was refused, or what is said."""
    record, results = run(outcomes or ["refuse"] * len(cases), cases, subject=SubjectRecord("m", system, Decoding()))
    return plan_tuning(record, cases, results, budget=budget, path="RUN", rng=np.random.default_rng(0))


def test_faults_are_those_of_the_tuning_part():
    """What was answered wrongly is known of the cases to tune on, and of no others."""
    planned = plan(pairs(50))
    assert set(planned.faults) == {case for case in chain.from_iterable(planned.split.tuning) if case.is_harmless}
    assert not set(planned.faults) & set(chain.from_iterable(planned.split.held_out))


def test_the_subjects_own_prompt_is_taken_from_the_cases():
    """Cases are planned as they were before the run's system prompt stood before them; another one stays with its case."""
    own, other = Turn("system", "You sell shoes."), Turn("system", "You sell hats.")
    cases = [
        type(case)(**{**case.__dict__, "turns": ((other if number < 4 else own), *case.turns)})
        for number, case in enumerate(pairs(50))
    ]
    planned = plan(cases, system="You sell shoes.")
    used = [*chain.from_iterable((*planned.split.tuning, *planned.split.held_out))]
    assert len(used) == 96
    assert all(case.system is None for case in used)


def test_a_run_that_is_too_small_is_one_line_that_says_what_to_do():
    """Fewer than 20 held-out cases of a side are not enough."""
    with pytest.raises(
        UsageError,
        match=r"RUN: too small: half of it, held out, has 10 harmful and 10 harmless .* expected 20 .* --limit",
    ):
        plan(pairs(20))
    assert plan(pairs(40))


def test_a_run_without_faults_is_one_line():
    """Where nothing is wrong there is nothing to mend."""
    with pytest.raises(UsageError, match="no fault to mend: of 80 single questions"):
        plan(pairs(40), ["comply", "refuse"] * 40)
