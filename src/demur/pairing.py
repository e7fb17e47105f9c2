"""Check-ups in, preference pairs out: faults found and mended, sifted, and written down with where they came from."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from demur.contamination import Document, list_files, read_documents, texts_of_case
from demur.errors import DataError, UsageError
from demur.findings import Run, open_run
from demur.judge import Judge, default_judge
from demur.output import LINES, write_file
from demur.plan import BUNDLED_SUITES, plan_cases
from demur.records import SCHEMA_VERSION, to_plain
from demur.tune.answer import Answer, gather_answers
from demur.tune.balance import count_sides
from demur.tune.card import card_of
from demur.tune.diagnosis import Diagnosis, LeftOut, QuestionKey, diagnose, read_talks
from demur.tune.lint import Finding, lint_all, lint_each
from demur.tune.pair import Pair, read_pairs, write_pairs
from demur.tune.sides import make_pairs
from demur.tune.sieve import sift
from demur.types import Result

__all__ = [
    "HELD_OUT_SUITES",
    "Pairing",
    "Source",
    "Tell",
    "check_out",
    "describe_run",
    "lint_file",
    "pair_runs",
    "pair_talks",
    "write_pairing",
]

HELD_OUT_SUITES = ("held-out", "library", "drills-quick", "wrapped")
"""Bundled suites that treatments are measured on."""

_OWNERS: Mapping[str, str] = {"wrapped": "library"}
"""Of suites made of another's cases: that other."""
_CHUNK = 256
"""Conversations whose pairs are made at a time."""

Tell = Callable[[str, int, int], None]
"""Is told what is being done, with how many it is done, and of how many."""


@dataclass(frozen=True)
class Source:
    """A run that pairs were made of, or whose answers stand in them."""

    path: str
    model: str
    """As given to ``--model``."""
    system: str | None
    suites: tuple[str, ...]
    is_complete: bool
    """Whether every sample of it has a reply."""


@dataclass(frozen=True)
class Pairing:
    """Pairs, and how they came about."""

    pairs: tuple[Pair, ...]
    left_out: tuple[LeftOut, ...]
    warnings: tuple[Finding, ...]
    """What is to be looked at; a pair with an error is left out."""
    runs: tuple[Source, ...]
    answers: tuple[Source, ...]
    against: tuple[str, ...]
    """Suites and files that no pair asks anything of."""
    judge: str
    """Name and version."""
    seed: int
    """Of the thinning."""

    @property
    def reasons(self) -> dict[str, int]:
        """How many were left out for each reason, the commonest first."""
        return dict(Counter(one.why for one in self.left_out).most_common())


def pair_runs(
    paths: Sequence[str | Path],
    *,
    answers: Sequence[str | Path] = (),
    against: Sequence[str] | None = None,
    seed: int = 0,
    on_progress: Tell = lambda *_: None,
) -> Pairing:
    """Make preference pairs of what check-ups found.

    Args:
        paths: folders of runs, or logs of Inspect.
        answers: runs of the same cases by a teacher, or under a clarified prompt: their right answers are chosen where the subject
            refused. Of several the first that has one counts; right answers in other samples of the runs themselves come last.
        against: what the result is to be measured on: bundled suites, files and folders. None takes `HELD_OUT_SUITES` without
            those that the runs are of.
        seed: of the thinning.
        on_progress: told how far it is.

    Raises:
        UsageError: no run is named. DataError: a run or a suite cannot be read, or one of the two sides has no pair.
    """
    if not paths:
        raise UsageError("found no run; expected one or more: demur tune pairs RUN -o pairs.jsonl")
    runs, teachers = [open_run(path) for path in paths], [open_run(path) for path in answers]
    talks = [talk for run in runs for talk in read_talks(run.results)]
    known = gather_answers([*((run.record.subject.model, read_talks(run.results)) for run in teachers), ("own", talks)])
    made = pair_talks(
        talks,
        known,
        runs=tuple(map(describe_run, runs)),
        answers=tuple(map(describe_run, teachers)),
        against=against,
        seed=seed,
        on_progress=on_progress,
    )
    _check_sides(made)
    return made


def pair_talks(
    talks: Sequence[Sequence[Result]],
    known: Mapping[QuestionKey, Answer],
    *,
    runs: tuple[Source, ...],
    answers: tuple[Source, ...] = (),
    against: Sequence[str] | None = None,
    seed: int = 0,
    on_progress: Tell = lambda *_: None,
) -> Pairing:
    """Make preference pairs of conversations, wherever they are from; one side may be empty.

    Args:
        talks: each turn by turn.
        known: right answers by the question.
        runs: where the conversations are from.
        answers: where the answers are from.
        against: as in `pair_runs`.
        seed: likewise.
        on_progress: likewise.

    Raises:
        DataError: a suite cannot be read.
    """
    held = _default_against({talk[0].case.suite for talk in talks}) if against is None else tuple(against)
    held_out = _read_held_out(held)
    judge = default_judge()
    pairs, left_out = _pair_talks(talks, known, judge, on_progress)
    sifted = sift(pairs, held_out, judge, seed=seed, on_progress=lambda n: on_progress("judged", n, len(pairs)))
    return Pairing(
        pairs=sifted.pairs,
        left_out=(*left_out, *sifted.left_out),
        warnings=sifted.warnings,
        runs=runs,
        answers=answers,
        against=held,
        judge=f"{judge.name} {judge.version}",
        seed=seed,
    )


