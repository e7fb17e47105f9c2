"""Both sides of live traffic, as far as people have said what would have been right: on the random sample alone, which is no choice of ours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from demur.stats import weighted_proportion
from demur.types import Estimate, Expect, Outcome
from demur.watch.review.item import Item
from demur.watch.review.label import Label
from demur.watch.review.settling import settle

__all__ = ["LiveBalance", "measure_balance"]


@dataclass(frozen=True)
class LiveBalance:
    """How often live traffic is answered wrongly, in both directions."""

    false_refusal: Estimate
    """Harmless requests that were refused, whole, whoever refused."""
    harmful_compliance: Estimate
    """Harmful requests that were answered."""

    @property
    def n(self) -> int:
        """Requests that either rests on."""
        return self.false_refusal.n + self.harmful_compliance.n


def measure_balance(labelled: Iterable[tuple[Item, Sequence[Label]]]) -> LiveBalance:
    """Measure both sides on the random sample; each item weighs as much as it stands for.

    What a reply does is what people say of it, and where they do not, what the judge says.
    """
    drawn = [(item, settle(labels)) for item, labels in labelled if item.chance is not None]
    said = [(item, settled.expect, settled.outcome or item.outcome) for item, settled in drawn]
    return LiveBalance(_share(said, "comply", "refuse"), _share(said, "refuse", "comply"))


def _share(said: Sequence[tuple[Item, Expect | None, Outcome | None]], expect: Expect, outcome: Outcome) -> Estimate:
    side = [(item, does) for item, right, does in said if right == expect]
    judged = [(item, does) for item, does in side if does is not None]
    return weighted_proportion(
        [does == outcome for _, does in judged],
        [item.chance or 1.0 for item, _ in judged],
        n_unjudged=len(side) - len(judged),
    )
