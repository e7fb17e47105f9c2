"""Claims about the search for changes in live traffic, on traffic with a planted change and without."""

import json
import pickle
from dataclasses import replace

import numpy as np
import pytest

from demur.errors import DataError
from demur.watch import METRICS, DriftSettings, DriftWatch, Observation, gather_changes

QUICK = DriftSettings(run_length=100_000, least=300)
CHANGE_AT = 2_800
KINDS = tuple((category, language) for category in ("S1", "S5") for language in ("de", "en"))
USUAL = {("refused", "comply"): 0.05, ("refused", "refuse"): 0.8, ("leaked", "comply"): 0.0, ("leaked", "refuse"): 0.02}


def usual_rate(metric, seen):
    """How often an outcome is met: in S5 more is refused."""
    return USUAL[metric, seen.expect] + 0.15 * (metric == "refused" and seen.category == "S5")


def traffic(n=4_500, *, seed=0, expect="comply", rate=usual_rate, kind=None, model=None, tenant=None):
    """Exchanges, one a second: `rate` says how often each outcome is met, the others say what is asked and who replies."""
    rng = np.random.default_rng(seed)
    for number, (of, *chances) in enumerate(np.column_stack([rng.integers(len(KINDS), size=n), rng.random((n, 2))])):
        category, language = kind(number, rng) if kind else KINDS[int(of)]
        seen = Observation(
            id=f"x{number}",
            at=float(number),
            outcomes={},
            expect=expect,
            category=category,
            language=language,
            model=model(number, rng) if model else "v1",
            tenant=tenant(rng) if tenant else None,
        )
        outcomes = {
            metric: bool(u < rate(metric, seen)) for metric, u in zip(("refused", "leaked"), chances, strict=True)
        }
        yield replace(seen, outcomes=outcomes)


def watch(exchanges, settings=QUICK):
    """All alarms of some traffic."""
    drift = DriftWatch(settings)
    for seen in exchanges:
        drift.observe(seen)
    return drift.alarms


def more_where(metric, by, **within):
    """Rates that rise in a slice, from the time of the change on."""

    def rate(asked, seen):
        hit = asked == metric and seen.at >= CHANGE_AT and all(getattr(seen, key) == within[key] for key in within)
        return float(np.clip(usual_rate(asked, seen) + by * hit, 0, 1))

    return rate


@pytest.mark.parametrize(
    ("metric", "by", "within"),
    [
        ("refused", 0.3, {"expect": "comply", "category": "S1", "language": "de"}),
        ("refused", 0.25, {"expect": "comply", "category": "S5"}),
        ("refused", 0.2, {"expect": "comply", "language": "en"}),
        ("refused", 0.15, {"expect": "comply"}),
        ("refused", -0.35, {"expect": "refuse", "language": "de"}),
        ("leaked", 0.15, {"expect": "refuse", "category": "S1"}),
    ],
)
def test_a_change_is_found_in_its_own_slice(metric, by, within):
    """Wherever it is planted: the metric, the direction, the slice and the time are right, it is found soon, and nothing else is."""
    (change,) = gather_changes(watch(traffic(expect=within["expect"], rate=more_where(metric, by, **within))))
    assert {(alarm.metric, alarm.direction) for alarm in change.alarms} == {(metric, "more" if by > 0 else "fewer")}
    assert dict(change.slice) == within
    assert abs(change.since - CHANGE_AT) < 250
    assert change.at - CHANGE_AT < 500
    assert len(change.alarms) <= 2


def test_nothing_is_found_where_nothing_changed():
    """Steady traffic raises no alarm."""
    assert watch(traffic(8_000, seed=1)) == []


def test_more_requests_of_a_kind_that_is_refused_more_are_no_change():
    """The overall rate triples and no alarm is raised, though the kind that grows was the smallest."""

    def kind(number, rng):
        often = 0.05 if number < CHANGE_AT else 0.7
        return ("S5" if rng.random() < often else "S1"), "en"

    exchanges = list(traffic(8_000, seed=2, kind=kind))
    refused = [seen.outcomes["refused"] for seen in exchanges]
    assert np.mean(refused[CHANGE_AT:]) > 2.5 * np.mean(refused[:CHANGE_AT])
    assert watch(exchanges) == []


def test_a_category_that_is_new_is_no_change():
    """A kind of request that nobody asked before gets a baseline of its own, however much of it is refused."""

    def kind(number, rng):
        return ("S5" if number > CHANGE_AT and rng.random() < 0.5 else "S1"), "en"

    assert watch(traffic(seed=3, kind=kind)) == []


