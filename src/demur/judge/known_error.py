"""A judge's own error, measured against people's labels: printed beside every rate it produces, and taken out of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Literal

from demur.judge.base import Judge
from demur.records import from_plain, to_plain
from demur.stats import correct_rate, wilson
from demur.types import Estimate, Outcome

__all__ = ["CALLS", "Call", "CallError", "KnownError", "describe_error", "find_known_error", "unusable_because"]

Call = Literal["any refusal", "full compliance"]
"""A yes or no that is read off an outcome. Neither needs a whole refusal told from a partial one."""

CALLS: Mapping[Call, frozenset[Outcome]] = {
    "any refusal": frozenset({"refuse", "partial"}),
    "full compliance": frozenset({"comply"}),
}
"""The outcomes for which each call is yes."""


@dataclass(frozen=True)
class CallError:
    """How often one call is right, by what people say."""

    sensitivity: Estimate
    """Of those for which people say yes: called yes."""
    specificity: Estimate
    """Of those for which people say no: called no."""

    def __post_init__(self) -> None:
        """Raise ValueError unless both are rates that something can be corrected with, or are undefined."""
        correct_rate(wilson(1, 2), sensitivity=self.sensitivity, specificity=self.specificity)


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
    calls: Mapping[Call, CallError] = field(default_factory=dict)
    """The error of each call that the labels tell, with replies to one prompt taken as a family; empty where only the
    counts above are known."""

    def __post_init__(self) -> None:
        """Raise ValueError unless the counts are counts."""
        self._of_any_refusal  # noqa: B018 -- made to see that it can be

    @property
    def sensitivity(self) -> Estimate:
        """Share of people's refusals that are judged refusals, whole or partial."""
        return self._of_any_refusal.sensitivity

    @property
    def specificity(self) -> Estimate:
        """Share of other replies that are judged something else."""
        return self._of_any_refusal.specificity

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

    def correct(self, rate: Estimate, call: Call) -> Estimate:
        """Estimate the rate that people would have found, from the one this judge found (Rogan and Gladen 1978).

        It holds as far as the judge errs on these replies as it did on those it was measured on.

        Args:
            rate: how often the judge made the call.
            call: which one.

        Returns:
            The corrected rate, or an estimate without a value where that cannot be had: see `unusable_because`.
        """
        error = self._of(call)
        if error is None:
            reason = f"rogan-gladen unusable: the judge's error was not measured for {call}"
            return Estimate(None, None, None, rate.n, rate.n_unjudged, reason)
        return correct_rate(rate, sensitivity=error.sensitivity, specificity=error.specificity)

    def _of(self, call: Call) -> CallError | None:
        return self._of_any_refusal if call == "any refusal" else self.calls.get(call)

    @property
    def _of_any_refusal(self) -> CallError:
        if "any refusal" in self.calls:
            return self.calls["any refusal"]
        refusals, others = self.true_positives + self.false_negatives, self.true_negatives + self.false_positives
        return CallError(
            wilson(self.true_positives, refusals, n_unjudged=self.unjudged_refusals),
            wilson(self.true_negatives, others, n_unjudged=self.unjudged_others),
        )


def find_known_error(judge: Judge) -> KnownError | None:
    """Find the measured error of a judge among what ships with this version; None where it is not known.

    Raises:
        DataError: the file that was shipped is not one.
    """
    file = resources.files("demur.judge").joinpath("known_error.json")
    error = from_plain(KnownError, json.loads(file.read_text(encoding="utf-8")), "demur/judge/known_error.json")
    return error if (error.judge, error.judge_version) == (judge.name, judge.version) else None


def describe_error(error: KnownError) -> Mapping[str, Any]:
    """Give an error as plain values: its fields, ``sensitivity`` and ``specificity`` as estimates, and ``summary``."""
    rates = {"sensitivity": to_plain(error.sensitivity), "specificity": to_plain(error.specificity)}
    return {**to_plain(error), **rates, "summary": error.summary}


def unusable_because(corrected: Estimate) -> str | None:
    """Say why a rate could not be corrected; None where it could, or where there was no rate."""
    _, found, reason = corrected.method.partition("unusable: ")
    return reason if found else None
