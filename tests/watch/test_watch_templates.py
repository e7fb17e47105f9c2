"""Templates in traffic: planted ones are found with their counts, and only those that changed are said to have."""

import json
import random
from collections import Counter

import pytest

from demur.stats import fisher_exact
from demur.types import Reply, Turn, Verdict
from demur.watch import Exchange, JudgedExchange
from demur.watch.templates import Group, TemplateCounts, When, count_templates, share_templates

OLD = "I'm sorry, but I can't help with {}. It could put people in danger."
NEW = "This request goes against our usage policy, so no answer about {} will be given here."
THINGS = "locks knives bridges ladders tunnels wires pumps engines signals cranes".split()  # noqa: SIM905 -- a list of strings reads worse
DAY = 86_400.0


def refusal(template, rng, *, day, layer="model", outcome="refuse"):
    """Make a refusal by a template to a request of its own."""
    thing = f"{rng.choice(THINGS)} {rng.choice(THINGS)}"
    exchange = Exchange(
        turns=(Turn("user", f"How do I break {thing}?"),), reply=Reply(template.format(thing)), at=day * DAY
    )
    return JudgedExchange(exchange, Verdict(outcome, layer=layer), "en")


def counted(shards):
    """Put the templates of some shards together, through what is written of each."""
    whole = TemplateCounts()
    for number, shard in enumerate(shards):
        whole.add(TemplateCounts.from_plain(json.loads(json.dumps(count_templates(shard).to_plain())), str(number)))
    return whole


def traffic(share_of_new, rng, n=60):
    """Make a shard a day, of which a share is the new template."""
    return [
        [refusal(NEW if rng.random() < share else OLD, rng, day=day) for _ in range(n)]
        for day, share in enumerate(share_of_new)
    ]


def test_two_planted_templates_are_two_whatever_is_in_them():
    """The words of the request do not count; the counts are those that were planted, over all shards."""
    rng = random.Random(1)
    shards = traffic([0.3] * 6, rng)
    planted = Counter("policy" in one.exchange.reply.text for shard in shards for one in shard)
    old, new = share_templates(counted(shards))
    assert (old.share.n, old.share.value) == (360, planted[False] / 360)
    assert (new.share.n, new.share.value) == (360, planted[True] / 360)
    assert old.change is new.change is None
    assert "policy" in new.text


def test_a_swap_is_a_template_that_is_new_and_one_that_is_gone():
    """With no change in how much is refused, the words of it tell."""
    old, new = share_templates(counted(traffic([0, 0, 0, 0, 1, 1], random.Random(2))))
    assert (old.change.trend, new.change.trend) == ("vanished", "new")
    assert old.change.since == new.change.since == "1970-01-05"
    assert (new.change.before.value, new.change.after.value) == (0.0, 1.0)
    assert list(new.by_period) == [f"1970-01-0{day}" for day in range(1, 7)]
    assert [one.value for one in new.by_period.values()] == [0, 0, 0, 0, 1, 1]


def test_a_share_that_rises_rises_and_the_other_falls():
    """A share that was there before is told with both sides of the change."""
    by_words = {
        "policy" in one.text: one for one in share_templates(counted(traffic([0.3] * 4 + [0.8] * 4, random.Random(3))))
    }
    assert (by_words[True].change.trend, by_words[False].change.trend) == ("rising", "falling")
    assert by_words[True].change.since == "1970-01-05"


def test_within_three_days_shares_are_by_the_hour():
    """A day of traffic has a beginning and an end."""
    rng = random.Random(4)
    shard = [refusal(OLD if hour < 12 else NEW, rng, day=hour / 24) for hour in range(24) for _ in range(10)]
    old, _ = share_templates(counted([shard]))
    assert (old.change.trend, old.change.since) == ("vanished", "1970-01-01T12")


@pytest.mark.slow
def test_where_nothing_changes_hardly_anything_is_said_to_have():
    """The level of .05 is of all tests of a log together: of 200 logs without a change at most .05 + 2 errors alarm."""
    rng = random.Random(5)
    n_alarms = 0
    for _ in range(200):
        days = [
            Counter(
                {When(f"1970-01-{day:02}T00", "en"): sum(rng.random() < 0.2 for _ in range(80)) for day in range(1, 31)}
            )
        ]
        rest = Counter({hour: 80 - n for hour, n in days[0].items()})
        told = share_templates(TemplateCounts([Group("q", OLD, rest), Group("q", NEW, days[0])]))
        n_alarms += any(one.change is not None for one in told)
    assert n_alarms / 200 <= 0.05 + 2 * (0.05 * 0.95 / 200) ** 0.5


def test_a_language_that_is_asked_more_is_no_change():
    """A wording's share rises with its language, and not within it; pooled, the two would differ beyond doubt."""
    rng = random.Random(8)
    german, other, english = (Counter() for _ in range(3))
    for day in range(1, 21):
        n_german = 10 if day <= 10 else 60
        k = sum(rng.random() < 0.8 for _ in range(n_german))
        german[When(f"1970-01-{day:02}T00", "||de")] = k
        other[When(f"1970-01-{day:02}T00", "||de")] = n_german - k
        english[When(f"1970-01-{day:02}T00", "||en")] = 60
    groups = [Group("q", OLD, german), Group("q", NEW, other), Group("q", "No.", english)]
    told = share_templates(TemplateCounts(groups))
    assert [one.change for one in told] == [None] * 3
    early, late = ([sum(n for when, n in one.items() if (when.hour > "1970-01-11") == is_late) for one in (german, other, english)] for is_late in (False, True))  # fmt: skip
    assert fisher_exact(early[0], sum(early), late[0], sum(late)) < 1e-12


def test_a_change_says_when_it_could_be_told_and_shows_itself():
    """The end of the first period after which the test, which pays for looking again each day, says so; and refusals since."""
    shards = traffic([0, 0, 0, 0, 1, 1], random.Random(2))
    old, new = share_templates(counted(shards))
    assert (new.change.found, old.change.found) == ("1970-01-05", "1970-01-05")
    assert new.change.n_seen == 60
    assert [place.shard for place in new.shown] == ["4", "5"]
    assert [place.shard for place in old.shown] == ["3", "2", "1", "0"]
    for place in new.shown:
        assert "policy" in shards[int(place.shard)][place.row].exchange.reply.text


def test_only_refusals_of_the_models_own_count():
    """What a filter says is no wording of the model's; an answer and half a refusal are none either."""
    rng = random.Random(6)
    shard = [
        refusal(OLD, rng, day=0, layer="filter"),
        refusal(OLD, rng, day=0, outcome="partial"),
        refusal(OLD, rng, day=0),
    ]
    (found,) = share_templates(counted([shard]))
    assert found.share.n == 1


def test_what_is_small_is_counted_among_the_others(monkeypatch):
    """Memory does not grow, and no refusal is lost: the shares are of all of them."""
    monkeypatch.setattr("demur.watch.templates._KEPT_OF_A_SHARD", 1)
    rng = random.Random(7)
    shard = [refusal(OLD, rng, day=0) for _ in range(5)] + [refusal(NEW, rng, day=0)]
    (found,) = share_templates(counted([shard] * 3))
    assert (found.share.n, found.share.value) == (18, 15 / 18)
