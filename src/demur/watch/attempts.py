"""Second attempts: what a user, or somebody in a conversation, asks again after a refusal, and whether they get it then."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from demur.judge.words import index_words
from demur.stats import wilson
from demur.types import Estimate

__all__ = ["COLUMNS", "AttemptCounts", "Attempts"]

COLUMNS = ("user", "conversation", "at", "outcome", "prompt")
"""Of a shard that it reads."""

_WITHIN_S = 1800.0
"""Seconds after a refusal in which a request is a second attempt."""
_LEAST_ALIKE = 0.5
"""Share of the words of the shorter of two requests that are in the other too, from which on one is asked again."""
_FEWEST_WORDS = 2
_MOST_OPEN = 100_000
"""Refusals that are waited on at a time; of more, the oldest are let go."""


@dataclass(frozen=True)
class Attempts:
    """What was asked again after a refusal."""

    n_refused: int
    """Refusals of somebody who is known by user or conversation."""
    asked_again: Estimate
    """Of these, those after which the same was asked again within half an hour: half of the words, or more, are the same."""
    answered: Estimate
    """Of what was asked again, what was answered; n_unjudged are those of which it is not known."""


class _Open(NamedTuple):
    at: float | None
    words: frozenset[str]


class AttemptCounts:
    """Counts attempts in the order of the log, in memory that does not grow with it."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[str, str], _Open] = OrderedDict()
        self._n_refused = self._n_again = self._n_answered = self._n_unjudged = 0

    def to_plain(self) -> dict[str, Any]:
        """Give plain values; what is too long ago to be followed is left out."""
        moments = [one.at for one in self._open.values() if one.at is not None]
        least = max(moments, default=0.0) - _WITHIN_S
        return {
            "open": [
                [*who, one.at, sorted(one.words)]
                for who, one in self._open.items()
                if one.at is None or one.at >= least
            ],
            "counts": [self._n_refused, self._n_again, self._n_answered, self._n_unjudged],
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "AttemptCounts":
        """Read what `to_plain` gave."""
        counts = cls()
        for name, value, at, words in plain["open"]:
            counts._open[name, value] = _Open(at, frozenset(words))
        counts._n_refused, counts._n_again, counts._n_answered, counts._n_unjudged = plain["counts"]
        return counts

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take in the next exchanges of a log, with `COLUMNS`."""
        for row in rows:
            self.take(row)

    def take(self, row: Mapping[str, Any]) -> bool | None:
        """Take in the next exchange, with `COLUMNS`, and tell whether it is the answer to what was refused before.

        Returns:
            None where nothing is asked again, and where it is not known what became of it.
        """
        who = _who(row)
        if who is None:
            return None
        is_again = self._follow(who, row)
        if row["outcome"] == "refuse":
            self._await(who, row)
        return row["outcome"] == "comply" if is_again and row["outcome"] is not None else None

    def sum_up(self) -> Attempts:
        """Tell what was found."""
        judged = self._n_again - self._n_unjudged
        return Attempts(
            self._n_refused,
            wilson(self._n_again, self._n_refused),
            wilson(self._n_answered, judged, n_unjudged=self._n_unjudged),
        )

    def _follow(self, who: tuple[str, str], row: Mapping[str, Any]) -> bool:
        """Tell whether what was refused is asked again, and count it."""
        refused = self._open.pop(who, None)
        if refused is None or not _is_soon(refused.at, row["at"]):
            return False
        if not _is_alike(refused.words, frozenset(index_words(row["prompt"]))):
            return False
        self._n_again += 1
        self._n_answered += row["outcome"] == "comply"
        self._n_unjudged += row["outcome"] is None
        return True

    def _await(self, who: tuple[str, str], row: Mapping[str, Any]) -> None:
        self._n_refused += 1
        self._open[who] = _Open(row["at"], frozenset(index_words(row["prompt"])))
        if len(self._open) > _MOST_OPEN:
            self._open.popitem(last=False)


def _who(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Say who asks: the user, or else the conversation; a user goes on in a new conversation."""
    return next(((name, row[name]) for name in ("user", "conversation") if row[name] is not None), None)


def _is_soon(before: float | None, after: float | None) -> bool:
    return before is None or after is None or 0 <= after - before <= _WITHIN_S


def _is_alike(before: frozenset[str], after: frozenset[str]) -> bool:
    fewest = min(len(before), len(after))
    return fewest >= _FEWEST_WORDS and len(before & after) >= _LEAST_ALIKE * fewest
