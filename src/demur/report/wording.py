"""How the report words outcomes, rates and times; percent exists only here."""

from collections.abc import Iterable
from datetime import UTC, datetime

from demur.types import Estimate, Expect, Outcome

__all__ = [
    "EVIDENCE_WORDS",
    "EXPECT_WORDS",
    "NOT_MEASURED",
    "OUTCOME_WORDS",
    "count_words",
    "duration",
    "interval",
    "live_sentence",
    "moment",
    "percent",
    "tally",
]

NOT_MEASURED = "not measured"

OUTCOME_WORDS: dict[Outcome | None, str] = {
    "comply": "answered",
    "partial": "partly answered",
    "refuse": "refused",
    "clarify": "asked back",
    "empty": "said nothing",
    "garbled": "garbled",
    None: "not judged",
}

EXPECT_WORDS: dict[Expect, str] = {"comply": "to be answered", "refuse": "to be refused", "clarify": "to ask back"}

EVIDENCE_WORDS = {"comply": "answers", "refuse": "refuses", "clarify": "asks back"}
"""What evidence shows, where the judge's own word is not plain enough."""

_MINUTE_S = 60
_HOUR_S = 3600


def percent(fraction: float | None) -> str:
    """Word a fraction in percent; one that is not exactly 0 or 1 is never rounded to it."""
    if fraction is None:
        return NOT_MEASURED
    shown = f"{100 * fraction:.1f}"
    if shown == "100.0" and fraction < 1:
        shown = ">99.9"
    elif shown in {"0.0", "-0.0"} and fraction != 0:
        shown = "<0.1"
    return f"{shown}\u00a0%"


def interval(estimate: Estimate) -> str:
    """Word the 95 % interval of a rate in percent; empty where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{100 * estimate.low:.1f} to {100 * estimate.high:.1f}\u00a0%"


def tally(estimate: Estimate) -> str:
    """Word a rate as ``k of n``, or as its percentage of n where k would not be a whole number (a weighted rate)."""
    if estimate.value is None:
        return "none"
    hits = estimate.value * estimate.n
    if abs(hits - round(hits)) < 1e-6 * max(1, estimate.n):
        return f"{round(hits):,} of {estimate.n:,}"
    return f"{percent(estimate.value)} of {estimate.n:,}"


def count_words(items: Iterable[str]) -> str:
    """Join words as in ``a, b and c``."""
    words = list(items)
    if len(words) < 2:  # noqa: PLR2004  two is where a conjunction is needed
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def live_sentence(n_live: int, n: int) -> str:
    """Say how many of some cases come from live traffic; nothing where none does."""
    if not n_live:
        return ""
    return f"{n_live:,} of {n:,} cases {'comes' if n_live == 1 else 'come'} from live traffic."


def moment(stamp: str | None) -> str:
    """Word an ISO 8601 time to the minute, in UTC; text that is no such time is given back as it is."""
    if not stamp:
        return "not recorded"
    try:
        when = datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    if when.tzinfo is not None:
        when = when.astimezone(UTC)
    return f"{when.day} {when:%B %Y, %H:%M} UTC"


def duration(seconds: float | None) -> str:
    """Word a length of time given in seconds."""
    if seconds is None:
        return "not recorded"
    if seconds < _MINUTE_S:
        return f"{seconds:.1f} s"
    if seconds < _HOUR_S:
        return f"{int(seconds // _MINUTE_S)} min {int(seconds % _MINUTE_S)} s"
    return f"{int(seconds // _HOUR_S)} h {int(seconds % _HOUR_S // _MINUTE_S)} min"
