"""Partial sums and rates: what shards add up to is what counting all rows at once gives."""

from demur.stats import wilson
from demur.types import Reply, Turn, Verdict
from demur.watch import Exchange, JudgedExchange
from demur.watch.rates import rate_slices
from demur.watch.tally import count_shard, read_tally, tally_rows


def judged(outcome, *, layer="model", leaked=False, language="en", at=0.0, **more):
    """Make a judged exchange."""
    exchange = Exchange(turns=(Turn("user", "q"),), reply=Reply("r"), at=at, **more)
    modes = ("leakage",) if leaked else ()
    note = "no response" if outcome is None else None
    return JudgedExchange(exchange, Verdict(outcome, layer=layer, failure_modes=modes, note=note), language)


DAY = 86_400.0
ROWS = [
    *[judged("comply", model="a", tenant="x")] * 6,
    *[judged("refuse", model="a", tenant="x")] * 2,
    judged("refuse", model="a", layer="filter", tenant="x"),
    judged("partial", model="b", leaked=True, at=DAY),
    judged(None, model="b", at=DAY),
    judged("comply", model="b", language=None, at=None),
]


def find(rates, by, value, day):
    """Find one slice."""
    (found,) = [one for one in rates if (one.by, one.value, one.day) == (by, value, day)]
    return found


def test_each_rate_rests_on_what_was_judged():
    """Refused, in part, leaked and by whom, with what is unjudged beside it and never in it."""
    rates = rate_slices(count_shard(ROWS))
    overall = find(rates, "all", None, None)
    assert overall.refused == wilson(3, 11, n_unjudged=1)
    assert overall.refused_by_model == wilson(2, 11, n_unjudged=1)
    assert overall.refused_by_filter == wilson(1, 11, n_unjudged=1)
    assert overall.partial == overall.leaked == wilson(1, 11, n_unjudged=1)


def test_slices_are_by_day_and_by_each_dimension():
    """The days of a slice add up to it; what a log does not say is a slice of its own, or none if it never says."""
    rates = rate_slices(count_shard(ROWS))
    assert find(rates, "model", "a", None).refused == wilson(3, 9)
    assert find(rates, "model", "b", "1970-01-02").refused == wilson(0, 1, n_unjudged=1)
    assert find(rates, "model", "b", "undated").refused == wilson(0, 1)
    assert find(rates, "tenant", None, None).refused == wilson(0, 2, n_unjudged=1)
    assert find(rates, "language", None, None).refused == wilson(0, 1)
    assert not [one for one in rates if one.by == "category"]


def test_the_whole_comes_first_and_the_largest_next():
    """In the order in which people ask."""
    rates = [one for one in rate_slices(count_shard(ROWS)) if one.day is None]
    assert [(one.by, one.value) for one in rates] == [
        ("all", None), ("language", "en"), ("language", None), ("tenant", "x"), ("tenant", None), ("model", "a"), ("model", "b"),
    ]  # fmt: skip


def test_partial_sums_add_up_and_can_be_written():
    """Shards, in any order, through lists of plain values, are the whole."""
    parts = [count_shard(ROWS[:4]), count_shard(ROWS[4:])]
    again = [read_tally(tally_rows(part)) for part in reversed(parts)]
    assert again[0] + again[1] == count_shard(ROWS)
    assert tally_rows(count_shard(ROWS)) == tally_rows(count_shard(ROWS[::-1]))
