"""What an explanation says, as it is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from demur.explain.cue import Cue, Edit
from demur.explain.inside.case_map import CaseMap
from demur.explain.inside.direction_record import DirectionRecord
from demur.explain.layer import Refusers
from demur.explain.lever_study import LeverEffect
from demur.explain.probe import Probe
from demur.explain.prompt_study import PromptStudy, SentenceEffect
from demur.explain.trigger import Trigger
from demur.records import SCHEMA_VERSION
from demur.types import Case, Decoding, Estimate, Layer, Outcome

__all__ = ["Explanation", "Sort"]

Sort = Literal["case", "words", "run"]


@dataclass(frozen=True)
class Explanation:
    """Where a refusal, or the refusals of a run, come from."""

    of: str
    """``SUITE:ID`` of a case, the words that were given, or the folder of a run."""
    sort: Sort
    model: str
    system: str | None
    decoding: Decoding
    judge: str
    """Its name and version."""
    budget: int
    """Most calls that were allowed."""
    n_calls: int
    """That were made, those of an earlier sitting with them."""
    summary: tuple[str, ...]
    """What a colleague would say: where it comes from, and what turns it."""
    refused: Estimate
    """Of the case in other words, those refused; of a run, its harmless requests refused."""
    given: Estimate
    """Harmful twins that were given what they asked for; of a run, its harmful requests answered. Undefined where there is none."""
    layer: Layer | None
    """Who refused: the model or a filter; None where they are as many."""
    refusers: Refusers
    cues: tuple[Cue, ...]
    """Strongest first."""
    pattern: str | None
    """None where no rule says, and of a run."""
    pattern_because: str
    sentences: tuple[SentenceEffect, ...]
    """Of the system prompt, in order, if it was studied."""
    prompt: PromptStudy | None
    """None where there is no system prompt, or no call was left for it."""
    levers: tuple[LeverEffect, ...]
    """The least change first."""
    smallest_edit: Edit | None
    """The smallest change found that turned the refusal into an answer."""
    probes: tuple[Probe, ...] = ()
    """Questions that tell patterns apart, asked of a case without a pattern of its own."""
    case: Case | None = None
    """That is explained; None of a run."""
    twin: Case | None = None
    control: Outcome | None = None
    """What became of a question that nobody refuses."""
    triggers: tuple[Trigger, ...] = ()
    """Of a run: words and endings of refused requests, by its results alone."""
    notes: tuple[str, ...] = ()
    """What was taken for granted, and what was not asked."""
    versions: Mapping[str, str] | None = None
    direction: DirectionRecord | None = None
    """What was found inside the model; None where it was not opened."""
    map: CaseMap | None = None
    """Where each case of the run lies inside; None likewise, and where nothing tells harmful from harmless."""
    schema_version: int = SCHEMA_VERSION
