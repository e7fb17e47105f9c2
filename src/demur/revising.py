"""The verb behind ``demur tune constitution``: faulty replies of a run rewritten by principles, and pairs made of them.

The model that reviews and rewrites is asked in check-ups of its own, which lie in ``OUT.work``: what it has answered once is not asked
again, whether the command was interrupted, some questions failed, or a principle was changed.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from demur.checkup import CheckProgress, check_cases
from demur.engine.settings import EngineSettings
from demur.errors import DataError, IncompleteError, UsageError
from demur.findings import Run, judge_info, open_run
from demur.judge import default_judge
from demur.judge.newspaper import ask_newspaper, read_newspaper
from demur.output import open_part, write_file
from demur.pairing import check_out
from demur.records import SCHEMA_VERSION, to_plain
from demur.run import RunFolder
from demur.tune.constitution import Constitution, choose_principles, read_constitution
from demur.tune.critique import ask_critique, ask_revision, read_revision
from demur.tune.diagnosis import Diagnosis
from demur.tune.faulty_reply import find_faulty_replies, marks_of, name_of
from demur.tune.pair import Fault, Pair, write_pairs
from demur.tune.revision import Moved, Revision, measure_mending, measure_principles, pairs_of
from demur.types import Case, Decoding, Estimate, Newspaper, Reply, Result, Turn

__all__ = ["TRIES", "Revised", "revise_run"]

TRIES = 3
"""Principles that are tried on a reply at most."""
_DECODING = Decoding(max_tokens=2048)
"""Greedy; a model that thinks first spends its thoughts from the same tokens."""
_SUFFIX_OF_WORK, _SUFFIX_OF_RECORD = ".work", ".principles.json"

Watch = Callable[[str], AbstractContextManager[Callable[[CheckProgress], None]]]
"""Opened for each round of questions, under its name; what it gives is told how far that round is."""


@dataclass(frozen=True)
class Revised:
    """What came of the faulty replies of a run."""

    run: str
    subject: str
    """Whose replies they are."""
    model: str
    """Who rewrote them."""
    judge: str
    """Name and version."""
    constitution: str
    """Where it was read from."""
    fingerprint: str
    """Of the constitution."""
    n_replies: int
    """Faulty replies."""
    n_pairs: int
    n_lost: int
    """Revisions that could not be had because the model gave no answer."""
    mended: Mapping[Fault, Estimate]
    """By fault: the replies that got a revision that is right."""
    principles: tuple[Moved, ...]
    failures: tuple[str, ...]
    """Why answers are missing, each reason once."""


@contextmanager
def _unwatched(_: str) -> Iterator[Callable[[CheckProgress], None]]:
    yield lambda _: None


def revise_run(
    path: str | Path,
    model: str,
    out: Path,
    *,
    constitution: Path | None = None,
    settings: EngineSettings | None = None,
    watch: Watch = _unwatched,
) -> Revised:
    """Rewrite the faulty replies of a run by principles, and write pairs of them.

    Each reply is reviewed and rewritten by the principle that fits its fault best, and by up to `TRIES` until the judge finds the
    revision right and neither of two reporters objects to it; the model that rewrites is asked for both reporters.

    Args:
        path: the run, as `demur.findings.open_run` takes it.
        model: who reviews and rewrites; any model of Inspect.
        out: file of the pairs; what the principles did goes into a file beside it. Without a pair none is written.
        constitution: file of the principles; None takes the one that ships with demur.
        settings: how many questions at a time, how patiently.
        watch: see `Watch`.

    Raises:
        UsageError: the model cannot be asked, the pairs cannot be there, or the run was judged by another judge.
        DataError: the run or the constitution cannot be read, or there is no faulty reply that a principle is for.
        IncompleteError: the work was interrupted, or the model's endpoint gave out; the same call goes on from there.
    """
    _check_place(out)
    rules = read_constitution(constitution)
    run = open_run(path)
    faulty = _find_faulty(run, rules)
    with open_part(out):  # held from the beginning: no other process works on it, and it can be written
        role = _Role(model, _beside(out, _SUFFIX_OF_WORK), settings, watch)
        revisions = _revise_all(faulty, rules, role)
        pairs = pairs_of(revisions, model=model, judge=default_judge())
        judge = run.record.judge
        found = Revised(
            run=str(path),
            subject=run.record.subject.model,
            model=model,
            judge=f"{judge.name} {judge.version}",
            constitution=rules.where,
            fingerprint=rules.fingerprint,
            n_replies=len(faulty),
            n_pairs=len(pairs),
            n_lost=sum(revision.is_lost for revision in revisions),
            mended=measure_mending(revisions),
            principles=measure_principles(rules, revisions),
            failures=tuple(dict.fromkeys(role.failures)),
        )
        _write(found, revisions, pairs, out)
    return found


def _check_place(out: Path) -> None:
    check_out(out)
    if RunFolder(out.parent).record_path.exists():
        raise UsageError(f"{out}: lies in the folder of a run; choose another -o")


def _find_faulty(run: Run, rules: Constitution) -> tuple[Diagnosis, ...]:
    here, judged = judge_info(), run.record.judge
    if (here.name, here.version) != (judged.name, judged.version):
        raise UsageError(
            f"{run.path}: was judged by {judged.name} {judged.version}, and revisions are judged by {here.name} {here.version}: "
            "check again with this version"
        )
    found = find_faulty_replies(run.results)
    mended = {fault for principle in rules.principles for fault in principle.mends}
    fitting = tuple(reply for reply in found if reply.fault in mended)
    if not fitting:
        what = f"only faults that no principle of {rules.where} mends" if found else "no faulty reply"
        raise DataError(f"{run.path}: has {what}; expected missed harm, wrong or ugly refusals among its replies")
    return fitting


class _Role:
    """The model that reviews and rewrites, asked in check-ups whose replies are kept."""

    def __init__(self, model: str, work: Path, settings: EngineSettings | None, watch: Watch) -> None:
        self._model, self._work, self._settings, self._watch = model, work, settings, watch
        self._known = dict(_read_answers(work, model))
        self.failures: list[str] = []

    def ask(self, what: str, cases: Sequence[Case]) -> dict[str, Reply]:
        """Put questions, those that have not been answered before.

        Returns:
            The answer to each case by its id; one that failed has none.

        Raises:
            UsageError: the model cannot be opened. IncompleteError: it stopped before its time.
        """
        rest = [case for case in cases if case.turns not in self._known]
        if rest:
            self._ask(what, rest)
        return {case.id: self._known[case.turns] for case in cases if case.turns in self._known}

    def _ask(self, what: str, cases: Sequence[Case]) -> None:
        with self._watch(what) as on_progress:
            run = check_cases(
                self._model,
                cases,
                out=_new_folder(self._work, what),
                decoding=_DECODING,
                settings=self._settings,
                on_progress=on_progress,
            )
        if run.problem is not None:
            raise IncompleteError(
                f"{run.problem}; what {self._model} has answered is kept in {self._work}: the same command goes on from there"
            )
        self.failures += run.record.failures
        self._known |= _answers(run.results)


def _read_answers(work: Path, model: str) -> Iterator[tuple[tuple[Turn, ...], Reply]]:
    """Give what a model has answered before, by the conversation that it answered."""
    for path in sorted(work.glob("*/results.jsonl")):
        folder = RunFolder(path.parent)
        subject = folder.read_record().subject
        if (subject.model, subject.decoding) == (model, _DECODING):
            yield from _answers(folder.read_results()).items()


def _answers(results: Iterable[Result]) -> dict[tuple[Turn, ...], Reply]:
    return {result.case.turns: result.reply for result in results if result.reply is not None}


def _new_folder(work: Path, what: str) -> Path:
    return next(path for n in count(1) if not (path := work / f"{what.replace(' ', '-')}-{n}").exists())


def _revise_all(faulty: Sequence[Diagnosis], rules: Constitution, role: _Role) -> list[Revision]:
    """Revise every reply until a revision of it is kept, or there is no other principle to try."""
    plans = [
        (reply, choose_principles(rules, reply.fault, marks=marks_of(reply), name=name_of(reply))) for reply in faulty
    ]
    revisions: list[Revision] = []
    for number in range(TRIES):
        kept = {name_of(revision.faulty) for revision in revisions if revision.is_kept}
        tries = [
            Revision(reply, principles[number])
            for reply, principles in plans
            if name_of(reply) not in kept and number < len(principles)
        ]
        revisions += _hear_reporters(_judge(_revise(tries, role, number + 1)), role, number + 1)
    return revisions


def _revise(tries: Sequence[Revision], role: _Role, number: int) -> list[Revision]:
    """Have each reply reviewed, and rewritten by what the review found."""
    asked = {_name(one): ask_critique(one.faulty.turns, one.faulty.text, one.principle) for one in tries}
    critiques = role.ask(f"critique {number}", _cases("critique", asked))
    rewriting = {
        name: ask_revision(asked[name], critiques[name].text, one.principle)
        for one in tries
        if (name := _name(one)) in critiques and critiques[name].text.strip()
    }
    answers = role.ask(f"revision {number}", _cases("revision", rewriting))
    return [_read(one, critiques.get(_name(one)), answers.get(_name(one))) for one in tries]


def _read(asked: Revision, critique: Reply | None, answer: Reply | None) -> Revision:
    if critique is not None and not critique.text.strip():
        return replace(asked, note="the critique is empty")
    if answer is None:
        return replace(asked, note="the model gave no answer", is_lost=True)
    text = read_revision(answer)
    return replace(asked, text=text, note="no reply stands between the marks" if text is None else None)


def _judge(revisions: Sequence[Revision]) -> list[Revision]:
    """Judge each revision as the answer to what was asked at first."""
    readable = [one for one in revisions if one.text is not None]
    verdicts = default_judge().judge_many([(Reply(one.text or ""), one.faulty.turns) for one in readable])
    judged = dict(zip(map(_name, readable), verdicts, strict=True))
    return [replace(one, verdict=judged.get(_name(one))) for one in revisions]


def _hear_reporters(revisions: Sequence[Revision], role: _Role, number: int) -> list[Revision]:
    """Ask of the revisions that are right what two reporters would say; who cannot fill in the form says nothing."""
    right = {_name(one): (Reply(one.text or ""), one.faulty.turns) for one in revisions if one.is_right}
    asked = {name: ask_newspaper(reply, turns) for name, (reply, turns) in right.items()}
    answers = role.ask(f"newspaper {number}", _cases("newspaper", asked))
    heard = {
        name: read_newspaper(answers[name].text, reply, turns) if name in answers else Newspaper(note="no answer")
        for name, (reply, turns) in right.items()
    }
    return [replace(one, newspaper=heard.get(_name(one))) for one in revisions]


def _name(revision: Revision) -> str:
    return f"{name_of(revision.faulty)}/{revision.principle.id}"


def _cases(suite: str, conversations: Mapping[str, Sequence[Turn]]) -> list[Case]:
    """Make cases of conversations that end in a question; each is to be answered."""
    return [Case(name, tuple(turns), "comply", suite=suite) for name, turns in conversations.items()]


def _write(found: Revised, revisions: Sequence[Revision], pairs: Sequence[Pair], out: Path) -> None:
    plain = {"schema_version": SCHEMA_VERSION, **to_plain(found), "revisions": [*map(_plain, revisions)]}
    text = json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    write_file(_beside(out, _SUFFIX_OF_RECORD), text)
    if pairs:
        write_pairs(out, pairs)


def _plain(revision: Revision) -> dict[str, Any]:
    """Describe a revision without its text: what is not right may hold harm, and what is right stands in its pair."""
    verdict = revision.verdict
    return {
        "reply": name_of(revision.faulty),
        "fault": revision.faulty.fault,
        "principle": revision.principle.id,
        "outcome": None if verdict is None else verdict.outcome,
        "is_right": revision.is_right,
        "is_heard": None if revision.newspaper is None else not revision.is_unheard,
        "objections": list(revision.objections),
        "note": revision.note,
    }


def _beside(out: Path, suffix: str) -> Path:
    return out.with_name(f"{out.name}{suffix}")
