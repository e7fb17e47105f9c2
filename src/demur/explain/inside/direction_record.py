"""Everything that was found of a model's directions, as it is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from demur.explain.inside.agreement import LocaleAgreement
from demur.explain.inside.categories import Categories
from demur.explain.inside.harm_direction import HarmDirection
from demur.explain.inside.refusal_direction import RefusalDirection
from demur.explain.inside.refusal_score import FirstTokens

__all__ = ["DirectionRecord"]


@dataclass(frozen=True)
class DirectionRecord:
    """What was found of a model's directions: ``direction`` of the JSON."""

    model: str
    network: str
    """Key of the weights, the template and the vocabulary: a direction is good for no other."""
    n_prompts: int
    n_unjudged: int
    """Of these, neither refused nor answered."""
    n_left_out: int
    """Questions that were not read: neither harmful nor harmless, parts of drills, or without an end of their own."""
    score: Literal["first token", "judged replies"]
    """How candidates were seen to induce refusals; replies are judged where first tokens do not tell refusals from answers."""
    first_tokens: FirstTokens
    harm: HarmDirection
    refusal: RefusalDirection
    languages: tuple[LocaleAgreement, ...]
    """Of the harm direction."""
    categories: Categories | None
    patterns: Categories | None
    n_rows: int
    """Prompts that were passed through the model in all, each time counted; what was kept of an earlier look is not."""
    versions: Mapping[str, str]
