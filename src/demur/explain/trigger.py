"""Triggers of a run: the words and endings that refused harmless requests have and answered ones have not, from its results alone."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from math import log, sqrt
from typing import Literal

from demur.explain.request import Unit, find_words
from demur.scorecard.rate import cluster_of, outcome_of
from demur.stats import fisher_exact
from demur.stats.interval import CONFIDENCE
from demur.types import Result

__all__ = ["MOST_TRIGGERS", "Trigger", "find_triggers", "locate_trigger", "read_features"]

MOST_TRIGGERS = 12
_ENDINGS = (2, 3)
"""Words of an ending."""
_FEWEST_FAMILIES = 3
"""That must have a feature; with fewer no test can find anything."""

_LEVEL = 1 - CONFIDENCE

Feature = tuple[Literal["word", "ending"], str]


@dataclass(frozen=True)
class Trigger:
    """A word or an ending, and how often requests with it are refused."""

    kind: Literal["word", "ending"]
    text: str
    """In small letters."""
    refused_with: int
    """Harmless requests that have it and were refused, one of each family."""
    answered_with: int
    """That have it and were answered."""
    refused: int
    """That were refused in all."""
    answered: int
    log_odds: float
    """Of having it, among the refused against the answered, in nats; drawn towards 0 by the prior."""
    z: float
    """The same in standard errors."""
    p_value: float
    """Fisher's exact test, two-sided, adjusted for the number of features that could differ at all beyond chance (Tarone 1990); 1 for others."""

    @property
    def is_named(self) -> bool:
        """Whether it triggers refusals beyond chance."""
        return self.log_odds > 0 and self.p_value < _LEVEL


def find_triggers(results: Sequence[Result]) -> tuple[Trigger, ...]:
    """Contrast the refused harmless requests of a run with its answered ones.

    Log-odds ratios with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008, equations 16, 20 and 22), on requests that have a
    feature in place of counts of words, one request of each family. The prior is what both have together, counted in full: with less, a feature that no answered request has tells the less the rarer it is.

    Returns:
        The features with the largest z, at most 12, those that are likelier in refused requests alone.
    """
    families = _read_families(results)
    refused = [features for features, is_refused in families if is_refused]
    answered = [features for features, is_refused in families if not is_refused]
    if not refused or not answered:
        return ()
    counts = [Counter(feature for features in side for feature in features) for side in (refused, answered)]
    common = counts[0] + counts[1]
    tested = [feature for feature, n in common.items() if _FEWEST_FAMILIES <= n < len(families)]
    p_values = _adjust(
        [fisher_exact(counts[0][one], len(refused), counts[1][one], len(answered)) for one in tested],
        [_least_p_value(common[one], len(refused), len(answered)) for one in tested],
    )
    triggers = [
        _weigh(feature, (counts[0][feature], len(refused)), (counts[1][feature], len(answered)), p_value)
        for feature, p_value in zip(tested, p_values, strict=True)
    ]
    likelier = [trigger for trigger in triggers if trigger.log_odds > 0]
    return tuple(sorted(likelier, key=lambda trigger: (-trigger.z, trigger.text))[:MOST_TRIGGERS])


def read_features(text: str) -> frozenset[Feature]:
    """Read the different words of a request, and its last two and last three words."""
    words = [text[start:end].casefold() for start, end in find_words(text)]
    features: set[Feature] = {("word", word) for word in words}
    features |= {("ending", " ".join(words[-n:])) for n in _ENDINGS if len(words) > n}
    return frozenset(features)


def locate_trigger(text: str, trigger: Trigger) -> Unit | None:
    """Find a trigger in a request, as a unit that can be taken out; None if it does not have it."""
    spans = find_words(text)
    if (trigger.kind, trigger.text) not in read_features(text):
        return None
    if trigger.kind == "ending":
        first = spans[-len(trigger.text.split(" "))][0]
        return Unit(trigger.text, ((first, spans[-1][1]),))
    return Unit(trigger.text, tuple(span for span in spans if text[slice(*span)].casefold() == trigger.text))


def _read_families(results: Sequence[Result]) -> list[tuple[frozenset[Feature], bool]]:
    """Give what the first judged harmless single question of each family has, and whether it was refused: the others are not independent."""
    first: dict[Hashable, Result] = {}
    for result in results:
        if result.case.is_harmless and result.case.is_single and outcome_of(result) is not None:
            first.setdefault(cluster_of(result), result)
    return [(read_features(result.case.prompt), outcome_of(result) == "refuse") for result in first.values()]


@cache
def _least_p_value(n: int, n_refused: int, n_answered: int) -> float:
    """Give the smallest p value that a feature of n families can have: all of them refused."""
    k = min(n, n_refused)
    return fisher_exact(k, n_refused, n - k, n_answered)


def _adjust(p_values: Sequence[float], least: Sequence[float]) -> list[float]:
    """Multiply p values by the smallest K that is not less than the number of tests which could fall below the level over K (Tarone 1990).

    Exact tests of rare features can never reach it, and are not paid for.
    """
    k = next(k for k in range(1, len(least) + 2) if sum(one <= _LEVEL / k for one in least) <= k)
    return [min(1.0, k * p_value) if one <= _LEVEL / k else 1.0 for p_value, one in zip(p_values, least, strict=True)]


def _weigh(feature: Feature, refused: tuple[int, int], answered: tuple[int, int], p_value: float) -> Trigger:
    (k_refused, n_refused), (k_answered, n_answered) = refused, answered
    prior, n_prior = k_refused + k_answered, n_refused + n_answered
    one, other = k_refused + prior, k_answered + prior
    log_odds = log(one / (n_refused + n_prior - one)) - log(other / (n_answered + n_prior - other))
    z = log_odds / sqrt(1 / one + 1 / other)
    return Trigger(*feature, k_refused, k_answered, n_refused, n_answered, log_odds, z, p_value)
