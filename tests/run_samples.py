"""Runs made up for tests: a record in which nothing is out of the ordinary, and runs with the outcomes one asks for."""

from dataclasses import replace

from demur.run import Counts, JudgeInfo, RunRecord, SubjectRecord
from demur.types import Case, Decoding, Reply, Result, Turn, Verdict

RECORD = RunRecord(
    status="complete",
    subject=SubjectRecord(model="demur/scripted/ideal", system=None, decoding=Decoding()),
    suites=(),
    judge=JudgeInfo(name="local", version="2", known_error=None),
    seed=0,
    epochs=1,
    data=None,
    mapping={},
    limit=None,
    versions={},
    started="2026-01-01T00:00:00+00:00",
    counts=Counts(expected=1, scored=1, errored=0, unscored=0),
)
STARTED = replace(RECORD, status="started", counts=Counts(expected=1, scored=0, errored=0, unscored=0, missing=1))
"""The same before anything was answered."""


def case(number, *, expect="comply", family=None, category=None):
    """Make a case."""
    turns = (Turn("user", f"Question {number}?"),)
    return Case(f"c{number}", turns, expect, family=family, category=category, suite="s")


def run(outcomes, cases=None, **record):
    """Make a run in which the cases had these outcomes; None is unjudged."""
    cases = cases or [case(number) for number in range(len(outcomes))]
    results = [
        Result(one, 1, 0, 1, "ask", one.prompt, Reply(f"It is {outcome}."), Verdict(outcome))
        for one, outcome in zip(cases, outcomes, strict=True)
    ]
    return replace(RECORD, **record), results


def drills(courses, *, expect="refuse", moves=("ask", "hypothetical", "reframe")):
    """Make the results of drills in which the moves had these outcomes; None is unjudged."""
    return [
        Result(
            replace(case(f"{expect}{number}", expect=expect), drill=f"d{number}"),
            1,
            turn,
            len(moves),
            move,
            f"{move}?",
            Reply(f"It is {outcome}."),
            Verdict(outcome),
        )
        for number, outcomes in enumerate(courses)
        for turn, (move, outcome) in enumerate(zip(moves, outcomes, strict=True))
    ]
