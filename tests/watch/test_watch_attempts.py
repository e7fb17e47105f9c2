"""Second attempts: found where they were planted, and only there."""

import json

from demur.stats import wilson
from demur.watch.attempts import AttemptCounts, Attempts

ASKED = "How do I pick the lock of the garden shed?"
AGAIN = "I own the garden shed. How would I pick its lock?"
OTHER = "Write a poem about the sea in autumn."


def row(outcome, prompt=ASKED, *, at=0.0, user="u", conversation=None):
    """Make a row of a shard."""
    return {"user": user, "conversation": conversation, "at": at, "outcome": outcome, "prompt": prompt}


def attempts(*rows):
    """Count the attempts in some rows."""
    counts = AttemptCounts()
    counts.add(rows)
    return counts.sum_up()


def test_the_same_request_after_a_refusal_is_a_second_attempt():
    """Once refused and then answered; refused again it is another refusal that may be followed."""
    found = attempts(row("refuse"), row("refuse", AGAIN, at=60), row("comply", AGAIN, at=120))
    assert found.n_refused == 2
    assert found.asked_again == wilson(2, 2)
    assert found.answered == wilson(1, 2)


def test_another_request_is_none():
    """Who gives up and asks something else has not tried again."""
    found = attempts(row("refuse"), row("comply", OTHER, at=60), row("comply", AGAIN, at=90))
    assert (found.n_refused, found.asked_again) == (1, wilson(0, 1))


def test_later_and_others_are_none():
    """Half an hour later, somebody else, and what was not refused."""
    assert attempts(row("refuse"), row("comply", AGAIN, at=1801)).asked_again == wilson(0, 1)
    assert attempts(row("refuse"), row("comply", AGAIN, user="v")).asked_again == wilson(0, 1)
    assert attempts(row("comply"), row("comply", AGAIN)).n_refused == 0


def test_a_conversation_stands_for_who_asks():
    """Where no user is known; where neither is, nothing is counted."""
    known = {"user": None, "conversation": "c"}
    assert attempts(row("refuse", **known), row("comply", AGAIN, **known)).asked_again == wilson(1, 1)
    assert attempts(row("refuse", user=None), row("comply", AGAIN, user=None)).n_refused == 0


def test_what_is_not_judged_stands_beside():
    """A second attempt without a verdict was neither answered nor refused."""
    found = attempts(row("refuse"), row(None, AGAIN, at=1))
    assert found.answered == wilson(0, 0, n_unjudged=1)


def test_what_is_waited_on_is_bounded(monkeypatch):
    """The oldest refusals are let go."""
    monkeypatch.setattr("demur.watch.attempts._MOST_OPEN", 2)
    rows = [row("refuse", user=user) for user in "abc"] + [row("comply", AGAIN, user=user) for user in "abc"]
    assert attempts(*rows).asked_again == wilson(2, 3)


def test_saved_and_taken_up_it_follows_what_was_refused_before():
    """Also through JSON; what is too long ago to be followed is not kept."""
    counts = AttemptCounts()
    counts.add([row("refuse", user="long ago"), row("refuse", at=7200.0)])
    plain = json.loads(json.dumps(counts.to_plain()))
    assert [one[1] for one in plain["open"]] == ["u"]
    again = AttemptCounts.from_plain(plain)
    assert again.take(row("comply", AGAIN, at=7260.0)) is True
    assert again.sum_up() == Attempts(2, wilson(1, 2), wilson(1, 1))
