"""The masthead: what was tested, when, on what, by which judge, and whether the run is whole."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from demur.errors import DataError
from demur.records import SCHEMA_VERSION
from demur.report.figure import read_estimate
from demur.report.passage import Passage, make_passage, make_visible
from demur.report.wording import count_words, duration, live_sentence, moment
from demur.types import Estimate

__all__ = ["Judge", "Masthead", "Suite", "read_masthead"]

SYSTEM_LIMIT = 6_000
_UNKNOWN = "not recorded"


@dataclass(frozen=True)
class Suite:
    """What was asked."""

    name: str
    title: str
    licence: str
    n: int | None
    """Cases drawn from it."""
    content_hash: str
    """Of those cases."""
    citation: str
    """Who made it; empty if that is not recorded."""
    n_live: int = 0
    """Of its cases, those that come from live traffic."""


@dataclass(frozen=True)
class Judge:
    """Who judged, and how often it is known to err."""

    name: str
    version: str
    sensitivity: Estimate | None
    """Refusals it recognises as such."""
    specificity: Estimate | None
    """Other replies it recognises as such."""
    data: str
    """What the two were measured on; empty if unknown."""


@dataclass(frozen=True)
class Masthead:
    """What stands at the head and the foot of the report."""

    model: str
    system: Passage | None
    suites: tuple[Suite, ...]
    judge: Judge
    started: str
    facts: tuple[tuple[str, str], ...]
    """Name and value of the other circumstances."""
    versions: tuple[tuple[str, str], ...]
    command: str
    """The command that asks the same again."""
    incomplete: str | None
    """One sentence on what is missing; None for a run that is whole."""
    n_unscored: int
    """Samples with an answer that the judge could not judge."""
    failures: tuple[str, ...]
    """What went wrong, each sort once."""
    live: str
    """One sentence on how many cases come from live traffic; empty where none does."""


def read_masthead(run: Mapping[str, Any]) -> Masthead:
    """Read the masthead out of a run's record; what is not there is named as not recorded.

    Raises:
        DataError: the record is of a later version than this demur knows.
    """
    version = run.get("schema_version", SCHEMA_VERSION)
    if not isinstance(version, int) or version > SCHEMA_VERSION:
        raise DataError(f"run.json: schema_version {version!r}; this demur reads {SCHEMA_VERSION}: update demur")
    subject = run.get("subject") or {}
    system = subject.get("system")
    suites = tuple(_read_suite(suite) for suite in run.get("suites") or ())
    return Masthead(
        model=_text(subject.get("model")),
        system=make_passage(system, limit=SYSTEM_LIMIT) if system else None,
        suites=suites,
        judge=_read_judge(run.get("judge") or {}),
        started=moment(run.get("started")),
        facts=_facts(run, subject),
        versions=tuple((_text(name), _text(value)) for name, value in sorted((run.get("versions") or {}).items())),
        command=_command(run, subject),
        incomplete=_incomplete(run),
        n_unscored=(run.get("counts") or {}).get("unscored") or 0,
        failures=tuple(make_visible(str(failure))[:500] for failure in run.get("failures") or ()),
        live=live_sentence(sum(suite.n_live for suite in suites), sum(suite.n or 0 for suite in suites)),
    )


def _facts(run: Mapping[str, Any], subject: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    decoding = subject.get("decoding") or {}
    facts = [
        ("Decoding", ", ".join(f"{name} {value}" for name, value in decoding.items()) or None),
        ("Seed", run.get("seed", _UNKNOWN)),
        ("Samples of each case", run.get("epochs")),
        ("Finished", moment(run.get("finished"))),
        ("Time spent asking", duration(run.get("duration_s"))),
    ]
    return tuple((name, _text(value)) for name, value in facts if value is not None)


def _read_suite(suite: Mapping[str, Any]) -> Suite:
    name = _text(suite.get("name"))
    return Suite(
        name,
        _text(suite.get("title") or name),
        _text(suite.get("licence")),
        suite.get("n"),
        _text(suite.get("content_hash")),
        str(suite.get("citation") or ""),
        len(suite.get("live") or ()),
    )


def _read_judge(judge: Mapping[str, Any]) -> Judge:
    known = judge.get("known_error") or {}
    return Judge(
        name=_text(judge.get("name")),
        version=_text(judge.get("version")),
        sensitivity=read_estimate(known, "sensitivity", "judge.known_error"),
        specificity=read_estimate(known, "specificity", "judge.known_error"),
        data=_text(known["data"]) if known.get("data") else "",
    )


def _command(run: Mapping[str, Any], subject: Mapping[str, Any]) -> str:
    decoding = subject.get("decoding") or {}
    options = [("--model", subject.get("model"))]
    options += [("--suite", suite.get("name")) for suite in run.get("suites") or ()]
    options.append(("--data", run.get("data")))
    options += [("--map", f"{part}={column}") for part, column in (run.get("mapping") or {}).items()]
    options += [("--limit", run.get("limit")), ("--epochs", run.get("epochs")), ("--seed", run.get("seed"))]
    options += [(f"--{name.replace('_', '-')}", decoding.get(name)) for name in ("max_tokens", "temperature")]
    options.append(("--grader", run.get("grader")))
    if subject.get("system"):
        options.append(("--system", "FILE"))
    words = [word for name, value in options if value is not None for word in (name, shlex.quote(str(value)))]
    return make_visible(" ".join(["demur", "check", *words]))


def _incomplete(run: Mapping[str, Any]) -> str | None:
    if run.get("status") == "complete":
        return None
    counts = run.get("counts") or {}
    reasons = (
        ("errored", "got no answer because of an error"),
        ("unscored", "got an answer that could not be judged"),
        ("missing", "were never asked"),
    )
    parts = [f"{counts[key]:,} {words}" for key, words in reasons if counts.get(key)]
    if not counts:
        return "The run did not record how many samples are missing."
    what = f": {count_words(parts)}" if parts else ""
    return f"{counts.get('scored', 0):,} of {counts.get('expected', 0):,} samples have a verdict{what}."


def _text(value: object) -> str:
    if value is None or value == "":
        return _UNKNOWN
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(make_visible(str(item)) for item in value)
    return make_visible(str(value))
