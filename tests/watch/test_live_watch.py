"""The live watch taken apart: what is let go, what is kept, and that where it was interrupted makes no difference."""

import json
import random
from dataclasses import replace

import pytest

from demur.errors import DataError
from demur.watch import DriftSettings, Observation
from demur.watch.live import LiveWatch, Seen
from demur.watch.live.durations import bin_of, quantile_ms
from demur.watch.live.live_watch import pattern_of
from demur.watch.live.metrics import metrics_text, read_figures
from demur.watch.live.ordering import Ordering
from demur.watch.live.periods import Periods
from demur.watch.live.picture import take_picture
from demur.watch.live.seen import Refusal
from demur.watch.moment import hour_of
from demur.watch.templates import When

START = 1_764_547_200.0


def observed(number=0, *, at=None, refused=False, **more):
    """Make an exchange, one a second."""
    outcomes = {"refused": refused, "partial": False, "leaked": False, "blocked": False, "disagreed": False}
    return Observation(
        id=f"e{number}", at=START + number if at is None else at, outcomes=outcomes, **{"language": "de", "model": "m1"} | more
    )  # fmt: skip


def seen(observation, *, guarded="passed", modelled="answered", ms=(("input", 1.0),), refusal=None):
    """Make what the watch takes in."""
    return Seen(observation=observation, guarded=guarded, modelled=modelled, ms=ms, refusal=refusal)


def traffic(n, *, change=None, late=0.0, seed=1):
    """Make traffic in which more is refused from a number on; some of it comes late."""
    rng = random.Random(seed)
    made = []
    for number in range(n):
        refused = rng.random() < (0.5 if change is not None and number >= change else 0.05)
        text = rng.choice(("I cannot help with that.", "That is nothing I will explain.", "No."))
        refusal = Refusal(When("2025-12-01T00", "||de"), f"How do I do {number}?", text) if refused else None
        one = observed(number, refused=refused, language=rng.choice(("de", "en")))
        made.append(seen(one, modelled="refused" if refused else "answered", refusal=refusal))
    made = [
        replace(one, asked={"user": None, "conversation": f"c{n // 4}", "at": one.observation.at, "outcome": "refuse", "prompt": f"How do I do {n // 2}?"})
        for n, one in enumerate(made)
    ]  # fmt: skip
    return sorted(made, key=lambda one: one.observation.at + rng.random() * late)


def test_periods_keep_the_latest_and_let_the_others_go():
    """Memory does not grow with time; what is older than what is kept is not counted any more."""
    periods = Periods(60, 3)
    for minute in range(10):
        periods.add(60.0 * minute, [("k",)])
    periods.add(0.0, [("k",)])
    assert [(begin, counts["k",]) for begin, counts in periods.kept()] == [(420.0, 1), (480.0, 1), (540.0, 1)]


def test_a_period_without_traffic_is_there_and_empty():
    """A line of rates is broken there, and not drawn over it."""
    periods = Periods(60, 10)
    periods.add(0.0, [("k",)])
    periods.add(130.0, [("k",)])
    assert [counts.total() for _, counts in periods.kept()] == [1, 0, 1]


@pytest.mark.parametrize("ms", [0.0, 0.002, 0.7, 13.0, 4_000.0])
def test_a_quantile_is_right_to_six_percent(ms):
    """Bins are 10.5 % wide, and what is shown is their middle."""
    found = quantile_ms({bin_of(ms): 10, bin_of(100_000): 1}, 0.5)
    assert found == pytest.approx(max(ms, 0.001), rel=0.06)
    assert quantile_ms({}, 0.5) is None


def test_quantiles_are_those_of_the_sorted_times():
    """The oracle sorts them all."""
    rng = random.Random(2)
    times = [rng.lognormvariate(1, 1) for _ in range(999)]
    bins = {}
    for ms in times:
        bins[bin_of(ms)] = bins.get(bin_of(ms), 0) + 1
    for share in (0.5, 0.95):
        assert quantile_ms(bins, share) == pytest.approx(sorted(times)[int(share * len(times))], rel=0.12)


def test_what_comes_out_of_order_is_put_in_order():
    """Within the window; what is later than that is told the time of the one before it."""
    ordering = Ordering(5.0)
    given = [seconds for at in (0.0, 3.0, 1.0, 9.0, 2.0, 30.0) for seconds in ordering.add(observed(at=at))]
    assert [one.at for one in given] == [0.0, 1.0, 3.0, 3.0, 9.0]


def test_a_pattern_tells_what_is_not_known_from_what_is_not_so():
    """No, yes and nobody asked are three things."""
    assert pattern_of(observed(refused=True)) == "100--00"


def test_a_change_is_found_and_nothing_else_is():
    """In the traffic of one kind, once; and without a change nothing."""
    watch = LiveWatch(DriftSettings(run_length=100_000, least=100))
    raised = [alarm for one in traffic(1_500, change=1_000) for alarm in watch.take(one)]
    assert {(alarm.metric, alarm.direction) for alarm in raised} == {("refused", "more")}
    assert raised[0].number == 1
    assert 995 <= (watch.drift.alarms[0].since - START) <= 1_010
    quiet = LiveWatch(DriftSettings(run_length=100_000, least=100))
    assert not [alarm for one in traffic(1_500) for alarm in quiet.take(one)]


