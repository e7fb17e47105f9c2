"""Two runs compared: the figures are those of the pairs, the tests know families, and nothing is said of what was not paired."""

from dataclasses import replace

import numpy as np
import pytest
from run_samples import RECORD, case, drills, run
from scipy.stats import binomtest

from demur.compare import SIDES, compare
from demur.compare.measuring import Observation, measure_changes
from demur.run import Counts, JudgeInfo, SubjectRecord
from demur.scorecard import score
from demur.types import Decoding, Turn


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
    assert list(found.changes) == [name for name, side in SIDES.items() if not side.is_of_drills]
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


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"subject": SubjectRecord("m", "be kind", Decoding())}, {}, "the system prompt is not the same in both"),
        ({"subject": SubjectRecord("m", None, Decoding(64, 0.7))}, {}, "temperature 0.7 before, 0.0 after"),
        ({"subject": SubjectRecord("m", None, None)}, {}, "known of one run only"),
        ({"epochs": 3}, {}, "asked 3 times before and once after"),
        ({"limit": 50}, {"limit": 100}, "at most 50 cases with seed 0 before, at most 100 cases with seed 0 after"),
        ({"limit": 50}, {"limit": 50, "seed": 1}, "with seed 0 before, at most 50 cases with seed 1 after"),
        ({"limit": 50}, {}, "at most 50 cases with seed 0 before, all cases with seed 0 after"),
        ({"data": "a.csv"}, {}, "from a.csv before and from the suites that ship with demur after"),
        (
            {"status": "incomplete", "counts": Counts(10, 6, 1, 0, 3)},
            {},
            "the run before is not complete: 4 of its 10 samples have no reply",
        ),
        ({}, {"status": "started", "counts": Counts(10, 6, 0, 0, 4)}, "the run after is not complete: 4 of its 10"),
    ],
)
def test_what_else_differs_is_said_in_one_line(before, after, words):
    """Each other difference between two runs is one caveat, with both values where there are two."""
    (caveat,) = compare(run(["comply"], **before), run(["comply"], **after)).caveats
    assert words in caveat
    assert "\n" not in caveat


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"grader": "openai/gpt-4o"}, {}),
        ({"seed": 1}, {}),
        ({"seed": None, "data": None}, {"data": "a.csv", "limit": 50}),
        ({"subject": SubjectRecord("m", None, Decoding(seed=1))}, {}),
    ],
    ids=["grader", "seed without a draw", "a log", "sampler"],
)
def test_what_makes_no_difference_is_no_caveat(before, after):
    """A grader's verdicts enter no figure, a seed that drew nothing changed nothing, and what a log does not say is not held against it."""
    assert not compare(run(["comply"], **before), run(["comply"], **after)).caveats


def test_complements_are_one_test():
    """Where nothing but refused and answered occurs the two figures of a side are one test; a third outcome makes them two."""
    cases = [case(number, expect="refuse" if number < 20 else "comply") for number in range(40)]
    before = run(["refuse"] * 20 + ["comply"] * 20, cases)
    plain = compare(before, run(["comply"] * 7 + ["refuse"] * 13 + ["comply"] * 20, cases)).changes
    assert plain["safety_rate"].p == plain["harmful_compliance_rate"].p == pytest.approx(2 / 2**7)
    assert plain["safety_rate"].p_adjusted == plain["harmful_compliance_rate"].p_adjusted == pytest.approx(4 / 2**7)
    third = compare(before, run(["comply"] * 7 + ["partial"] + ["refuse"] * 12 + ["comply"] * 20, cases)).changes
    assert third["safety_rate"].p_adjusted == pytest.approx(3 * 2 / 2**8)
    assert third["harmful_compliance_rate"].p_adjusted == pytest.approx(2 * 2 / 2**7)


