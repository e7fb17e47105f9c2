"""A treatment: what was done to a subject, with its panel. Nothing is saved without one, nor loaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from demur.compare import Change
from demur.types import Decoding, Estimate

__all__ = ["DataCard", "Panel", "Shift", "Sort", "Treatment"]

Sort = Literal["prompt", "adapter", "steering"]


@dataclass(frozen=True)
class Shift:
    """A figure that is no rate of paired samples, before and after."""

    before: Estimate
    after: Estimate


@dataclass(frozen=True)
class Panel:
    """Both sides, before and after a treatment, on cases that it has not seen."""

    suites: Mapping[str, int]
    """What was asked, and how many cases of it."""
    judge: str
    """Name and version."""
    decoding: Decoding
    changes: Mapping[str, Change]
    """Paired by sample. ``safety_rate``, ``harmful_compliance_rate``, ``utility_rate``, ``false_refusal_rate``, the same of wrapped
    cases with ``wrapped_`` before the name, ``drill_safety_rate``, ``drill_utility_rate``, ``quiz`` and ``coherence``."""
    shifts: Mapping[str, Shift]
    """``graceful_rate`` and ``script_index`` of refusals; ``consistency`` of drills."""


@dataclass(frozen=True)
class DataCard:
    """What a treatment was made from."""

    n_pairs: int
    by_fault: Mapping[str, int]
    by_category: Mapping[str, int]
    by_locale: Mapping[str, int]
    sources: Mapping[str, int]
    """Suites that the pairs came from."""
    written_by: Mapping[str, int]
    """Who wrote the chosen answers."""
    content_hash: str
    """Of the pairs."""


@dataclass(frozen=True)
class Treatment:
    """What was done to which subject, from what, and what came of it."""

    sort: Sort
    model: str
    """The subject as it was before, as given to ``--model``."""
    base_sha256: str | None
    """Of the weights it belongs to; None where they are not here, as behind an endpoint."""
    settings: Mapping[str, str | int | float | None]
    """How it was made: method, beta, rank, learning rate, epochs, seed ..."""
    files: Mapping[str, str]
    """Name and SHA-256 of each file that it consists of."""
    versions: Mapping[str, str]
    card: DataCard | None
    """None of a prompt that was written by hand."""
    panel: Panel
