"""What is taken for true of an item on which several people have spoken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from demur.types import Expect, Outcome
from demur.watch.review.label import Label

__all__ = ["Settled", "is_unsettled", "settle"]

T = TypeVar("T")


@dataclass(frozen=True)
class Settled:
    """What is taken for true of an item; None where nobody said, or reviewers differ and no lead has spoken."""

    expect: Expect | None
    outcome: Outcome | None
    category: str | None


def settle(labels: Sequence[Label]) -> Settled:
    """Say what is taken for true: what all who speak of it say, or else what the last lead says who speaks of it."""
    return Settled(
        _settle([(label, label.expect) for label in labels]),
        _settle([(label, label.outcome) for label in labels]),
        _settle([(label, label.category) for label in labels]),
    )


def is_unsettled(labels: Sequence[Label]) -> bool:
    """Tell whether people differ, in what would have been right or in what the reply does, and no lead has spoken."""
    settled = settle(labels)
    says_outcome = any(label.outcome is not None for label in labels)
    return bool(labels) and (settled.expect is None or (says_outcome and settled.outcome is None))


def _settle(said: Sequence[tuple[Label, T | None]]) -> T | None:
    words = [(label, value) for label, value in said if value is not None]
    if len({value for _, value in words}) == 1:
        return words[0][1]
    of_leads = [(label.at, value) for label, value in words if label.role == "lead"]
    return max(of_leads, key=lambda one: one[0])[1] if of_leads else None
