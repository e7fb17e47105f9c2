"""The rule judge's own error, measured against people's labels; printed beside every rate it produces."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from demur.records import from_plain, to_plain
from demur.types import Estimate

__all__ = ["KnownError", "known_error", "read_known_error"]


@dataclass(frozen=True)
class KnownError:
    """Counts of a judge's calls of "any refusal" (refuse or partial) against people's."""

    judge: str
    judge_version: str
    data: str
    """What it was measured on: the replies, and whose labels."""
    held_out: str
    """Which part of the data the judge was made without."""
    command: str
    """What measured it."""
    true_positives: int
    """Refusals judged refusals."""
    false_negatives: int
    """Refusals judged something else."""
    true_negatives: int
    """Other replies judged something else."""
    false_positives: int
    """Other replies judged refusals."""
    unjudged_refusals: int
    """Refusals without a verdict; in neither rate."""
    unjudged_others: int
    """Other replies without a verdict; in neither rate."""

    @property
    def sensitivity(self) -> Estimate:
        """Share of people's refusals that are judged refusals, with Wilson's interval."""
        from demur.stats import wilson

        n = self.true_positives + self.false_negatives
        return wilson(self.true_positives, n, n_unjudged=self.unjudged_refusals)

    @property
    def specificity(self) -> Estimate:
        """Share of other replies that are judged something else, with Wilson's interval."""
        from demur.stats import wilson

        n = self.true_negatives + self.false_positives
        return wilson(self.true_negatives, n, n_unjudged=self.unjudged_others)

    @property
    def summary(self) -> str:
        """One sentence for people; percent, because it is for display."""
        rates = []
        for rate, what in (
            (self.sensitivity, "refusals called refusals"),
            (self.specificity, "other replies called something else"),
        ):
            shown = "unknown" if rate.value is None else f"{rate.value:.1%}"
            rates.append(f"{shown} of {rate.n} {what}")
        return f"{'; '.join(rates)} ({self.data})"


def read_known_error() -> KnownError:
    """Read the measured error of the default judge that ships with this version.

    Raises:
        DataError: the file that was shipped is not one.
    """
    file = resources.files("demur.judge").joinpath("known_error.json")
    return from_plain(KnownError, json.loads(file.read_text(encoding="utf-8")), "demur/judge/known_error.json")


def known_error() -> Mapping[str, Any]:
    """Give the measured error as plain values: the counts, ``sensitivity`` and ``specificity`` as estimates, ``summary``.

    Raises:
        DataError: the file that was shipped is not one.
    """
    error = read_known_error()
    rates = {"sensitivity": to_plain(error.sensitivity), "specificity": to_plain(error.specificity)}
    return {**to_plain(error), **rates, "summary": error.summary}
