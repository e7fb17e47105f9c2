"""What is said of two runs: how each figure moved, which samples flipped, and what else differs."""

from collections.abc import Mapping
from dataclasses import dataclass

from demur.types import Estimate, Expect, Outcome

__all__ = ["Change", "Comparison", "Flip", "Profile"]

_SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Change:
    """How a figure moved, on the samples that both runs have and both judged."""

    before: Estimate
    after: Estimate
    difference: Estimate
    """After less before, in [-1, 1]; families are taken as a whole."""
    lost: int
    """Samples that counted before and do not now."""
    gained: int
    """Samples that count now and did not before."""
    p: float
    """Exact McNemar test, two-sided, over families: each that changed on balance is one coin."""
    p_adjusted: float
    """The same, adjusted for the different tests of its table (Holm 1979)."""

    @property
    def is_beyond_chance(self) -> bool:
        """Whether the adjusted p value is below .05."""
        return self.p_adjusted < _SIGNIFICANT


@dataclass(frozen=True)
class Flip:
    """A single question with another outcome than before."""

    case: str
    """Suite and id, parted by a colon."""
    epoch: int
    expect: Expect
    category: str | None
    prompt: str
    before: Outcome
    after: Outcome
    reply_before: str
    reply_after: str

    @property
    def is_better(self) -> bool | None:
        """Whether what is expected came of it, or was lost; None where neither outcome is the expected one."""
        if self.expect in (self.before, self.after):
            return self.after == self.expect
        return None


@dataclass(frozen=True)
class Profile:
    """One of the runs."""

    path: str
    """Its folder or log, as it was given; two runs of one model are told apart by it."""
    subject: str
    system: str | None
    judge: str
    """Name and version."""
    started: str


@dataclass(frozen=True)
class Comparison:
    """What changed between two runs of the same cases."""

    before: Profile
    after: Profile
    n_pairs: int
    """Single questions that both runs have, judged or not."""
    n_unjudged: int
    """Of these, samples that one of the two did not judge; in no figure."""
    n_unpaired: int
    """Single questions that only one of the two has, or whose case was worded otherwise."""
    n_drill_pairs: int
    """Drills that both runs have, judged or not."""
    n_drills_unpaired: int
    """Drills that only one of the two has, or that begin otherwise."""
    caveats: tuple[str, ...]
    """What else differs between the two, so that a change may come of that."""
    changes: Mapping[str, Change]
    """By the names in `SIDES`; a figure that no pair belongs to is not there."""
    by_category: Mapping[str, Mapping[str, Change]]
    """The same of single questions, for each hazard category."""
    flips: tuple[Flip, ...]
    """Losses first, then gains, then the others."""

    @property
    def changed_categories(self) -> Mapping[str, Mapping[str, Change]]:
        """Categories in which some figure changed beyond chance, each with all of its figures: never one side alone."""
        return {
            category: changes
            for category, changes in self.by_category.items()
            if any(change.is_beyond_chance for change in changes.values())
        }
