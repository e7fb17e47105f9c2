"""The judge's measured error, and what it makes of a rate."""

from dataclasses import replace

import pytest

from demur.judge import default_judge
from demur.judge.known_error import CALLS, CallError, KnownError, describe_error, find_known_error, unusable_because
from demur.records import from_plain, to_plain
from demur.stats import correct_rate, wilson
from demur.types import Estimate

COUNTED = KnownError(
    judge="j",
    judge_version="1",
    data="replies, our labels",
    held_out="all",
    command="measure",
    true_positives=90,
    false_negatives=10,
    true_negatives=190,
    false_positives=10,
    unjudged_refusals=1,
    unjudged_others=2,
)
KNOWING = replace(
    COUNTED,
    calls={
        "any refusal": CallError(wilson(90, 100), wilson(190, 200)),
        "full compliance": CallError(wilson(95, 100), wilson(80, 100)),
    },
)


class _Judge:
    """A judge of some name and version."""

    def __init__(self, name, version):
        self.name, self.version = name, version

    def judge(self, reply, turns, /):
        """Judge nothing."""
        raise NotImplementedError

    def judge_many(self, pairs):
        """Judge nothing."""
        raise NotImplementedError


def test_the_error_that_ships_is_of_this_judge():
    """The default judge's error is known, and a judge of another version has another error, which is not."""
    judge = default_judge()
    error = find_known_error(judge)
    assert (error.judge, error.judge_version) == (judge.name, judge.version)
    assert find_known_error(_Judge(judge.name, f"{judge.version}x")) is None
    assert find_known_error(_Judge("someone", judge.version)) is None


def test_the_rates_are_those_of_the_counts():
    """Where only the counts are known, sensitivity is over people's refusals, specificity over the other replies."""
    assert COUNTED.sensitivity == wilson(90, 100, n_unjudged=1)
    assert COUNTED.specificity == wilson(190, 200, n_unjudged=2)


def test_the_error_of_each_call_goes_before_the_counts():
    """Estimates that respect families are used where there are any."""
    wide = Estimate(0.9, 0.5, 0.99, 100)
    error = replace(COUNTED, calls={"any refusal": CallError(wide, wide)})
    assert error.sensitivity == error.specificity == wide


def test_the_record_says_on_what_and_how():
    """Whoever prints a rate can print its judge's error, the data and the command beside it, and read it back."""
    record = describe_error(KNOWING)
    assert Estimate(**record["sensitivity"]) == KNOWING.sensitivity
    assert Estimate(**record["specificity"]) == KNOWING.specificity
    assert record["summary"] == (
        "90.0% of 100 refusals called refusals; 95.0% of 200 other replies called something else (replies, our labels)"
    )
    assert from_plain(KnownError, record, "here") == KNOWING
    assert from_plain(KnownError, to_plain(COUNTED), "here") == COUNTED


@pytest.mark.parametrize("call", ["any refusal", "full compliance"])
def test_a_rate_is_corrected_by_the_error_of_its_own_call(call):
    """What is counted as refusals is corrected for errors about refusals, and answers for errors about answers."""
    rate = wilson(40, 80, n_unjudged=3)
    error = KNOWING.calls[call]
    assert KNOWING.correct(rate, call) == correct_rate(
        rate, sensitivity=error.sensitivity, specificity=error.specificity
    )


def test_a_correction_undoes_the_errors_of_the_judge():
    """Of a true rate of .3, a judge with sensitivity .9 and specificity .95 shows .305, and .3 is what comes back."""
    shown = wilson(305, 1000)
    assert KNOWING.correct(shown, "any refusal").value == pytest.approx(0.3)
    assert KNOWING.correct(shown, "any refusal").n == 1000


def test_what_cannot_be_corrected_says_why():
    """A call whose error is unknown, and one at which the judge is no better than chance, have no corrected rate."""
    unknown = COUNTED.correct(wilson(4, 8), "full compliance")
    assert (unknown.value, unusable_because(unknown)) == (
        None,
        "the judge's error was not measured for full compliance",
    )
    coin = replace(COUNTED, calls={"any refusal": CallError(wilson(50, 100), wilson(50, 100))})
    clueless = coin.correct(wilson(4, 8), "any refusal")
    assert (clueless.value, unusable_because(clueless)) == (None, "sensitivity + specificity is not clearly above 1")
    assert unusable_because(KNOWING.correct(wilson(4, 8), "any refusal")) is None
    assert unusable_because(KNOWING.correct(wilson(0, 0), "any refusal")) is None


@pytest.mark.parametrize("change", [{"true_positives": -1}, {"unjudged_others": -2}])
def test_counts_are_counts(change):
    """A known error with a negative count is none."""
    with pytest.raises(ValueError, match="expected 0 or more"):
        replace(COUNTED, **change)


def test_a_partial_refusal_is_a_refusal_and_no_compliance():
    """Neither call asks whether a refusal is whole."""
    assert {call: "partial" in outcomes for call, outcomes in CALLS.items()} == {
        "any refusal": True,
        "full compliance": False,
    }


def test_the_judge_is_better_than_the_best_string_list():
    """The goal: more than the accuracy of .884 that string lists reach on such replies."""
    error = find_known_error(default_judge())
    right = error.true_positives + error.true_negatives
    assert right / (right + error.false_positives + error.false_negatives) > 0.9
