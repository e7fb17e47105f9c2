"""Claims about tests that go on for ever."""

import json
from dataclasses import asdict
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaln

from demur.stats.sequential import RATIOS, Cusum, EDetector, accrue, log_e_values, predictive_rate

UP = np.array(RATIOS)
DOWN = 1 / UP


def shift_odds(rate, ratio):
    """The rate whose odds are so many times those of another."""
    return ratio * rate / (1 - rate + ratio * rate)


def predictions(outcomes, successes, n):
    """The probability of a success before each outcome, straight from the counts of all before it."""
    return [(successes + sum(outcomes[:now]) + 0.5) / (n + now + 1) for now in range(len(outcomes))]


def sums_from_every_start(outcomes, rates, ratios):
    """The mixed sum after each outcome, straight from its definition: products of likelihood ratios from every start."""
    values = []
    for now in range(1, len(outcomes) + 1):
        total = 0.0
        for ratio in ratios:
            for start in range(now):
                product = 1.0
                for outcome, rate in zip(outcomes[start:now], rates[start:now], strict=True):
                    changed = shift_odds(rate, ratio)
                    product *= changed / rate if outcome else (1 - changed) / (1 - rate)
                total += product / len(ratios)
        values.append(total)
    return values


def false_alarms(rate, *, baseline, arl, n, n_runs, ratios, rng, predict=True):
    """Alarms a run in `n` observations without a change; `predict` says whether the baseline goes on growing."""
    successes, size, evidence, alarms = (
        rng.binomial(baseline, rate, n_runs),
        baseline,
        np.zeros((n_runs, len(ratios))),
        0,
    )
    for _ in range(n):
        outcomes = rng.random(n_runs) < rate
        gains = log_e_values(outcomes[:, None], predictive_rate(successes, size)[:, None], ratios)
        evidence = accrue(evidence, np.exp(gains))
        over = evidence.mean(axis=1) >= arl
        alarms += over.sum()
        evidence[over] = 0
        if predict:
            successes, size = successes + outcomes, size + 1
    return alarms / n_runs


@given(rate=st.floats(0.001, 0.999), ratio=st.floats(0.05, 20))
def test_evidence_is_the_likelihood_ratio_of_shifted_odds(rate, ratio):
    """Each outcome counts by its probability at the shifted odds, divided by the usual one; its mean is 1."""
    changed = shift_odds(rate, ratio)
    failure, success = (float(log_e_values(outcome, rate, ratio)) for outcome in (0, 1))
    assert (failure, success) == pytest.approx((np.log((1 - changed) / (1 - rate)), np.log(changed / rate)), abs=1e-9)
    assert (1 - rate) * np.exp(failure) + rate * np.exp(success) == pytest.approx(1)


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_predictions_multiply_to_the_marginal_likelihood(outcomes):
    """One by one they give the probability of all outcomes under Jeffreys' prior, which has a closed form."""
    rates = [float(predictive_rate(sum(outcomes[:now]), now)) for now in range(len(outcomes))]
    assert rates == pytest.approx(predictions(outcomes, 0, 0))
    chained = sum(np.log(rate if outcome else 1 - rate) for outcome, rate in zip(outcomes, rates, strict=True))
    hits, misses = sum(outcomes), len(outcomes) - sum(outcomes)
    assert chained == pytest.approx(betaln(hits + 0.5, misses + 0.5) - betaln(0.5, 0.5))


@pytest.mark.parametrize("ratios", [RATIOS, tuple(DOWN)])
def test_the_sum_is_that_of_likelihood_ratios_from_every_start(ratios):
    """The recursion over observations gives what its definition does."""
    outcomes = (np.random.default_rng(0).random(40) < 0.3).tolist()
    detector, values = EDetector(20, 100, 1e12, ratios), []
    for outcome in outcomes:
        detector.update(outcome)
        values.append(detector.value)
    assert values == pytest.approx(sums_from_every_start(outcomes, predictions(outcomes, 20, 100), ratios))


