"""Freshness: whether somebody has looked at a card lately enough."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

__all__ = ["REVIEW_MONTHS", "Freshness", "State", "check_freshness"]

State = Literal["fresh", "due", "overdue"]

REVIEW_MONTHS: Mapping[str, int] = {"case": 12, "drill": 6, "technique": 6, "paper": 6, "benchmark": 6}
"""How often a record of each kind is to be looked at. A plain question ages slowly; drills and references follow a literature
in which half a year brings new forms of the same attack."""

_GRACE = timedelta(days=30)
"""How long a review may be due before it is overdue."""


@dataclass(frozen=True)
class Freshness:
    """When a record was looked at, and when it is to be looked at again."""

    reviewed: str
    """ISO date."""
    due: str
    """ISO date."""
    state: State
    """On the day of the catalogue: fresh before the due day, then due for 30 days, then overdue."""


def check_freshness(reviewed: str, kind: str, *, today: date) -> Freshness:
    """Say how fresh a record is.

    Args:
        reviewed: ISO date of the last review.
        kind: one of `REVIEW_MONTHS`.
        today: the day to say it for.
    """
    due = _add_months(date.fromisoformat(reviewed), REVIEW_MONTHS[kind])
    state: State = "fresh" if today < due else "due" if today < due + _GRACE else "overdue"
    return Freshness(reviewed, due.isoformat(), state)


def _add_months(day: date, months: int) -> date:
    """Give the same day some months later, or the last of that month where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
