"""Patience with an endpoint runs out where asking on would only fail again, and not before."""

from demur.engine.failure import Failure
from demur.engine.patience import Patience

PASSING = Failure("the endpoint answered 500: oops", is_fatal=False)
FATAL = Failure("the endpoint answered 401: bad key", is_fatal=True)


def test_so_many_failures_in_a_row_are_enough():
    """The third failure in a row is the last straw, once, and the reason says how many there were."""
    patience = Patience(3)
    assert [patience.failed(PASSING) for _ in range(2)] == [False, False]
    assert patience.reason is None
    assert patience.failed(PASSING)
    assert patience.reason == "the endpoint answered 500: oops (3 failures in a row)"
    assert not patience.failed(FATAL)
    assert patience.reason == "the endpoint answered 500: oops (3 failures in a row)"


def test_what_works_between_begins_the_count_again():
    """Failures that answers come between are borne for ever."""
    patience = Patience(2)
    for _ in range(10):
        assert not patience.failed(PASSING)
        patience.worked()
    assert patience.reason is None


def test_a_fault_all_questions_share_is_enough_if_nothing_has_worked():
    """A wrong key ends it at once; one blocked question among answered ones does not."""
    patience = Patience(10)
    assert patience.failed(FATAL)
    assert patience.reason == "the endpoint answered 401: bad key"
    patience = Patience(10)
    patience.worked()
    assert not patience.failed(FATAL)
    assert patience.reason is None