def test_drills_are_compared_as_wholes():
    """A drill counts as the scorecard counts it, is paired by its case and epoch, and an unjudged one stands beside."""
    harmful = [
        ["refuse"] * 3,
        ["refuse", "comply", "refuse"],
        ["refuse", "partial", "refuse"],
        ["refuse", None, "refuse"],
    ]
    harmless = [["comply"] * 3, ["comply", "clarify", "comply"]]
    before = [*drills(harmful), *drills(harmless, expect="comply")]
    after = [*drills([["comply"] * 3, ["refuse"] * 3, ["refuse"] * 3]), *drills([["refuse"] * 3], expect="comply")]
    found = compare((RECORD, before), (RECORD, after))
    assert list(found.changes) == ["drill_safety_rate", "drill_utility_rate"]
    assert (found.n_pairs, found.n_drill_pairs, found.n_drills_unpaired) == (0, 4, 2)
    held = found.changes["drill_safety_rate"]
    assert (held.lost, held.gained, held.difference.n) == (1, 2, 3)
    assert (found.changes["drill_utility_rate"].lost, found.changes["drill_utility_rate"].gained) == (1, 0)
    itself, card = compare((RECORD, before), (RECORD, before)).changes, score(before)
    for name in ("drill_safety_rate", "drill_utility_rate"):
        assert itself[name].before == getattr(card, name), name


def test_categories_are_adjusted_together():
    """The p values of categories are adjusted for their number; in each, refused and answered are one test here."""
    cases = [case(number, category="vcr" if number < 20 else "ncr") for number in range(40)]
    found = compare(run(["comply"] * 40, cases), run(["refuse"] * 8 + ["comply"] * 32, cases))
    assert list(found.by_category) == ["ncr", "vcr"]
    moved = found.by_category["vcr"]["utility_rate"]
    assert moved.p == pytest.approx(2 / 2**8)
    assert moved.p_adjusted == pytest.approx(2 * moved.p)
    assert list(found.changed_categories) == ["vcr"]


@pytest.mark.slow
@pytest.mark.parametrize("third", [0.0, 0.01, 0.2], ids=["none", "seldom", "often"])
def test_any_false_alarm_is_as_rare_as_stated(third):
    """Over 2,000 runs with nothing changed, some figure has an adjusted p of .05 or less in at most 5 %, with a third outcome or without."""
    rng = np.random.default_rng(11)
    words = np.array(["refuse", "comply", "partial"])
    alarms = 0
    for _ in range(2000):
        likely = rng.dirichlet([1, 1], size=60)
        shares = np.column_stack([likely * (1 - third), np.full(60, third)]).cumsum(axis=1)
        one, other = (words[(rng.random((60, 1)) > shares).sum(axis=1).clip(max=2)] for _ in range(2))
        observed = {
            (side, outcome): [Observation(a == outcome, b == outcome, family) for family, (a, b) in enumerate(pairs)]
            for side, pairs in (
                ("harmful", list(zip(one, other, strict=True))[:30]),
                ("harmless", list(zip(one, other, strict=True))[30:]),
            )
            for outcome in ("refuse", "comply")
        }
        alarms += any(change.p_adjusted <= 0.05 for change in measure_changes(observed, seed=0).values())
    assert alarms / 2000 <= 0.05


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


def test_two_system_prompts_are_compared_on_the_same_cases():
    """A run's own system prompt stands in its cases and is no part of them; a scope that belongs to a case is."""
    plain = [case(number) for number in range(4)]

    def under(system, outcomes, *, scope=()):
        asked = [replace(one, turns=(Turn("system", system), *one.turns)) for one in plain]
        return run(outcomes, [*asked, *scope], subject=SubjectRecord("m", system, Decoding()))

    scopes = [
        [replace(case(9), turns=(Turn("system", text), *case(9).turns))] for text in ("flowers only", "books only")
    ]
    before = under("be kind", ["comply"] * 5, scope=scopes[0])
    after = under("be brief", ["refuse"] * 4 + ["comply"], scope=scopes[1])
    found = compare(before, after)
    assert (found.n_pairs, found.n_unpaired) == (4, 2)
    assert found.changes["utility_rate"].lost == 4
    assert compare(under("be kind", ["comply"] * 4), run(["comply"] * 4, plain)).n_pairs == 4
