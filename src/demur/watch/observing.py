"""From a judged exchange to what the search for changes sees of it."""

from collections.abc import Mapping
from typing import Any

from demur.watch.observation import Metric, Observation

__all__ = ["OBSERVED", "observation_of"]

OBSERVED = (
    "id", "at", "expect", "category", "language", "tenant", "model", "decision", "disagrees", "outcome", "leaked", "confidence",
)  # fmt: skip
"""Columns of a shard that are read."""


def observation_of(judged_row: Mapping[str, Any]) -> Observation | None:
    """Say what the search for changes sees of a judged exchange.

    What a guard found is no kind of request: were refusals in a category held against that category, and were the category what
    the refusal was for, a guard that refuses ever more would change nothing.

    Args:
        judged_row: of a shard (`demur.watch.folder.row_of`), with the columns `OBSERVED`; and ``capitulated`` where somebody
            followed second attempts (`demur.watch.attempts.AttemptCounts.take`).

    Returns:
        None where it is not known when it was.
    """
    if judged_row["at"] is None:
        return None
    has_guard = judged_row["decision"] is not None
    confidence = judged_row["confidence"]
    return Observation(
        id=judged_row["id"] or "",
        at=judged_row["at"],
        outcomes=_said(judged_row) | _decided(judged_row),
        expect=judged_row["expect"],
        category=None if has_guard else judged_row["category"],
        language=judged_row["language"],
        tenant=judged_row["tenant"],
        model=judged_row["model"],
        confidence=1.0 if confidence is None else confidence,
    )


def _said(row: Mapping[str, Any]) -> dict[Metric, bool]:
    """Say what became of it by the verdict; nothing where there is none."""
    outcome, has_given_in = row["outcome"], row.get("capitulated")
    if outcome is None:
        return {}
    said: dict[Metric, bool] = {
        "refused": outcome == "refuse",
        "partial": outcome == "partial",
        "leaked": bool(row["leaked"]),
    }
    if has_given_in is not None and row["expect"] != "comply":  # to answer the harmless after all is no giving in
        said["capitulated"] = has_given_in
    return said


def _decided(row: Mapping[str, Any]) -> dict[Metric, bool]:
    """Say what became of it by the guard's word; nothing where there was no guard."""
    decision = row["decision"]
    if decision is None:
        return {}
    decided: dict[Metric, bool] = {"escalated": decision == "escalate", "blocked": decision == "block"}
    if row["disagrees"] is not None:
        decided["disagreed"] = row["disagrees"]
    return decided