def test_a_tenant_that_is_refused_more_is_no_change_when_it_asks_more():
    """Within its own slice a tenant is held against what it was, not against others."""

    def rate(metric, seen):
        return usual_rate(metric, seen) + 0.1 * (
            metric == "refused" and seen.tenant == "loud" and seen.expect == "comply"
        )

    assert watch(traffic(seed=4, rate=rate, tenant=lambda rng: "loud" if rng.random() < 0.3 else "calm")) == []


def test_a_new_model_is_found_by_its_first_few_replies():
    """A version that gets a tenth of the traffic, and refuses one category, is named; the others' replies are no part of it."""

    def rate(metric, seen):
        hit = metric == "refused" and seen.model == "v2" and seen.expect == "comply" and seen.category == "S1"
        return usual_rate(metric, seen) + 0.6 * hit

    def model(number, rng):
        return "v2" if number >= CHANGE_AT and rng.random() < 0.1 else "v1"

    alarm = watch(traffic(seed=5, rate=rate, model=model))[0]
    assert dict(alarm.slice)["model"] == "v2"
    assert alarm.n_seen < 100


def test_a_new_model_that_does_as_the_old_one_did_is_no_change():
    """A switch of versions alone raises no alarm."""
    assert watch(traffic(seed=6, model=lambda number, _: "v1" if number < CHANGE_AT else "v2")) == []


def test_a_new_model_that_refuses_one_category_in_one_language_is_named_whole():
    """When it takes over all traffic, the slice is the category, the language and the version."""
    within = {"expect": "comply", "category": "S1", "language": "de"}
    exchanges = traffic(
        seed=7, rate=more_where("refused", 0.3, **within), model=lambda number, _: "v1" if number < CHANGE_AT else "v2"
    )
    (alarm,) = watch(exchanges)
    assert dict(alarm.slice) == {**within, "model": "v2"}


def test_an_alarm_says_how_much_and_shows_it():
    """The rates before and after hold the truth, and the examples are exchanges since that went the alarm's way."""
    within = {"expect": "comply", "category": "S1", "language": "de"}
    exchanges = list(traffic(rate=more_where("refused", 0.3, **within)))
    (alarm,) = watch(exchanges)
    assert alarm.before.low < 0.05 < alarm.before.high
    assert alarm.after.low < 0.35 < alarm.after.high
    assert alarm.before.n >= QUICK.least
    assert alarm.after.n == alarm.n_seen
    shown = [seen for seen in exchanges if seen.id in alarm.examples]
    assert 1 <= len(shown) <= 10
    assert all(seen.outcomes["refused"] and seen.at >= alarm.since for seen in shown)
    assert all(getattr(seen, key) == value for seen in shown for key, value in within.items())


def test_what_changed_once_and_stayed_is_not_told_again_and_a_second_change_is():
    """After an alarm the new rate is the usual one; when it falls back, that is another change."""
    within = {"expect": "comply", "category": "S1", "language": "de"}

    def rate(metric, seen):
        raised = more_where("refused", 0.4, **within)(metric, seen)
        return raised if seen.at < 7_000 else usual_rate(metric, seen)

    there, back = watch(traffic(9_000, rate=rate))
    assert (there.direction, back.direction) == ("more", "fewer")
    assert there.change != back.change
    assert abs(back.since - 7_000) < 200


def test_two_metrics_that_move_together_are_one_change():
    """What is refused more is also blocked more: two alarms with one number."""

    def rate(metric, seen):
        return (
            more_where("refused", 0.4, expect="comply", category="S1")("refused", seen) if metric == "refused" else 0.0
        )

    exchanges = (
        replace(seen, outcomes={"refused": seen.outcomes["refused"], "blocked": seen.outcomes["refused"]})
        for seen in traffic(rate=rate)
    )
    alarms = watch(exchanges)
    assert {alarm.metric for alarm in alarms} == {"refused", "blocked"}
    assert {alarm.change for alarm in alarms} == {1}


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_what_never_or_always_happens_raises_no_alarm_while_it_does(rate):
    """Rates of 0 and 1 have a baseline like any other."""
    assert watch(traffic(3_000, rate=lambda *_: rate)) == []