def test_a_cusum_is_the_greatest_likelihood_ratio_of_all_starts():
    """Its value and the observations since are those of the best start, wherever the value is above nothing."""
    outcomes = (np.random.default_rng(1).random(200) < 0.25).tolist()
    gains = [float(log_e_values(*pair, 2.0)) for pair in zip(outcomes, predictions(outcomes, 20, 100), strict=True)]
    cusum = Cusum(20, 100, 1e9, 2.0)
    for now, outcome in enumerate(outcomes, 1):
        cusum.update(outcome)
        best = max(range(1, now + 1), key=lambda length: sum(gains[now - length : now]))
        assert cusum.value == pytest.approx(sum(gains[now - best : now]))
        if cusum.value > 1e-9:
            assert (cusum.n_since, cusum.successes_since) == (best, sum(outcomes[now - best : now]))


def test_a_change_is_found_soon_and_dated():
    """From .05 to .2 after 2,000 observations, by both, within 100; the most likely time is within 50 of the truth."""
    rng = np.random.default_rng(2)
    outcomes = (rng.random(300) < 0.2).tolist()
    detector, cusum = EDetector(100, 2_000, 10_000), Cusum(100, 2_000, np.log(10_000), 4.0)
    assert next(now for now, outcome in enumerate(outcomes) if detector.update(outcome)) < 100
    found = next(now for now, outcome in enumerate(outcomes, 1) if cusum.update(outcome))
    assert found < 100
    assert abs(found - cusum.n_since) < 50


@pytest.mark.parametrize("usual", [False, True])
def test_what_never_or_always_happened_is_found_when_it_changes(usual):
    """What never happened and now happens every fifth time is found, and likewise what always happened."""
    detector = EDetector(500 * usual, 500, 10_000, tuple(DOWN) if usual else RATIOS)
    assert any(detector.update(usual != (number % 5 == 0)) for number in range(60))


@pytest.mark.parametrize("usual", [False, True])
def test_what_never_or_always_happens_is_no_evidence_of_the_other(usual):
    """While it stays so, the run that would say otherwise stays at nothing."""
    cusum = Cusum(500 * usual, 500, inf, 0.5 if usual else 2.0)
    for _ in range(2000):
        cusum.update(usual)
        assert cusum.value <= 0


def test_evidence_begins_again_after_an_alarm():
    """The alarm is given once, and what led to it is spent."""
    detector = EDetector(25, 500, 100)
    assert any(detector.update(True) for _ in range(6))
    assert detector.value < 100


@pytest.mark.parametrize("made", [EDetector(5, 50, 1e9), Cusum(5, 50, 20.0, 2.0)])
def test_a_copy_of_the_fields_goes_on_alike(made):
    """A detector that went through JSON gives the same evidence."""
    for outcome in (True, False, True):
        made.update(outcome)
    other = type(made)(**json.loads(json.dumps(asdict(made))))
    made.update(False)
    other.update(False)
    assert other.value == made.value


@pytest.mark.parametrize(
    "wrong", [{"ratios": (0.5, 2.0)}, {"ratios": (1.0,)}, {"ratios": (-2.0,)}, {"arl": 1}, {"successes": 9, "n": 8}]
)
def test_detectors_that_promise_nothing_are_refused(wrong):
    """Both directions in one, a ratio of 1 or below 0, a run length of 1 and impossible counts raise."""
    with pytest.raises(ValueError, match="expected"):
        EDetector(**{"successes": 5, "n": 50, "arl": 100, **wrong})


@pytest.mark.slow
@pytest.mark.parametrize("ratios", [UP, DOWN], ids=["more", "fewer"])
@pytest.mark.parametrize("rate", [0.002, 0.05, 0.5])
@pytest.mark.parametrize("baseline", [50, 1_000_000], ids=["estimated", "known"])
def test_the_stated_number_of_false_alarms_is_kept(rate, baseline, ratios):
    """In four run lengths at most four alarms a run, for single rates, known or estimated from 50 observations."""
    rng = np.random.default_rng(3)
    assert false_alarms(rate, baseline=baseline, arl=500, n=2_000, n_runs=200, ratios=ratios, rng=rng) <= 4


@pytest.mark.slow
def test_an_estimate_taken_for_the_rate_breaks_the_promise():
    """That is why the baseline goes on growing: a rate estimated once, from 100 observations, gives too many alarms."""
    once, growing = (
        false_alarms(
            0.05, baseline=100, arl=2_000, n=4_000, n_runs=200, ratios=UP, rng=np.random.default_rng(4), predict=predict
        )
        for predict in (False, True)
    )
    assert growing < 2 < once
