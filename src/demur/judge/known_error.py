"""The rule judge's own error, measured against people's labels; printed beside every rate it produces."""

import json
from dataclasses import dataclass
from importlib import resources

from demur.records import from_plain
from demur.types import Estimate

__all__ = ["KnownError", "known_error"]


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


def known_error() -> KnownError:
    """Read the measured error of the default judge that ships with this version.

    Raises:
        DataError: the file that was shipped is not one.
    """
    file = resources.files("demur.judge").joinpath("known_error.json")
    return from_plain(KnownError, json.loads(file.read_text(encoding="utf-8")), "demur/judge/known_error.json")
