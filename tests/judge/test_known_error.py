"""The judge's measured error."""

from demur.judge import default_judge
from demur.judge.known_error import known_error, read_known_error
from demur.stats import wilson
from demur.types import Estimate


def test_the_error_is_of_this_judge():
    """A judge of another version has another error."""
    judge, error = default_judge(), read_known_error()
    assert (error.judge, error.judge_version) == (judge.name, judge.version)


def test_the_rates_are_those_of_the_counts():
    """Sensitivity is over people's refusals, specificity over the other replies."""
    error = read_known_error()
    refusals, others = error.true_positives + error.false_negatives, error.true_negatives + error.false_positives
    assert error.sensitivity == wilson(error.true_positives, refusals, n_unjudged=error.unjudged_refusals)
    assert error.specificity == wilson(error.true_negatives, others, n_unjudged=error.unjudged_others)


def test_the_record_says_on_what_and_how():
    """Whoever prints a rate can print its judge's error, the data and the command beside it."""
    record = known_error()
    assert Estimate(**record["sensitivity"]) == read_known_error().sensitivity
    assert Estimate(**record["specificity"]) == read_known_error().specificity
    assert record["data"]
    assert record["command"].startswith("python bench/judge.py")
    assert str(record["true_positives"] + record["false_negatives"]) in record["summary"]


def test_the_judge_is_better_than_the_best_string_list():
    """The goal: more than the accuracy of .884 that string lists reach on such replies."""
    error = read_known_error()
    right = error.true_positives + error.true_negatives
    assert right / (right + error.false_positives + error.false_negatives) > 0.9