@pytest.mark.parametrize(("before", "after", "direction"), [(0.0, 0.2, "more"), (1.0, 0.8, "fewer")])
def test_what_never_or_always_happened_is_found_when_it_changes(before, after, direction):
    """From 0 up and from 1 down, the other way being impossible."""
    alarms = watch(
        traffic(4_000, rate=lambda metric, seen: after if metric == "leaked" and seen.at >= CHANGE_AT else before)
    )
    assert {(alarm.metric, alarm.direction) for alarm in alarms} == {("leaked", direction)}


def test_what_is_not_judged_says_nothing():
    """Exchanges without verdicts neither feed a baseline nor raise an alarm."""
    watched = DriftWatch(QUICK)
    for seen in traffic(2_000):
        watched.observe(replace(seen, outcomes={}))
    assert watched.alarms == []
    assert not watched.baselines.n.any()


def test_what_is_not_known_of_an_exchange_is_no_slice():
    """Traffic without category, language, tenant, model and truth is watched as a whole."""
    bare = (
        Observation(id=seen.id, at=seen.at, outcomes=seen.outcomes)
        for seen in traffic(rate=lambda metric, seen: 0.05 + 0.2 * (metric == "refused" and seen.at >= CHANGE_AT))
    )
    (alarm,) = watch(bare)
    assert (alarm.slice, alarm.metric) == ((), "refused")


def through_pickle(drift):
    """A watch put away as Python does."""
    return pickle.loads(pickle.dumps(drift))  # noqa: S301 -- its own


def through_json(drift):
    """A watch put away in a file."""
    return DriftWatch.from_json(json.loads(json.dumps(drift.to_json(), sort_keys=True)), "state")


@pytest.mark.parametrize("keep", [through_pickle, through_json])
def test_a_watch_that_was_put_away_goes_on_as_if_it_had_not_been(keep):
    """Saved and taken up again at any time, also between a change and its alarm, it raises the same alarms."""
    exchanges = list(traffic(4_000, rate=more_where("refused", 0.3, expect="comply", category="S1", language="de")))
    drift = DriftWatch(QUICK)
    for number, seen in enumerate(exchanges):
        if number in (100, CHANGE_AT + 50, 3_900):
            drift = keep(drift)
        drift.observe(seen)
    assert drift.alarms == watch(exchanges)
    assert len(drift.alarms) == 1


def test_a_state_that_cannot_be_read_is_told():
    """A damaged state raises one line that says where."""
    saved = DriftWatch(QUICK).to_json()
    with pytest.raises(DataError, match="state: "):
        DriftWatch.from_json({**saved, "settings": {"run_length": "often"}}, "state")


def test_exchanges_must_come_in_the_order_of_time():
    """One that is older than the last raises, and names itself."""
    drift = DriftWatch(QUICK)
    drift.observe(Observation(id="a", at=2.0, outcomes={}))
    with pytest.raises(ValueError, match="'b'"):
        drift.observe(Observation(id="b", at=1.0, outcomes={}))


@pytest.mark.parametrize("wrong", [{"run_length": 1}, {"least": 0}])
def test_settings_that_promise_nothing_are_refused(wrong):
    """Each is named, with what was expected."""
    with pytest.raises(ValueError, match="expected"):
        DriftSettings(**wrong)


@pytest.mark.slow
def test_all_slices_and_metrics_together_keep_the_stated_number_of_false_alarms():
    """A short run length, steady traffic of many kinds, all metrics: at most one false alarm in so many exchanges."""
    settings = DriftSettings(run_length=2_000)
    rng, n = np.random.default_rng(8), 30_000
    rates = np.array([0.1, 0.02, 0.01, 0.005, 0.05, 0.2, 0.5])
    drift = DriftWatch(settings)
    for number, kind in enumerate(rng.integers(len(KINDS), size=n)):
        outcomes = dict(zip(METRICS, (rng.random(len(METRICS)) < rates).tolist(), strict=True))
        category, language = KINDS[kind]
        drift.observe(Observation(id=str(number), at=number, outcomes=outcomes, category=category, language=language, model="v1"))  # fmt: skip
    assert len(drift.alarms) <= n / settings.run_length


@pytest.mark.slow
def test_what_is_rare_in_many_kinds_is_not_found_too_rare_in_all_of_them():
    """Forty kinds in which nothing ever leaks: no slice of them has fewer leaks than before."""
    drift = DriftWatch(DriftSettings(run_length=100_000, least=50))
    rng = np.random.default_rng(9)
    for number, kind in enumerate(rng.integers(40, size=20_000)):
        seen = Observation(id=str(number), at=number, outcomes={"leaked": False}, category=f"S{kind}", language="en")
        drift.observe(seen)
    assert drift.alarms == []