def describe_run(run: Run) -> Source:
    """Say where pairs of a run, or answers out of it, are from."""
    subject = run.record.subject
    suites = tuple(sorted({result.case.suite for result in run.results}))
    return Source(str(run.path), subject.model, subject.system, suites, run.record.status == "complete")


def write_pairing(made: Pairing, path: Path) -> Path:
    """Write pairs, and beside them where they came from, and say where that is.

    Raises:
        UsageError: there is a folder of that name. IncompleteError: it cannot be written there.
    """
    beside = path.with_suffix(".card.json")
    plain = {
        "schema_version": SCHEMA_VERSION,
        "runs": [to_plain(one) for one in made.runs],
        "answers": [to_plain(one) for one in made.answers],
        "against": made.against,
        "judge": made.judge,
        "seed": made.seed,
        **to_plain(card_of(made.pairs)),
        "left_out": made.reasons,
    }
    write_pairs(path, made.pairs)
    write_file(beside, json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    return beside


def check_out(path: Path) -> None:
    """Raise UsageError unless pairs can be written to a file of that name."""
    if path.suffix.lower() not in LINES:
        raise UsageError(f"{path}: found suffix '{path.suffix}'; expected one of {', '.join(LINES)}")
    if path.is_dir():
        raise UsageError(f"{path}: is a folder; expected the name of a file")


def lint_file(
    path: Path, *, against: Sequence[str] | None = None, on_progress: Tell = lambda *_: None
) -> tuple[int, list[Finding]]:
    """Find the faults of a file of pairs, demur's or anybody's.

    Args:
        path: the file.
        against: as in `pair_runs`; None goes by the suites that the pairs say they come from.
        on_progress: told how far it is.

    Returns:
        How many pairs it holds, and what is wrong: first with each, then with all of them.

    Raises:
        DataError: it cannot be read, or a suite cannot.
    """
    pairs = read_pairs(path)
    suites = {pair.source.rpartition(":")[0] for pair in pairs}
    held_out = _read_held_out(_default_against(suites) if against is None else against)
    findings = lint_each(pairs, default_judge(), on_progress=lambda n: on_progress("judged", n, len(pairs)))
    return len(pairs), [*findings, *lint_all(pairs, held_out)]


def _pair_talks(
    talks: Sequence[Sequence[Result]], answers: Mapping[QuestionKey, Answer], judge: Judge, on_progress: Tell
) -> tuple[list[Pair], list[LeftOut]]:
    shown = [diagnose(talk) for talk in talks]
    left_out = [one for one in shown if isinstance(one, LeftOut)]
    diagnoses = [one for one in shown if isinstance(one, Diagnosis)]
    pairs: list[Pair] = []
    for start in range(0, len(diagnoses), _CHUNK):
        chunk = diagnoses[start : start + _CHUNK]
        made, unmade = make_pairs(chunk, answers, judge)
        pairs += made
        left_out += unmade
        on_progress("paired", start + len(chunk), len(diagnoses))
    return pairs, left_out


def _check_sides(made: Pairing) -> None:
    n_harmful, n_harmless = count_sides(made.pairs)
    if n_harmful and n_harmless:
        return
    reasons = "; ".join(f"{why}: {n:,}" for why, n in made.reasons.items()) or "nothing was left out"
    raise DataError(
        f"{', '.join(one.path for one in made.runs)}: found {n_harmful:,} pairs of harmful prompts and {n_harmless:,} of "
        f"harmless ones; expected both ({reasons}); add a run with the other side, or right answers with --answers"
    )


def _default_against(suites: Collection[str]) -> tuple[str, ...]:
    """Give the held-out suites that none of the suites is, nor is made of."""
    own = {*suites, *(_OWNERS[name] for name in suites if name in _OWNERS)}
    return tuple(name for name in HELD_OUT_SUITES if name not in own)


def _read_held_out(names: Sequence[str]) -> list[Document]:
    """Read what is held out; a folder that is called like a suite is not meant by the suite's name, ./NAME is."""
    documents: list[Document] = []
    for name in names:
        if name not in BUNDLED_SUITES:
            documents += read_documents(list_files(Path(name))[0])
            continue
        plan = plan_cases(name)
        documents += [
            Document(f"{case.suite}:{case.id}", text)
            for case in plan.cases
            for text in texts_of_case(case, plan.scripts.get((case.suite, case.id)))
        ]
    return documents
