"""Cases that come from live traffic: how their cards say so."""

from demur.types import Case

__all__ = ["LIVE_SOURCE", "is_live"]

LIVE_SOURCE = "live traffic"
"""What the source of such a case begins with."""


def is_live(case: Case) -> bool:
    """Tell whether somebody asked it of a system in use, before it became a case."""
    return case.source.startswith(LIVE_SOURCE)