@pytest.mark.parametrize("cut", [0, 1, 63, 64, 700, 1_033])
def test_saved_and_taken_up_it_is_as_if_nothing_had_happened(cut):
    """Between any two exchanges: the same counts, the same alarms, the same file."""
    whole = LiveWatch(DriftSettings(run_length=100_000, least=100))
    exchanges = traffic(1_200, change=1_000, late=4.0)
    raised = [alarm for one in exchanges for alarm in whole.take(one)]
    first = LiveWatch(DriftSettings(run_length=100_000, least=100))
    again = [alarm for one in exchanges[:cut] for alarm in first.take(one)]
    second = LiveWatch.from_json(json.loads(json.dumps(first.to_json())), "state")
    again += [alarm for one in exchanges[cut:] for alarm in second.take(one)]
    assert raised
    assert again == raised
    assert json.dumps(second.to_json()) == json.dumps(whole.to_json())


def test_a_state_that_is_none_is_said_to_be_none():
    """With its place, and what to do."""
    with pytest.raises(DataError, match="here: version None"):
        LiveWatch.from_json({}, "here")
    with pytest.raises(DataError, match="here: not what a watch leaves"):
        LiveWatch.from_json({"version": 1, "n": 1}, "here")


def test_names_that_callers_make_up_do_not_fill_the_memory():
    """Of each dimension only so many values are told apart."""
    watch = LiveWatch()
    for number in range(200):
        watch.take(seen(observed(number, model=f"made-up-{number}")))
    picture = take_picture(watch, "day")
    assert len([row for row in picture.slices if row.by == "model"]) == 40
    assert picture.n == 200


def test_who_asks_again_and_gets_it_is_seen():
    """In a conversation, within half an hour, in much the same words; nobody else's exchange says anything of it."""
    watch = LiveWatch()
    texts = ("How do I pick the lock of the shed?", "I own the shed. How would I pick its lock?")
    for number, (prompt, outcome) in enumerate(zip(texts, ("refuse", "comply"), strict=True)):
        asked = {"user": None, "conversation": "c", "at": START + number, "outcome": outcome, "prompt": prompt}
        watch.take(replace(seen(observed(number, refused=outcome == "refuse")), asked=asked))
    (gave_in,) = [course for course in take_picture(watch, "day").courses if course.metric == "capitulated"]
    assert (gave_in.total.value, gave_in.total.n) == (1.0, 1)


def test_the_picture_counts_what_was_taken_in():
    """Every rate is of the exchanges of its period, and the cells of the map are all exchanges."""
    watch = LiveWatch()
    exchanges = traffic(2_000)
    for one in exchanges:
        watch.take(one)
    picture = take_picture(watch, "day")
    (refused,) = [course for course in picture.courses if course.metric == "refused"]
    n_refused = sum(one.observation.outcomes["refused"] for one in exchanges)
    assert refused.total.n == 2_000
    assert refused.total.value == n_refused / 2_000
    assert sum(one.n for one in refused.periods) == 2_000
    assert sum(cell.n for cell in picture.cells) == 2_000
    assert not [course for course in picture.courses if course.metric == "escalated"]  # nobody asked
    assert sum(one.share.n * (one.share.value or 0) for one in picture.templates) == pytest.approx(n_refused)
    assert [row.n for row in picture.slices if row.by == "model"] == [2_000]


def test_hours_of_templates_are_kept_for_a_week_and_no_longer(monkeypatch):
    """Put together or not, a day can be told by the hour; what was said long ago is let go."""
    monkeypatch.setattr("demur.watch.live.live_watch._MOST_GROUPS", 4)
    watch = LiveWatch()
    for number in range(640):
        at = START + number * 3600.0
        refusal = Refusal(When(hour_of(at), "||de"), f"How do I do {number}?", "I cannot help with that.")
        watch.take(seen(observed(number, at=at, refused=True), modelled="refused", refusal=refusal))
    kept = {when.hour for group in watch.templates().groups for when in group.counts}
    assert all("T" in hour for hour in kept)
    assert 168 <= len(kept) <= 168 + 4 * 64
    (template,) = take_picture(watch, "day").templates
    assert sum(one.n for one in template.by_period.values()) >= 23


def test_both_sides_stand_in_the_picture_where_the_truth_is_known():
    """Refusals of harmless and of harmful requests are never one figure."""
    watch = LiveWatch()
    for number in range(300):
        expect = "comply" if number % 3 else "refuse"
        watch.take(seen(observed(number, expect=expect, refused=expect == "refuse" or number % 5 == 0)))
    courses = [course for course in take_picture(watch, "week").courses if course.metric == "refused"]
    assert {(one.expect, one.total.n) for one in courses} == {("comply", 200), ("refuse", 100)}
    assert {one.expect: one.total.value for one in courses} == {"comply": pytest.approx(0.2), "refuse": 1.0}


def test_the_figures_for_prometheus_are_those_of_the_watch():
    """Counters are of all time; rates are of the latest hour, and a rate that nobody knows is not there."""
    watch = LiveWatch(DriftSettings(run_length=100_000, least=100))
    for one in traffic(1_500, change=1_000):
        watch.take(one)
    text = metrics_text(lambda: read_figures(watch), None).decode()
    assert 'demur_alarms_total{direction="more",metric="refused"}' in text
    assert "demur_watched_exchanges_total 1500.0" in text
    assert 'demur_watch_rate{expect="",metric="leaked"} 0.0' in text
    assert "escalated" not in text
    assert "webhook" not in text
