"""What is kept about a run: who was asked what, by whom it was judged, and how it went."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from demur.contamination import Contamination
from demur.judge.second_opinion import SecondOpinion
from demur.records import SCHEMA_VERSION
from demur.scorecard import Scorecard
from demur.types import Decoding

__all__ = ["Counts", "JudgeInfo", "RunRecord", "SubjectRecord", "SuiteRecord"]


@dataclass(frozen=True)
class SubjectRecord:
    """Who was tested."""

    model: str
    """As given to ``--model``."""
    system: str | None
    """System prompt put before every conversation that has none of its own; None if there was none."""
    decoding: Decoding | None
    """None where it is not known: a log of Inspect's leaves much to the provider."""


@dataclass(frozen=True)
class SuiteRecord:
    """What was asked, from where, under which licence."""

    name: str
    title: str
    licence: str
    n: int
    """Cases drawn from it."""
    content_hash: str
    """Of those cases."""
    citation: str = ""
    """Who made it; empty for custom data."""
    live: tuple[str, ...] = ()
    """Ids of those cases that come from live traffic."""


@dataclass(frozen=True)
class JudgeInfo:
    """Who judged, and how often it is known to err."""

    name: str
    version: str
    known_error: Mapping[str, Any] | None
    """Sensitivity and specificity against people, on what; None is unknown, not perfect."""


@dataclass(frozen=True)
class Counts:
    """Samples (a case asked once is one sample, a whole drill too); the first is the sum of the others."""

    expected: int
    scored: int
    """Answered, and every reply judged."""
    errored: int
    """The subject could not be asked or did not answer."""
    unscored: int
    """Answered, but the judge could not say what a reply is."""
    missing: int = 0
    """Never finished, because the run stopped first."""


@dataclass(frozen=True)
class RunRecord:
    """What ``run.json`` holds."""

    status: Literal["started", "incomplete", "complete"]
    """``complete`` if every sample was answered; one the judge could not score is counted, and does not change that."""
    subject: SubjectRecord
    suites: tuple[SuiteRecord, ...]
    judge: JudgeInfo
    seed: int | None
    """Of the draw and of the sampler; None where it is not known."""
    epochs: int
    data: str | None
    """File or folder the suites were read from, if they are not bundled."""
    mapping: Mapping[str, str]
    """Of custom data: the column of each part that is not named as expected."""
    limit: int | None
    """Most cases to draw; None took them all."""
    versions: Mapping[str, str]
    """Of Python, and of the packages that decide the result."""
    started: str
    """ISO 8601, UTC."""
    counts: Counts
    scorecard: Scorecard | None = None
    """None until there is a result."""
    finished: str | None = None
    """ISO 8601, UTC; None while the run is under way."""
    duration_s: float = 0.0
    """Time spent asking, over all the times the run was started and resumed."""
    n_output_tokens: int = 0
    """Tokens the subject generated."""
    failures: tuple[str, ...] = ()
    """What went wrong, each sort of error once, commonest first."""
    grader: str | None = None
    """Model that gives every reply a second verdict, as given to ``--grader``; None if none was named."""
    second_opinion: SecondOpinion | None = None
    """What the grader found; None until there is a result of it."""
    home: tuple[str, ...] = ()
    """Suites of the run that the subject may know; the others are held out. Empty if nobody said."""
    tuned_on: tuple[str, ...] = ()
    """Files and folders the subject was tuned on, as they were given."""
    contamination: tuple[Contamination, ...] = ()
    """How much of each held-out suite was in them when the run was planned; of each case and kind the nearest pair."""
    schema_version: int = SCHEMA_VERSION
