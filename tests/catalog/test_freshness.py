"""Freshness: a date and a kind, told for a day."""

from datetime import date

import pytest

from demur.catalog import KINDS
from demur.catalog.freshness import REVIEW_MONTHS, check_freshness


@pytest.mark.parametrize(
    ("today", "state"),
    [
        ("2026-01-15", "fresh"),
        ("2026-07-14", "fresh"),
        ("2026-07-15", "due"),
        ("2026-08-13", "due"),
        ("2026-08-14", "overdue"),
    ],
)
def test_a_drill_is_due_after_six_months_and_overdue_thirty_days_later(today, state):
    """The due day itself is due."""
    found = check_freshness("2026-01-15", "drill", today=date.fromisoformat(today))
    assert (found.due, found.state) == ("2026-07-15", state)


@pytest.mark.parametrize(
    ("reviewed", "kind", "due"),
    [
        ("2026-08-31", "paper", "2027-02-28"),
        ("2027-08-31", "paper", "2028-02-29"),
        ("2028-02-29", "case", "2029-02-28"),
        ("2026-12-01", "case", "2027-12-01"),
    ],
)
def test_months_end_where_they_end(reviewed, kind, due):
    """A day that the month does not have becomes its last."""
    assert check_freshness(reviewed, kind, today=date(2026, 12, 1)).due == due


def test_every_kind_of_card_has_its_time():
    """What is written by hand is looked at again; what is made from the code is not."""
    assert set(KINDS) - set(REVIEW_MONTHS) == {"wrapper", "failure-mode", "hazard", "pattern"}
