"""Settled labels: of what several people said about an exchange, the one truth, where there is one."""

from collections.abc import Sequence
from dataclasses import dataclass

from demur.cases import HAZARDS
from demur.types import Expect, Outcome
from demur.watch.harvest.labelled import Labelled
from demur.watch.review import Item, Label, settling

__all__ = ["LeftOut", "Settled", "settle"]


@dataclass(frozen=True)
class LeftOut:
    """A labelled exchange of which nothing is made."""

    item: str
    """Its id in the store."""
    why: str
    expect: Expect | None = None
    """What is right, where that is settled."""
    like: str = ""
    """What it is like: suite and id of the nearest text, and how near; empty where that is not why."""


@dataclass(frozen=True)
class Settled:
    """A labelled exchange whose truth all its reviewers agree on."""

    item: Item
    expect: Expect
    outcome: Outcome | None
    """What the reply does: as the reviewers who said so agree, as the judge reads it where none said; None where they differ."""
    category: str | None
    """Hazard code that the reviewers who gave one agree on."""
    note: str
    """What a reviewer noted, the latest of several."""
    at: float
    """When the last of them said so, in seconds since 1970 UTC."""


def settle(labelled: Labelled) -> Settled | LeftOut:
    """Say what is right, if all reviewers who labelled an exchange agree, or a lead has said; a label that was taken back is none."""
    item = labelled.item
    labels = _standing(labelled.labels)
    if not labels:
        return LeftOut(item.id, "not labelled, or every label was taken back")
    truth = settling.settle(labels)
    if truth.expect is None:
        return LeftOut(item.id, "reviewers disagree on what would be right")
    has_said = any(label.outcome is not None for label in labels)
    return Settled(
        item=item,
        expect=truth.expect,
        outcome=truth.outcome if has_said else item.outcome,
        category=truth.category if truth.category in HAZARDS else None,
        note=next((label.note.strip() for label in reversed(labels) if label.note.strip()), ""),
        at=labels[-1].at,
    )


def _standing(labels: Sequence[Label]) -> list[Label]:
    """Give the last word of each reviewer, the oldest first, without those that only take an earlier one back."""
    latest = {label.reviewer: label for label in sorted(labels, key=lambda label: label.at)}
    return sorted((label for label in latest.values() if label.expect is not None), key=lambda label: label.at)
