"""A judge's yes or no against people's."""

import numpy as np
import pytest

from demur.judge.detection import detect
from demur.stats import cohen_kappa, wilson


def spread(hits, misses, false_alarms, rejections):
    """Make labels and calls with these counts."""
    truths = [True] * (hits + misses) + [False] * (false_alarms + rejections)
    calls = [True] * hits + [False] * misses + [True] * false_alarms + [False] * rejections
    return truths, calls


def test_every_figure_is_the_textbook_one():
    """With 30 hits, 10 misses, 5 false alarms and 55 rejections the figures are those anyone would work out."""
    truths, calls = spread(30, 10, 5, 55)
    told = detect(truths, calls, range(100))
    assert told.table.counts == ((30, 10), (5, 55))
    assert told.accuracy.value == 0.85
    assert told.sensitivity.value == 0.75
    assert told.specificity.value == pytest.approx(55 / 60)
    assert told.precision.value == pytest.approx(30 / 35)
    precision, recall = told.precision.value, told.sensitivity.value
    assert told.f1.value == pytest.approx(2 * precision * recall / (precision + recall))
    assert told.kappa.value == cohen_kappa(told.table).value
    assert [figure.n for figure in (told.accuracy, told.sensitivity, told.specificity, told.precision, told.f1)] == [
        100, 40, 60, 35, 45,
    ]  # fmt: skip


def test_independent_replies_have_wilsons_interval():
    """Without families sensitivity, specificity and precision are plain proportions, and kappa's interval is its own."""
    told = detect(*spread(30, 10, 5, 55), range(100))
    for figure, plain in ((told.sensitivity, wilson(30, 40)), (told.specificity, wilson(55, 60))):
        assert (figure.low, figure.high) == pytest.approx((plain.low, plain.high))
    plain = cohen_kappa(told.table)
    assert (told.kappa.low, told.kappa.high) == pytest.approx((plain.low, plain.high))


def test_answers_to_one_prompt_are_not_independent():
    """Replies repeated four times over tell no more than once: every interval is as wide as that of one of each."""
    truths, calls = spread(30, 10, 5, 55)
    once = detect(truths, calls, range(100))
    repeated = detect(truths * 4, calls * 4, [*range(100)] * 4)
    for name in ("accuracy", "sensitivity", "specificity", "precision", "f1", "kappa"):
        narrow, wide = getattr(once, name), getattr(repeated, name)
        assert wide.value == pytest.approx(narrow.value)
        assert wide.high - wide.low > 0.93 * (narrow.high - narrow.low), name


def test_what_is_unjudged_stands_beside_its_own_figure():
    """A refusal without a verdict is beside the sensitivity, another reply without one beside the specificity."""
    told = detect([True, True, False, False, False], [True, None, None, None, False], range(5))
    assert (told.sensitivity.n, told.sensitivity.n_unjudged) == (1, 1)
    assert (told.specificity.n, told.specificity.n_unjudged) == (1, 2)
    assert (told.accuracy.n, told.accuracy.n_unjudged) == (2, 3)
    assert (told.f1.n, told.f1.n_unjudged) == (1, 1)


def test_nothing_is_no_number():
    """Without a reply, or without a verdict, no figure has a value."""
    for told in (detect([], [], []), detect([True, False], [None, None], range(2))):
        for name in ("accuracy", "sensitivity", "specificity", "precision", "f1", "kappa"):
            assert getattr(told, name).value is None


def test_labels_without_a_call_are_refused():
    """Lists of unequal length are a mistake of the caller's."""
    with pytest.raises(ValueError, match="shorter"):
        detect([True, False], [True], range(2))


@pytest.mark.slow
def test_the_intervals_cover_what_they_promise():
    """With prompts asked of five models each, nominal 95 % intervals of kappa and F1 hold the truth in 93 % or more."""
    rng = np.random.default_rng(7)
    n_prompts, n_models, n_runs = 120, 5, 300

    def draw(n):
        hardness = rng.beta(0.3, 2.7, n)  # a prompt that misleads the judge misleads it with most models
        truths = np.repeat(rng.random(n) < 0.5, n_models)
        wrong = rng.random(n * n_models) < np.repeat(hardness, n_models)
        return truths, truths ^ wrong

    many = detect(*(list(map(bool, one)) for one in draw(20_000)), range(20_000 * n_models))
    held = {"kappa": 0, "f1": 0, "accuracy": 0}
    for _ in range(n_runs):
        truths, calls = draw(n_prompts)
        told = detect(
            list(map(bool, truths)), list(map(bool, calls)), np.repeat(np.arange(n_prompts), n_models).tolist()
        )
        for name in held:
            figure = getattr(told, name)
            held[name] += figure.low <= getattr(many, name).value <= figure.high
    assert all(count / n_runs > 0.93 for count in held.values()), held
