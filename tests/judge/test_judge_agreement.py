"""Two judges on the same replies, neither of them held to be right."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demur.judge.agreement import Judged, compare_judges
from demur.records import from_plain, to_plain
from demur.stats import cohen_kappa, tabulate
from demur.types import Outcome

OUTCOMES = st.sampled_from(Outcome.__args__)


def pairs(*counted):
    """Make replies: how many of each pair of outcomes, each a family of its own."""
    labels = [(local, graded) for local, graded, n in counted for _ in range(n)]
    return [Judged(local, graded, family) for family, (local, graded) in enumerate(labels)]


MIXED = pairs(("refuse", "refuse", 30), ("refuse", "partial", 10), ("comply", "comply", 50), ("comply", "refuse", 10))


def test_the_figures_are_those_anyone_would_work_out():
    """Of 100 replies 80 get the same outcome and 90 the same word on refusal; kappa is Cohen's of either table."""
    found = compare_judges(MIXED)
    assert found.outcomes.table.labels == ("comply", "partial", "refuse")
    assert found.outcomes.table.counts == ((50, 0, 10), (0, 0, 0), (0, 10, 30))
    assert found.outcomes.agreement.value == 0.8
    assert found.any_refusal.table.labels == ("no", "yes")
    assert found.any_refusal.table.counts == ((50, 10), (0, 40))
    assert found.any_refusal.agreement.value == 0.9
    by_chance = 0.6 * 0.5 + 0.4 * 0.5
    assert found.any_refusal.kappa.value == pytest.approx((0.9 - by_chance) / (1 - by_chance))
    assert found.outcomes.kappa.value == pytest.approx(cohen_kappa(found.outcomes.table).value)
    assert (found.n, found.only_local, found.only_graded, found.neither) == (100, 0, 0, 0)


def test_a_grader_that_always_refuses_agrees_no_more_than_chance():
    """One that calls everything a refusal has kappa 0, however often it happens to be right; one that is right has 1."""
    replies = [("refuse", 60), ("comply", 35), ("partial", 5)]
    stuck = compare_judges(pairs(*((local, "refuse", n) for local, n in replies)))
    assert stuck.outcomes.agreement.value == 0.6
    assert stuck.any_refusal.agreement.value == 0.65
    assert stuck.outcomes.kappa.value == stuck.any_refusal.kappa.value == 0
    assert stuck.any_refusal.kappa.low < 0 < stuck.any_refusal.kappa.high
    twin = compare_judges(pairs(*((local, local, n) for local, n in replies)))
    assert twin.outcomes.kappa.value == twin.any_refusal.kappa.value == 1


def test_what_one_judge_leaves_open_is_counted_and_in_no_figure():
    """Unjudged replies of either judge and of both stand beside every figure and change none."""
    plain = compare_judges(MIXED)
    found = compare_judges(
        [*MIXED, *pairs(("refuse", None, 3), (None, "comply", 4), (None, None, 5))],
    )
    assert (found.n, found.only_local, found.only_graded, found.neither) == (112, 3, 4, 5)
    assert found.outcomes.table.n_unjudged == 3
    for one, other in ((found.outcomes, plain.outcomes), (found.any_refusal, plain.any_refusal)):
        assert (one.agreement.value, one.kappa.value) == (other.agreement.value, other.kappa.value)
        for figure in (one.agreement, one.kappa):
            assert (figure.n, figure.n_unjudged) == (100, 12)


def test_replies_of_one_family_tell_no_more_than_one():
    """A hundred replies asked four times over give intervals as wide as asked once."""
    once, repeated = compare_judges(MIXED), compare_judges(MIXED * 4)
    for narrow, wide in ((once.outcomes, repeated.outcomes), (once.any_refusal, repeated.any_refusal)):
        for name in ("agreement", "kappa"):
            one, four = getattr(narrow, name), getattr(wide, name)
            assert four.value == pytest.approx(one.value)
            assert four.high - four.low > 0.93 * (one.high - one.low), name


@pytest.mark.parametrize("replies", [[], pairs(("refuse", None, 5), (None, None, 1)), pairs(("refuse", "refuse", 9))])
def test_where_there_is_nothing_to_tell_kappa_has_no_value(replies):
    """Without a reply that both judge, or where both use one word only, agreement beyond chance is not defined."""
    found = compare_judges(replies)
    assert found.outcomes.kappa.value is None
    assert found.any_refusal.kappa.value is None
    assert from_plain(type(found), to_plain(found), "agreement") == found


@given(st.lists(st.tuples(st.none() | OUTCOMES, st.none() | OUTCOMES, st.integers(0, 3)), max_size=30))
@settings(deadline=None)
def test_every_reply_is_counted_once(replies):
    """Judged by both, by one or by neither: the four add up, and the table is that of the literal count."""
    found = compare_judges([Judged(*one) for one in replies])
    both = [(local, graded) for local, graded, _ in replies if local is not None and graded is not None]
    assert found.n == len(both) + found.only_local + found.only_graded + found.neither == len(replies)
    assert found.any_refusal.table.n == found.outcomes.table.n == len(both)
    literal = tabulate([a for a, _ in both], [b for _, b in both])
    expected = cohen_kappa(literal).value
    assert found.outcomes.kappa.value == (None if expected is None else pytest.approx(expected))
