"""When something happened, however a log writes it."""

import math
from datetime import UTC, date, datetime
from typing import Any

from demur.errors import DataError

__all__ = ["day_of", "hour_of", "iso_of", "period_span", "read_moment"]

_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""From which number on a count since 1970 is in nano-, micro- or milliseconds: as seconds it would be the year 5138."""
_DAY_S, _HOUR_S = 86_400.0, 3_600.0
_DAY_CHARACTERS = len("2026-11-30")
_LATEST = 253402300799.0
"""The last second that a date can hold: the end of the year 9999."""


def read_moment(value: Any, where: str) -> float | None:
    """Read a moment: ISO 8601, or a count of seconds, milli-, micro- or nanoseconds since 1970, as a number or its digits.

    A time without a zone is UTC.

    Returns:
        Seconds since 1970 UTC; None where the log says nothing.

    Raises:
        DataError: it is none of these; the message begins with the place.
    """
    if value is None or value == "":
        return None
    seconds = _of_date(value) if isinstance(value, date) else _of_number(value)
    if seconds is None and isinstance(value, str):
        seconds = _of_text(value)
    if seconds is None or not 0 <= seconds <= _LATEST:
        raise DataError(f"{where}: found {str(value)[:80]!r} for the time; expected ISO 8601 or seconds since 1970")
    return seconds


def iso_of(at: float) -> str:
    """Give a moment to the second, in UTC: ``2026-11-30T14:05:00+00:00``."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def day_of(at: float) -> str:
    """Give the day of a moment, in UTC: ``2026-11-30``."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def hour_of(at: float) -> str:
    """Give the hour of a moment, in UTC: ``2026-11-30T14``."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H")


def _of_number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        count = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if not math.isfinite(count):
        return None
    return count / next((size for least, size in _UNITS if count >= least), 1.0)


def _of_text(text: str) -> float | None:
    try:
        return _of_date(datetime.fromisoformat(text.strip()))
    except ValueError:
        return None


def period_span(period: str) -> tuple[float, float]:
    """Give the beginning and the end of a day or an hour, as `day_of` and `hour_of` name them."""
    start = datetime.fromisoformat(period).replace(tzinfo=UTC).timestamp()
    return start, start + (_DAY_S if len(period) == _DAY_CHARACTERS else _HOUR_S)


def _of_date(moment: date) -> float:
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
