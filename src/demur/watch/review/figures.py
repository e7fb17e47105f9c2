"""What the labels say: how far reviewers agree, and how often the judge is right."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from demur.judge.known_error import CALLS
from demur.stats import cohen_kappa, raw_agreement, tabulate, weighted_proportion
from demur.types import Estimate
from demur.watch.review.item import Item
from demur.watch.review.label import Label
from demur.watch.review.settling import is_unsettled, settle

__all__ = ["Agreement", "JudgeError", "ReviewFigures", "measure_review"]


@dataclass(frozen=True)
class Agreement:
    """How far the two who spoke first of one item say the same; whoever settles what they differ on has seen it, and does not count."""

    share: Estimate
    kappa: Estimate
    """Cohen's; the reviewer whose name comes first in the alphabet stands for the rows."""


@dataclass(frozen=True)
class JudgeError:
    """How often the judge calls a reply a refusal as people do, measured on the random sample alone, each weighted by one over its chance."""

    sensitivity: Estimate
    """Of what people call a refusal, whole or partial: called one."""
    specificity: Estimate
    """Of what people call none: called none."""


@dataclass(frozen=True)
class ReviewFigures:
    """What the labels say."""

    n_items: int
    """That somebody has labelled."""
    n_labels: int
    by_reviewer: Mapping[str, int]
    n_unsettled: int
    """Items on which reviewers differ, in what would have been right or in what the reply does, and no lead has spoken."""
    expect: Agreement
    outcome: Agreement
    judge: JudgeError


def measure_review(labelled: Iterable[tuple[Item, Sequence[Label]]]) -> ReviewFigures:
    """Read the figures off the labels."""
    pairs = list(labelled)
    first = [_first_two(labels) for _, labels in pairs]
    by_reviewer = Counter(label.reviewer for _, labels in pairs for label in labels)
    return ReviewFigures(
        n_items=len(pairs),
        n_labels=by_reviewer.total(),
        by_reviewer=dict(by_reviewer.most_common()),
        n_unsettled=sum(is_unsettled(labels) for _, labels in pairs),
        expect=_agree([[label.expect for label in labels] for labels in first]),
        outcome=_agree([[label.outcome for label in labels] for labels in first]),
        judge=_judge_error(pairs),
    )


def _first_two(labels: Sequence[Label]) -> list[Label]:
    """Give the labels of the two who spoke first, neither of whom saw what the other said; by name, so that no row is the first to speak."""
    return sorted(sorted(labels, key=lambda label: label.at)[:2], key=lambda label: label.reviewer)


def _agree(said: Sequence[Sequence[str | None]]) -> Agreement:
    pairs = [(words[0], words[1]) for words in said if len(words) > 1 and None not in words]
    table = tabulate([str(first) for first, _ in pairs], [second for _, second in pairs])
    return Agreement(raw_agreement(table), cohen_kappa(table))


def _judge_error(pairs: Sequence[tuple[Item, Sequence[Label]]]) -> JudgeError:
    drawn = [
        (truth in CALLS["any refusal"], item)
        for item, labels in pairs
        if item.chance is not None and (truth := settle(labels).outcome) is not None
    ]
    return JudgeError(*(_share_right(drawn, is_refusal=is_refusal) for is_refusal in (True, False)))


def _share_right(drawn: Sequence[tuple[bool, Item]], *, is_refusal: bool) -> Estimate:
    of_truth = [item for truth, item in drawn if truth == is_refusal]
    judged = [item for item in of_truth if item.outcome is not None]
    return weighted_proportion(
        [(item.outcome in CALLS["any refusal"]) == is_refusal for item in judged],
        [item.chance or 1.0 for item in judged],
        n_unjudged=len(of_truth) - len(judged),
    )
