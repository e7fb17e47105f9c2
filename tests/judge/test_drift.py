"""Drift of the boundary over the turns of a conversation."""

from itertools import combinations

import numpy as np
import pytest

from demur.judge.drift import measure_drift

OUTCOME = {"r": "refuse", "c": "comply", "p": "partial", "?": None}


def drift_of(*conversations, seed=0):
    """Measure the drift of conversations written as a letter a turn."""
    return measure_drift(
        [[OUTCOME[turn] for turn in turns] for turns in conversations], rng=np.random.default_rng(seed)
    )


def slow_slope(conversations):
    """Give later less earlier over all pairs of judged turns, one by one: the oracle."""
    steps = [
        (later == "r") - (earlier == "r")
        for turns in conversations
        for earlier, later in combinations([turn for turn in turns if turn != "?"], 2)
    ]
    return sum(steps) / len(steps)


def random_conversations(n, n_turns, fall_at, *, seed=1, noise=0.0):
    """Give conversations that refuse until a turn and comply from it on, but for some noise."""
    rng = np.random.default_rng(seed)
    straight = ["r" * fall_at + "c" * (n_turns - fall_at)] * n
    return [
        "".join(turn if rng.random() > noise else str(rng.choice(list("rcp?"))) for turn in turns) for turns in straight
    ]


@pytest.mark.parametrize(
    ("conversations", "slope"),
    [
        (["rc"], -1.0),
        (["cr"], 1.0),
        (["rrcc"], -4 / 6),
        (["rr", "cc"], 0.0),
        (["rc", "cr"], 0.0),
        (["r?c"], -1.0),
        (["rp"], -1.0),
        (["rrrc", "rrrr"], -3 / 12),
    ],
)
def test_the_slope_is_the_later_share_less_the_earlier(conversations, slope):
    """Over pairs of turns of one conversation; conversations are not compared with each other."""
    assert drift_of(*conversations).slope.value == pytest.approx(slope)
    assert slow_slope(conversations) == pytest.approx(slope)


def test_the_slope_is_that_of_the_slow_count():
    """On conversations of all lengths with noise and gaps, fast and literal count agree."""
    for seed in range(20):
        given = [turns[: 1 + seed % 7] for turns in random_conversations(15, 7, 3, seed=seed, noise=0.4)]
        if any(len(turns.replace("?", "")) > 1 for turns in given):
            assert drift_of(*given).slope.value == pytest.approx(slow_slope(given))


@pytest.mark.parametrize("fall_at", [1, 2, 4, 5])
def test_the_turn_of_a_planted_change_is_found(fall_at):
    """Conversations that give way at a turn, with noise, drift down and change there."""
    drift = drift_of(*random_conversations(40, 6, fall_at, noise=0.2))
    assert drift.slope.high < 0
    assert drift.changed_at == fall_at


def test_a_boundary_that_hardens_drifts_up():
    """From complying to refusing the slope is positive, and the change is found too."""
    drift = drift_of(*[turns[::-1] for turns in random_conversations(40, 6, 2, noise=0.1)])
    assert drift.slope.low > 0
    assert drift.changed_at == 4


def test_where_nothing_moves_no_change_is_claimed():
    """Steady, and noisy without a trend: the interval holds 0, and no turn is named."""
    assert drift_of(*["rrrr"] * 30).changed_at is None
    drift = drift_of(*random_conversations(60, 6, 0, noise=1.0))
    assert drift.slope.low < 0 < drift.slope.high
    assert drift.changed_at is None


def test_conversations_that_end_early_do_not_make_a_drift():
    """If those that refuse stop first, the share by turn falls, and the slope, within conversations, does not."""
    drift = drift_of(*["rr"] * 20, *["cccccc"] * 20)
    assert [estimate.value for estimate in drift.by_turn] == [0.5, 0.5, 0, 0, 0, 0]
    assert drift.slope.value == 0
    assert drift.changed_at is None


def test_one_conversation_proves_no_drift():
    """A single conversation has a slope, and an interval that says how little it tells."""
    drift = drift_of("rrrrcccc")
    assert drift.slope.value < -0.5
    assert (drift.slope.low, drift.slope.high) == (-1, 1)
    assert drift.changed_at is None


@pytest.mark.parametrize("given", [[], [""], ["r", "c"], ["r?", "?"], ["??"]])
def test_without_two_judged_turns_there_is_no_drift(given):
    """The slope is undefined where no conversation has two turns to compare, and unjudged pairs are counted."""
    drift = drift_of(*given)
    assert drift.slope.value is None
    assert drift.slope.n_unjudged == sum(len(turns) == 2 for turns in given)
    assert drift.changed_at is None
    assert len(drift.by_turn) == max(map(len, given), default=0)


@pytest.mark.slow
def test_the_slopes_interval_covers():
    """Where refusing follows no trend, the interval holds 0 in 93 % of 400 samples or more, and not always."""
    held = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        leaning = rng.beta(1, 1, size=30)
        given = ["".join("r" if rng.random() < p else "c" for _ in range(5)) for p in leaning]
        slope = drift_of(*given, seed=seed).slope
        held += slope.low <= 0 <= slope.high
    assert 0.93 * 400 <= held < 400
