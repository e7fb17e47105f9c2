"""Claims about tests that go on for ever."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from demur.stats.sequential import RATIOS, Cusum, EDetector, accrue, baseline_interval, log_e_values

RATES = st.floats(0, 1)
UP = np.array(RATIOS)


def shift_odds(rate, ratio):
    """The rate whose odds are so many times those of another."""
    return ratio * rate / (1 - rate + ratio * rate)


def sums_from_every_start(outcomes, edge, ratios):
    """The mixed Shiryaev-Roberts sum after each outcome, straight from its definition: likelihood ratios from every start."""
    values = []
    for now in range(1, len(outcomes) + 1):
        total = 0.0
        for ratio in ratios:
            changed = shift_odds(edge, ratio)
            for start in range(now):
                seen = outcomes[start:now]
                hits, misses = sum(seen), len(seen) - sum(seen)
                total += (changed / edge) ** hits * ((1 - changed) / (1 - edge)) ** misses / len(ratios)
        values.append(total)
    return values


def run_lengths(edge, rate, *, arl, ratios, n_runs, rng, longest):
    """Observations until the first alarm in many runs at once; `longest` where there was none."""
    e_values = np.exp(log_e_values(edge, np.array(ratios)))
    evidence, lengths = np.zeros((n_runs, len(ratios))), np.full(n_runs, longest)
    for now in range(longest):
        outcomes = (rng.random(n_runs) < rate).astype(int)
        evidence = accrue(evidence, e_values[outcomes])
        lengths[(evidence.mean(axis=1) >= arl) & (lengths == longest)] = now + 1
    return lengths


@given(edge=st.floats(0.001, 0.999), ratio=st.floats(0.05, 20))
def test_evidence_is_the_likelihood_ratio_of_shifted_odds(edge, ratio):
    """Each outcome counts by its probability at the shifted odds, divided by that at the edge."""
    changed = shift_odds(edge, ratio)
    oracle = [np.log((1 - changed) / (1 - edge)), np.log(changed / edge)]
    assert log_e_values(edge, np.array([ratio]))[:, 0] == pytest.approx(oracle, abs=1e-9)


@given(one=RATES, other=RATES, ratio=st.floats(1.01, 20))
def test_the_mean_of_evidence_is_at_most_one_under_every_rate_of_the_null(one, other, ratio):
    """Up to the edge for more, from it on for fewer, rates and edges of 0 and 1 included."""
    low, high = sorted((one, other))
    for edge, rate, odds in ((high, low, ratio), (low, high, 1 / ratio)):
        failure, success = np.exp(log_e_values(edge, np.array([odds])))[:, 0]
        assert (1 - rate) * failure + rate * success <= 1 + 1e-12


def test_the_sum_is_that_of_likelihood_ratios_from_every_start():
    """The recursion over observations gives what its definition does."""
    outcomes = (np.random.default_rng(0).random(60) < 0.3).tolist()
    for ratios in (RATIOS, tuple(1 / ratio for ratio in RATIOS)):
        detector = EDetector(0.2, 1e12, ratios)
        values = []
        for outcome in outcomes:
            detector.update(outcome)
            values.append(detector.value)
        assert values == pytest.approx(sums_from_every_start(outcomes, 0.2, ratios))


def test_a_cusum_is_the_greatest_likelihood_ratio_of_all_starts():
    """Its value and the observations since are those of the best start, wherever the value is above nothing."""
    outcomes = (np.random.default_rng(1).random(300) < 0.25).tolist()
    cusum, steps = Cusum(0.2, 1e9, 2.0), []
    gains = log_e_values(0.2, np.array([2.0]))[:, 0]
    for now, outcome in enumerate(outcomes, 1):
        cusum.update(outcome)
        steps.append(gains[int(outcome)])
        lengths = range(1, now + 1)
        best = max(lengths, key=lambda length: sum(steps[-length:]))
        assert cusum.value == pytest.approx(sum(steps[-best:]))
        if cusum.value > 1e-9:
            assert (cusum.n, cusum.successes) == (best, sum(outcomes[now - best : now]))


def test_the_edges_are_exact_confidence_bounds():
    """At the upper bound so few successes have the probability of the tail, at the lower so many."""
    bounds = baseline_interval(100, 2000, confidence=0.99)
    assert binom.cdf(100, 2000, bounds.high) == pytest.approx(0.005)
    assert binom.sf(99, 2000, bounds.low) == pytest.approx(0.005)
    assert baseline_interval(0, 500).low == 0
    assert baseline_interval(500, 500).high == 1
    assert baseline_interval(0, 0) == (0, 1)


@pytest.mark.parametrize("outcome", [False, True])
def test_a_rate_of_nothing_or_of_all_that_stays_never_alarms(outcome):
    """What always or never happened goes on so, and is no evidence of anything."""
    bounds = baseline_interval(500 * outcome, 500)
    for edge, ratios in ((bounds.high, RATIOS), (bounds.low, tuple(1 / ratio for ratio in RATIOS))):
        detector = EDetector(edge, 1000, ratios)
        assert not any(detector.update(outcome) for _ in range(5000))


@pytest.mark.parametrize("usual", [False, True])
def test_a_rate_of_nothing_or_of_all_that_changes_alarms_soon(usual):
    """What never happened and now happens every fifth time is found, and likewise what always happened."""
    bounds = baseline_interval(500 * usual, 500)
    edge, ratios = (bounds.low, tuple(1 / ratio for ratio in RATIOS)) if usual else (bounds.high, RATIOS)
    detector = EDetector(edge, 10_000, ratios)
    assert any(detector.update(usual != (number % 5 == 0)) for number in range(60))


def test_evidence_begins_again_after_an_alarm():
    """The alarm is given once, and what led to it is spent."""
    detector = EDetector(0.05, 100)
    alarms = [detector.update(True) for _ in range(6)]
    assert sum(alarms) >= 1
    assert detector.value < 100


def test_a_copy_of_the_fields_goes_on_alike():
    """A detector that is made anew from its fields gives the same evidence."""
    one = EDetector(0.1, 1e9)
    for outcome in (True, False, True):
        one.update(outcome)
    other = EDetector(one.edge, one.arl, one.ratios, list(one.evidence))
    one.update(False)
    other.update(False)
    assert one.evidence == other.evidence


@pytest.mark.parametrize(("ratios", "arl"), [((0.5, 2.0), 100), ((2.0,), 1), ((1.0,), 100), ((-2.0,), 100)])
def test_detectors_that_promise_nothing_are_refused(ratios, arl):
    """Both directions in one, a ratio of 1 or below 0, and a run length of 1 raise."""
    with pytest.raises(ValueError, match="expected"):
        EDetector(0.1, arl, ratios)


@pytest.mark.slow
@pytest.mark.parametrize("direction", [1, -1])
def test_the_average_run_length_is_at_least_the_stated_one(direction):
    """At the very edge of the null, 400 runs are on average at least as long as promised, though cut off at six times that."""
    arl, ratios = 500, tuple(ratio**direction for ratio in RATIOS)
    lengths = run_lengths(0.1, 0.1, arl=arl, ratios=ratios, n_runs=400, rng=np.random.default_rng(2), longest=6 * arl)
    assert lengths.mean() > arl


@pytest.mark.slow
def test_a_small_baseline_costs_no_false_alarms():
    """Of rates estimated from 300 observations, the interval keeps the promise; the estimate itself breaks it."""
    rng, arl, n_runs = np.random.default_rng(3), 2000, 300
    alarms = {}
    for null in ("interval", "estimate"):
        successes = rng.binomial(300, 0.05, n_runs)
        edges = [baseline_interval(int(k), 300).high if null == "interval" else (k + 0.5) / 301 for k in successes]
        e_values = np.exp(np.stack([log_e_values(edge, UP) for edge in edges]))
        evidence, crossings = np.zeros((n_runs, len(UP))), 0
        for _ in range(2 * arl):
            outcomes = (rng.random(n_runs) < 0.05).astype(int)
            evidence = accrue(evidence, e_values[np.arange(n_runs), outcomes])
            over = evidence.mean(axis=1) >= arl
            crossings += over.sum()
            evidence[over] = 0
        alarms[null] = crossings / n_runs  # 2 are promised at most, in two run lengths
    assert alarms["interval"] < 2 < alarms["estimate"]
