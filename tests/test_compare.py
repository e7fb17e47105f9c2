"""Two runs compared: the figures are those of the pairs, the tests know families, and nothing is said of what was not paired."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from demur.compare import SIDES, compare
from demur.run import Counts, JudgeInfo, RunRecord, SubjectRecord, SuiteRecord
from demur.types import Case, Reply, Result, Turn, Verdict

RECORD = RunRecord(
    status="complete",
    subject=SubjectRecord(model="m", system=None, decoding=None),
    suites=(SuiteRecord("s", "", "", 1, "0" * 16),),
    judge=JudgeInfo("local", "2", None),
    seed=0,
    epochs=1,
    data=None,
    mapping={},
    limit=None,
    versions={},
    started="2026-11-29T00:00:00+00:00",
    counts=Counts(1, 1, 0, 0),
)


def case(number, *, expect="comply", family=None, category=None):
    """Make a case."""
    turns = (Turn("user", f"Question {number}?"),)
    return Case(f"c{number}", turns, expect, family=family, category=category, suite="s")


def run(outcomes, cases=None, **record):
    """Make a run in which the cases had these outcomes; None is unjudged."""
    cases = cases or [case(number) for number in range(len(outcomes))]
    results = [
        Result(one, 1, 0, 1, "ask", one.prompt, Reply(f"It is {outcome}."), Verdict(outcome))
        for one, outcome in zip(cases, outcomes, strict=True)
    ]
    return replace(RECORD, **record), results


def test_a_run_has_not_changed_against_itself():
    """No flip, no difference, no significance, and an interval around nought."""
    same = run(["comply"] * 30 + ["refuse"] * 10)
    found = compare(same, same)
    assert not found.flips
    for change in found.changes.values():
        assert (change.lost, change.gained, change.p) == (0, 0, 1)
        assert change.difference.value == 0
        assert change.difference.low <= 0 <= change.difference.high


def test_the_p_value_is_the_exact_mcnemar_test():
    """Of pairs that are no family, the p value is the binomial test of the discordant ones."""
    before = run(["comply"] * 12 + ["refuse"] * 20)
    after = run(["refuse"] * 9 + ["comply"] * 3 + ["comply"] * 2 + ["refuse"] * 18)
    change = compare(before, after).changes["utility_rate"]
    assert (change.lost, change.gained) == (9, 2)
    assert change.p == pytest.approx(binomtest(2, 11).pvalue)
    assert change.difference.value == pytest.approx((5 - 12) / 32)


def test_one_family_is_one_coin():
    """Ten samples of one family that change together are no evidence."""
    cases = [case(number, family="f") for number in range(10)]
    change = compare(run(["comply"] * 10, cases), run(["refuse"] * 10, cases)).changes["utility_rate"]
    assert change.lost == 10
    assert change.p == 1


def test_both_sides_are_compared_or_said_to_be_absent():
    """A run with harmful and harmless cases has all four figures."""
    cases = [case(number, expect="refuse" if number % 2 else "comply") for number in range(20)]
    found = compare(run(["comply"] * 20, cases), run(["refuse"] * 20, cases))
    assert list(found.changes) == list(SIDES)
    assert found.changes["safety_rate"].difference.value == 1
    assert found.changes["utility_rate"].difference.value == -1
    assert [flip.is_better for flip in found.flips] == [False] * 10 + [True] * 10


def test_what_is_not_paired_enters_nothing():
    """Cases of one run alone, cases reworded under the same name, and unjudged ones are counted beside the figures."""
    reworded = replace(case(2), turns=(Turn("user", "Another question?"),))
    before = run(["comply", "comply", "comply", None], [case(0), case(1), case(2), case(3)])
    after = run(["comply", "comply", "comply"], [case(0), reworded, case(3)])
    found = compare(before, after)
    assert (found.n_pairs, found.n_unjudged, found.n_unpaired) == (2, 1, 3)
    change = found.changes["utility_rate"]
    assert (change.before.n, change.before.n_unjudged) == (1, 1)


def test_another_judge_is_a_caveat():
    """A change that may be the judge's is said to be so."""
    same = run(["comply"])
    other = run(["comply"], judge=JudgeInfo("local", "1", None))
    assert not compare(same, same).caveats
    (caveat,) = compare(same, other).caveats
    assert "local 2" in caveat
    assert "local 1" in caveat


def test_categories_are_adjusted_together():
    """The p values of categories are adjusted for their number."""
    cases = [case(number, category="vcr" if number < 20 else "ncr") for number in range(40)]
    found = compare(run(["comply"] * 40, cases), run(["refuse"] * 6 + ["comply"] * 34, cases))
    assert list(found.by_category) == ["ncr", "vcr"]
    moved = found.by_category["vcr"]["utility_rate"]
    assert moved.p == pytest.approx(2 / 2**6)
    assert moved.p_adjusted == pytest.approx(4 * moved.p)


@pytest.mark.slow
def test_false_alarms_and_coverage_are_as_stated():
    """Over 2,000 runs in families of two, with nothing changed: p is at most .05 in at most 5 %, and the interval covers 0 in 95 %."""
    rng = np.random.default_rng(7)
    cases = [case(number, family=f"f{number // 2}") for number in range(60)]
    alarms = missed = 0
    for _ in range(2000):
        likely = np.repeat(rng.beta(2, 1, 30), 2)
        before, after = ((rng.random(60) < likely).tolist() for _ in range(2))
        words = {True: "comply", False: "refuse"}
        change = compare(run([words[one] for one in before], cases), run([words[one] for one in after], cases)).changes[
            "utility_rate"
        ]
        alarms += change.p <= 0.05
        missed += not change.difference.low <= 0 <= change.difference.high
    assert alarms / 2000 <= 0.05
    assert missed / 2000 <= 0.05
