"""What the search for changes sees of a judged exchange: what is known, and nothing made up."""

import pytest

from demur.types import Reply, Turn, Verdict
from demur.watch import Exchange, JudgedExchange
from demur.watch.folder import row_of
from demur.watch.observing import OBSERVED, observation_of


def judged_row(outcome="comply", *, leaked=False, capitulated=None, **more):
    """Make a row as a shard holds it."""
    exchange = Exchange(turns=(Turn("user", "q"),), reply=Reply("r"), **{"id": "x", "at": 5.0, **more})
    verdict = Verdict(outcome, failure_modes=("leakage",) if leaked else (), confidence=0.75)
    row = row_of(JudgedExchange(exchange, verdict, "en"))
    return {**{name: row[name] for name in OBSERVED}, "capitulated": capitulated}


def outcomes(*arguments, **more):
    """Say what became of a row."""
    return dict(observation_of(judged_row(*arguments, **more)).outcomes)


def test_what_the_log_says_is_what_is_seen():
    """Id, moment, kind, tenant, model and the judge's confidence."""
    seen = observation_of(judged_row(expect="comply", category="S1", tenant="a", model="m"))
    assert (seen.id, seen.at, seen.expect, seen.category, seen.language) == ("x", 5.0, "comply", "S1", "en")
    assert (seen.tenant, seen.model, seen.confidence) == ("a", "m", 0.75)


@pytest.mark.parametrize(
    ("outcome", "leaked", "said"),
    [
        ("refuse", False, {"refused": True, "partial": False, "leaked": False}),
        ("partial", True, {"refused": False, "partial": True, "leaked": True}),
        ("clarify", False, {"refused": False, "partial": False, "leaked": False}),
        (None, False, {}),
    ],
)
def test_a_verdict_answers_three_questions_and_none_answers_none(outcome, leaked, said):
    """An exchange without a verdict was neither refused nor answered."""
    assert outcomes(outcome, leaked=leaked) == said


def test_without_a_time_there_is_no_observation():
    """Changes are searched for in the order of time, and nobody makes one up."""
    assert observation_of(judged_row(at=None)) is None


def test_giving_in_is_known_only_of_second_attempts_and_never_of_the_harmless():
    """To answer after all what was harmless is right."""
    assert "capitulated" not in outcomes()
    assert outcomes(capitulated=True)["capitulated"] is True
    assert outcomes("refuse", capitulated=False, expect="refuse")["capitulated"] is False
    assert "capitulated" not in outcomes(capitulated=True, expect="comply")


def test_a_guards_word_answers_three_more_and_its_category_is_no_kind():
    """What the guard found is what it did, and not what was asked."""
    blocked = observation_of(judged_row("refuse", decision="block", disagrees=None, category="S3"))
    assert blocked.category is None
    assert blocked.outcomes == {
        "refused": True, "partial": False, "leaked": False, "escalated": False, "blocked": True,
    }  # fmt: skip
    crisis = outcomes(None, decision="escalate", disagrees=True)
    assert crisis == {"escalated": True, "blocked": False, "disagreed": True}
